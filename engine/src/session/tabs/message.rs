//! What tabs say to each other.

use serde::{Deserialize, Serialize};

use super::{ABNORMAL, Line, LineEffect, Role};
use crate::{
    TabId, TaskId,
    wire::{ClientFrame, PresenceMode},
};

/// What one tab says to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub from: TabId,
    /// To whom; without one, to all.
    pub to: Option<TabId>,
    /// What.
    pub said: Said,
}

/// What a [`Message`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
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

impl Line {
    /// Another tab says something.
    pub(super) fn heard(&mut self, from: TabId, said: Said, effects: &mut Vec<LineEffect>) {
        let leading = self.role == Role::Leading;
        let following = self.role == Role::Following;
        if !matches!(said, Said::Gone) && self.peers.meet(from) {
            effects.push(LineEffect::Watch(from));
            self.post(Some(from), Said::Here { visible: self.hidden_since.is_none() }, effects);
        }
        match said {
            Said::Here { visible } => self.peers.see(from, visible),
            Said::Gone => self.forget(from, effects),
            Said::Attach if leading && self.socket => effects.push(LineEffect::Greet(from)),
            Said::Attach if leading => self.post(Some(from), Said::Closed(ABNORMAL), effects),
            Said::Opening if following => self.answer.came(),
            Said::Frame(text) if following && self.attached => {
                self.answer.came();
                effects.push(LineEffect::Frame(text));
            }
            // There is a connection again, earlier than this session would have looked, or its user is signed in again.
            Said::Frame(_) if following || self.ended => effects.push(LineEffect::Woken),
            Said::Closed(code) if following && self.attached => {
                self.answer.came();
                self.attached = false;
                effects.push(LineEffect::Closed(code));
            }
            Said::Ping if leading && self.socket => effects.push(LineEffect::Write(ClientFrame::Ping)),
            Said::Wake if leading && !self.is_connected() => effects.push(LineEffect::Woken),
            Said::Retry if leading && !self.is_connected() => effects.push(LineEffect::Retry),
            Said::Doing { task_id, mode } => self.does(from, ClientFrame::Presence { task_id, mode }, effects),
            Said::Scope(frame) if leading => self.write(from, frame, effects),
            Said::Lead if following => effects.push(LineEffect::Ask { steal: true }),
            _ => {}
        }
    }

    pub(super) fn post(&self, to: Option<TabId>, said: Said, effects: &mut Vec<LineEffect>) {
        if self.role != Role::Alone {
            effects.push(LineEffect::Post(to, said));
        }
    }
}
