//! Messages between tabs.

use serde::{Deserialize, Serialize};

use crate::{
    TabId, TaskId,
    wire::{ClientFrame, PresenceMode},
};

/// A message from one tab to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabEnvelope {
    /// The sender.
    pub from: TabId,
    /// The recipient; `None` for all tabs.
    pub to: Option<TabId>,
    /// The message.
    pub said: TabMessage,
}

/// Content of a [`TabEnvelope`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TabMessage {
    /// A tab opened, was shown, or was hidden.
    Here {
        /// Whether it is visible.
        visible: bool,
    },
    /// A tab closes.
    Gone,
    /// A tab's session wants a socket.
    Attach,
    /// The leader's answer while the socket is being opened.
    Opening,
    /// The leader's socket delivered this frame.
    Frame(String),
    /// The leader's socket was closed, or is.
    Closed(u16),
    /// A tab's session pings the socket.
    Ping,
    /// The user has returned to a tab.
    Wake,
    /// The user of a tab wants to be connected now.
    Retry,
    /// A tab's presence.
    Doing {
        /// The task, if any.
        task_id: Option<TaskId>,
        /// The kind of activity.
        mode: PresenceMode,
    },
    /// A tab subscribes to a scope, or unsubscribes.
    Scope(ClientFrame),
    /// The leader asks another tab to take the lock.
    Lead,
}
