//! What a line makes of what other tabs say, and what it says to them.

use super::{ABNORMAL, SharedSocket, SharedSocketEffect, TabMessage, TabRole};
use crate::{TabId, wire::ClientFrame};

impl SharedSocket {
    /// Another tab says something.
    pub(super) fn heard(&mut self, from: TabId, said: TabMessage, effects: &mut Vec<SharedSocketEffect>) {
        let leading = self.role == TabRole::Leading;
        let following = self.role == TabRole::Following;
        if !matches!(said, TabMessage::Gone) && self.peers.meet(from) {
            effects.push(SharedSocketEffect::Watch(from));
            self.post(Some(from), TabMessage::Here { visible: self.hidden_since.is_none() }, effects);
        }
        match said {
            TabMessage::Here { visible } => self.peers.see(from, visible),
            TabMessage::Gone => self.forget(from, effects),
            TabMessage::Attach if leading && self.socket => effects.push(SharedSocketEffect::Greet(from)),
            TabMessage::Attach if leading => self.post(Some(from), TabMessage::Closed(ABNORMAL), effects),
            TabMessage::Opening if following => self.answer.came(),
            TabMessage::Frame(text) if following && self.attached => {
                self.answer.came();
                effects.push(SharedSocketEffect::Frame(text));
            }
            // There is a connection again, earlier than this session would have looked, or its user is signed in again.
            TabMessage::Frame(_) if following || self.ended => effects.push(SharedSocketEffect::Woken),
            TabMessage::Closed(code) if following && self.attached => {
                self.answer.came();
                self.attached = false;
                effects.push(SharedSocketEffect::Closed(code));
            }
            TabMessage::Ping if leading && self.socket => effects.push(SharedSocketEffect::Write(ClientFrame::Ping)),
            TabMessage::Wake if leading && !self.is_connected() => effects.push(SharedSocketEffect::Woken),
            TabMessage::Retry if leading && !self.is_connected() => effects.push(SharedSocketEffect::Retry),
            TabMessage::Doing { task_id, mode } => self.does(from, ClientFrame::Presence { task_id, mode }, effects),
            TabMessage::Scope(frame) if leading => self.write(from, frame, effects),
            TabMessage::Lead if following => effects.push(SharedSocketEffect::Ask { steal: true }),
            _ => {}
        }
    }

    pub(super) fn post(&self, to: Option<TabId>, said: TabMessage, effects: &mut Vec<SharedSocketEffect>) {
        if self.role != TabRole::Alone {
            effects.push(SharedSocketEffect::Post(to, said));
        }
    }
}
