//! What a line makes of what other tabs say, and what it says to them.

use super::{ABNORMAL, Line, LineEffect, Role, Said};
use crate::{TabId, wire::ClientFrame};

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
