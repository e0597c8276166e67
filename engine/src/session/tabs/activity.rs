//! The presence of all tabs, merged into what one socket reports.

use super::{SharedSocket, SharedSocketEffect, TabMessage, TabRole};
use crate::{
    TabId,
    sorted::SortedMap,
    wire::{ClientFrame, PresenceMode},
};

/// Each tab's presence. The socket reports that of the busiest tab, the latest of several.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    /// Each tab's frame, with the order in which they came.
    tabs: SortedMap<TabId, (ClientFrame, u64)>,
    count: u64,
    /// The frame that the socket was sent last.
    sent: Option<ClientFrame>,
}

impl Activity {
    /// Records a tab's presence.
    pub(super) fn begin(&mut self, tab: TabId, what: ClientFrame) {
        self.count += 1;
        self.tabs.insert(tab, (what, self.count));
    }

    /// Removes a tab that is gone.
    pub(super) fn end(&mut self, tab: TabId) {
        self.tabs.remove(&tab);
    }

    /// The presence of one tab.
    pub(super) fn of(&self, tab: TabId) -> Option<&ClientFrame> {
        self.tabs.get(&tab).map(|(what, _)| what)
    }

    /// Forgets what was sent: there is a new socket.
    pub(super) fn reset_sent(&mut self) {
        self.sent = None;
    }

    /// The frame to send now, if it was not sent before.
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
    /// Handles a frame that the session sends.
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
