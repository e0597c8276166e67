//! Polls in place of a socket: when the next is due, and what the last ones say about the network.

use crate::session::backoff::full_jitter;

/// Minimum wait for the first poll after a live connection broke, in milliseconds: most clients are back by then, and
/// those of a server that went away should not all ask it twice.
const FIRST_MS: u64 = 1_000;
/// The same for a new page, in milliseconds.
const FIRST_OF_PAGE_MS: u64 = 2_000;
/// How often a hidden page polls, in milliseconds.
const HIDDEN_MS: u64 = 30_000;
/// How often an Offline page polls, in milliseconds.
const OFFLINE_MS: u64 = super::PROBE_MS;
/// Minimum time between two polls, in milliseconds, whatever wakes the page.
const SPACING_MS: u64 = 1_000;
/// Sockets that have to fail, while requests are answered, before sockets count as blocked.
const BLOCKED: u8 = 2;
/// Consecutive failed requests before the server counts as unreachable.
const CUT_OFF: u32 = 2;

/// What the last request showed about the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// No request since the last live socket.
    Unknown,
    Works,
    Fails,
}

/// The polls of one connection. Times are in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Polls {
    /// How often a visible page polls.
    pub(super) pace: u64,
    pub(super) hidden: bool,
    pub(super) due: u64,
    pub(super) reach: Reach,
    /// When the last request succeeded or failed.
    last: u64,
    /// Consecutive failed requests.
    failures: u32,
    /// Sockets that failed while requests were answered, since the last stable one.
    blocked: u8,
}

impl Polls {
    pub(super) fn new(now: u64, pace: u64) -> Self {
        let due = now.saturating_add(FIRST_OF_PAGE_MS);
        Self { pace, hidden: false, due, reach: Reach::Unknown, last: 0, failures: 0, blocked: 0 }
    }

    pub(super) fn expect_blocked(&mut self) {
        (self.blocked, self.due) = (BLOCKED, 0);
    }

    /// Starts over at `now`: a live connection broke, or another one begins.
    pub(super) fn begin(&mut self, now: u64, random: u64) {
        let due = now.saturating_add(FIRST_MS + random % (2 * FIRST_MS));
        *self = Self { due, hidden: self.hidden, last: self.last, ..Self::new(now, self.pace) };
    }

    /// Records an answered request. True if the previous one failed, or there was none.
    pub(super) fn answered(&mut self, now: u64, random: u64) -> bool {
        let pace = if self.hidden { self.pace.max(HIDDEN_MS) } else { self.pace };
        self.due = now.saturating_add(pace + random % (pace / 4).max(1));
        (self.failures, self.last) = (0, now);
        std::mem::replace(&mut self.reach, Reach::Works) != Reach::Works
    }

    /// Records a failed request.
    pub(super) fn failed(&mut self, offline: bool, now: u64, random: u64) {
        let wait = if offline { OFFLINE_MS } else { SPACING_MS + full_jitter(self.failures, random) };
        self.due = now.saturating_add(wait);
        (self.reach, self.last) = (Reach::Fails, now);
        self.failures = self.failures.saturating_add(1);
    }

    /// Records a failed socket that was not stable.
    pub(super) fn closed(&mut self) {
        if self.reach == Reach::Works {
            self.blocked = self.blocked.saturating_add(1);
        }
    }

    /// Records a socket that never delivered a frame.
    pub(super) fn silent(&mut self) {
        if self.reach == Reach::Works {
            self.blocked = BLOCKED;
        }
    }

    /// Forgets the last request's outcome when a live socket breaks. An earlier answer says nothing about the network now:
    /// if the server is gone, the next socket fails too, and sockets would count as blocked.
    pub(super) fn forget_reach(&mut self) {
        self.reach = Reach::Unknown;
    }

    /// Polls as soon as allowed: the user has returned.
    pub(super) fn poll_soon(&mut self, now: u64) {
        self.due = self.due.min(now.max(self.last.saturating_add(SPACING_MS)));
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked >= BLOCKED
    }

    pub(super) fn is_cut_off(&self) -> bool {
        self.failures >= CUT_OFF
    }
}

#[cfg(test)]
mod tests;
