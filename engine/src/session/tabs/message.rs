//! What tabs say to each other.

use serde::{Deserialize, Serialize};

use crate::{
    TabId, TaskId,
    wire::{ClientFrame, PresenceMode},
};

/// What one tab says to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabEnvelope {
    /// Who says it.
    pub from: TabId,
    /// To whom; without one, to all.
    pub to: Option<TabId>,
    /// What.
    pub said: TabMessage,
}

/// What a [`TabEnvelope`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TabMessage {
    /// A tab came, was shown, or was hidden.
    Here {
        /// Whether somebody can see it.
        visible: bool,
    },
    /// A tab goes.
    Gone,
    /// A tab wants to be connected.
    Attach,
    /// The leader's answer while the socket is being opened.
    Opening,
    /// The leader's socket said this.
    Frame(String),
    /// The leader's socket was closed, or is.
    Closed(u16),
    /// A tab asks whether the socket is alive.
    Ping,
    /// The user of a tab has come back.
    Wake,
    /// The user of a tab wants to be connected now.
    Retry,
    /// What the user of a tab does.
    Doing {
        /// At which task.
        task_id: Option<TaskId>,
        /// What.
        mode: PresenceMode,
    },
    /// A tab subscribes to something on the socket, or no longer.
    Scope(ClientFrame),
    /// The leader wants another tab to take the lock.
    Lead,
}
