//! What the users of all tabs do, as far as one socket can tell of it.

use std::collections::BTreeMap;

use super::{SharedSocket, SharedSocketEffect, TabMessage, TabRole};
use crate::{
    TabId,
    wire::{ClientFrame, PresenceMode},
};

/// What each tab's user does. One socket tells of one thing: that of the busiest tab, and among those of the latest.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    /// With the order in which they began.
    tabs: BTreeMap<TabId, (ClientFrame, u64)>,
    count: u64,
    /// What the socket was last told.
    sent: Option<ClientFrame>,
}

impl Activity {
    /// A tab's user does something else.
    pub(super) fn begin(&mut self, tab: TabId, what: ClientFrame) {
        self.count += 1;
        self.tabs.insert(tab, (what, self.count));
    }

    /// A tab is gone.
    pub(super) fn end(&mut self, tab: TabId) {
        self.tabs.remove(&tab);
    }

    /// What the user of a tab does.
    pub(super) fn of(&self, tab: TabId) -> Option<&ClientFrame> {
        self.tabs.get(&tab).map(|(what, _)| what)
    }

    /// There is a new socket, which was told nothing.
    pub(super) fn reset_sent(&mut self) {
        self.sent = None;
    }

    /// What the socket is to be told now, if it has not been.
    pub(super) fn next_frame(&mut self) -> Option<ClientFrame> {
        let busy = |frame: &ClientFrame| match frame {
            ClientFrame::Presence { mode: PresenceMode::Drag, .. } => 3,
            ClientFrame::Presence { mode: PresenceMode::Edit, .. } => 2,
            ClientFrame::Presence { task_id: Some(_), .. } => 1,
            _ => 0,
        };
        let (busiest, _) = self.tabs.values().max_by_key(|(frame, since)| (busy(frame), *since))?;
        if self.sent.as_ref() == Some(busiest) {
            return None;
        }
        self.sent = Some(busiest.clone());
        self.sent.clone()
    }
}

impl SharedSocket {
    /// The session has something to say on its socket.
    pub(super) fn send(&mut self, frame: ClientFrame, effects: &mut Vec<SharedSocketEffect>) {
        match frame {
            ClientFrame::Presence { task_id, mode } => {
                self.set_activity(self.me, frame, effects);
                if self.role == TabRole::Following {
                    self.post(None, TabMessage::Doing { task_id, mode }, effects);
                }
            }
            ClientFrame::Subscribe { .. } | ClientFrame::Unsubscribe { .. } if self.role == TabRole::Following => {
                self.post(None, TabMessage::Scope(frame), effects);
            }
            ClientFrame::Subscribe { .. } | ClientFrame::Unsubscribe { .. } => self.write(self.me, frame, effects),
            frame if self.socket => effects.push(SharedSocketEffect::Write(frame)),
            ClientFrame::Ping if self.role == TabRole::Following => self.post(None, TabMessage::Ping, effects),
            // The leader answers for all.
            _ => {}
        }
    }

    pub(super) fn set_activity(&mut self, tab: TabId, what: ClientFrame, effects: &mut Vec<SharedSocketEffect>) {
        self.activity.begin(tab, what);
        self.send_activity(effects);
    }

    pub(super) fn send_activity(&mut self, effects: &mut Vec<SharedSocketEffect>) {
        if self.is_connected() {
            effects.extend(self.activity.next_frame().map(SharedSocketEffect::Write));
        }
    }
}
