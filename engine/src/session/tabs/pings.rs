//! The unanswered pings that the leader sent for other tabs. Its own session does not know of them, and a hidden one
//! sends none: without this record, a tab that has given up a dead socket would be greeted from it again.

use super::SharedSocket;
use crate::{
    TabId,
    session::connection::{DOUBT_MS, IN_FLIGHT_MS},
    sorted::SortedMap,
    wire::ServerFrame,
};

/// When each tab's oldest unanswered ping was sent, in milliseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct UnansweredPings(SortedMap<TabId, u64>);

impl UnansweredPings {
    /// Forgets all: they went to a previous socket.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Records a ping of `tab`.
    pub(super) fn sent(&mut self, tab: TabId, now: u64) {
        self.0.get_or_insert_with(tab, || now);
    }

    /// Records a frame. One soon after the ping may have been sent before the network broke, unless it is the answer.
    pub(super) fn frame_received(&mut self, text: &str, now: u64) {
        if self.0.is_empty() {
            return;
        }
        if matches!(ServerFrame::parse(text), Ok(ServerFrame::Pong)) {
            return self.clear();
        }
        self.0.retain(|_, sent_at| now < *sent_at + IN_FLIGHT_MS);
    }

    /// Whether the socket counts as dead when `tab` asks for it: this tab has given it up, or another's answer is
    /// overdue.
    fn is_given_up_by(&self, tab: TabId, now: u64) -> bool {
        self.0.contains_key(&tab) || self.0.values().any(|sent_at| *sent_at + DOUBT_MS <= now)
    }
}

impl SharedSocket {
    /// Whether this tab's socket is dead, as a tab that asks for it shows.
    pub(super) fn is_silent_for(&self, tab: TabId, now: u64) -> bool {
        self.socket && self.pings.is_given_up_by(tab, now)
    }
}
