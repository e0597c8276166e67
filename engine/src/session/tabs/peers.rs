//! The other tabs of one connection, and their messages.

use super::{ABNORMAL, SharedSocket, SharedSocketEffect, TabMessage, TabRole};
use crate::{TabId, sorted::SortedSet, wire::ClientFrame};

/// The known other tabs.
#[derive(Clone, Debug, Default)]
pub(super) struct PeerTabs {
    known: SortedSet<TabId>,
    /// The visible ones.
    visible: SortedSet<TabId>,
}

impl PeerTabs {
    /// Records a tab. True if it was unknown.
    pub(super) fn meet(&mut self, tab: TabId) -> bool {
        self.known.insert(tab)
    }

    /// Records whether a tab is visible.
    pub(super) fn see(&mut self, tab: TabId, visible: bool) {
        if visible {
            self.visible.insert(tab);
        } else {
            self.visible.remove(&tab);
        }
    }

    /// Removes a tab that is gone.
    pub(super) fn forget(&mut self, tab: TabId) {
        self.known.remove(&tab);
        self.visible.remove(&tab);
    }

    /// A visible tab.
    pub(super) fn in_sight(&self) -> Option<TabId> {
        self.visible.first().copied()
    }
}

impl SharedSocket {
    /// Handles a message of another tab.
    pub(super) fn receive(
        &mut self,
        from: TabId,
        message: TabMessage,
        now: u64,
        effects: &mut Vec<SharedSocketEffect>,
    ) {
        let leading = self.role == TabRole::Leading;
        let following = self.role == TabRole::Following;
        if !matches!(message, TabMessage::Gone) && self.peers.meet(from) {
            effects.push(SharedSocketEffect::Watch(from));
            self.post(Some(from), TabMessage::Here { visible: self.hidden_since.is_none() }, effects);
        }
        match message {
            TabMessage::Here { visible } => self.peers.see(from, visible),
            TabMessage::Gone => self.forget(from, effects),
            TabMessage::Attach if leading && self.is_silent_for(from, now) => {
                self.attached = false;
                self.shut(effects);
                effects.push(SharedSocketEffect::Closed(ABNORMAL));
            }
            TabMessage::Attach if leading && self.socket => effects.push(SharedSocketEffect::Greet(from)),
            TabMessage::Attach if leading => self.post(Some(from), TabMessage::Closed(ABNORMAL), effects),
            TabMessage::Opening if following => self.answer.arrived(),
            TabMessage::Frame(text) if following && self.attached => {
                self.answer.arrived();
                effects.push(SharedSocketEffect::Frame(text));
            }
            // The leader is connected again, earlier than this session would have tried, or its user is signed in
            // again.
            TabMessage::Frame(_) if following || self.ended => effects.push(SharedSocketEffect::Woken),
            TabMessage::Closed(code) if following && self.attached => {
                self.answer.arrived();
                self.attached = false;
                effects.push(SharedSocketEffect::Closed(code));
            }
            TabMessage::Ping if leading && self.socket => {
                self.pings.sent(from, now);
                effects.push(SharedSocketEffect::Write(ClientFrame::Ping));
            }
            TabMessage::Wake if leading && !self.is_connected() => effects.push(SharedSocketEffect::Woken),
            TabMessage::Retry if leading && !self.is_connected() => effects.push(SharedSocketEffect::Retry),
            TabMessage::Doing { task_id, mode } => {
                self.set_activity(from, ClientFrame::Presence { task_id, mode }, effects)
            }
            TabMessage::Scope(frame) if leading => self.write(from, frame, effects),
            TabMessage::Lead if following => effects.push(SharedSocketEffect::Ask { steal: true }),
            _ => {}
        }
    }

    pub(super) fn post(&self, to: Option<TabId>, message: TabMessage, effects: &mut Vec<SharedSocketEffect>) {
        if self.role != TabRole::Alone {
            effects.push(SharedSocketEffect::Post(to, message));
        }
    }
}
