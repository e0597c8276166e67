//! Fetches that close a gap in the log: one at a time, with backoff.

use super::{backoff::full_jitter, cursor::Need};

/// Failures after which the whole board is fetched instead of events.
const EVENT_TRIES: u32 = 3;
/// Failures after which the connection counts as broken.
const TRIES: u32 = 6;
/// Minimum time between two fetches of the whole board, in milliseconds: an unreadable frame must not make every client
/// fetch in a loop.
const BOARD_SPACING_MS: u64 = 2_000;

/// The fetch under way, or the wait for the next. Times are in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CatchUp {
    under_way: bool,
    failures: u32,
    not_before: u64,
    no_board_before: u64,
}

impl CatchUp {
    /// Starts a fetch, if one is due. The caller reports its outcome.
    pub(super) fn begin(&mut self, need: Option<Need>, now: u64) -> Option<Need> {
        let need = match need? {
            Need::Events if self.failures < EVENT_TRIES => Need::Events,
            _ => Need::Snapshot,
        };
        if self.under_way || now < self.not_before || (need == Need::Snapshot && now < self.no_board_before) {
            return None;
        }
        self.under_way = true;
        if need == Need::Snapshot {
            self.no_board_before = now + BOARD_SPACING_MS;
        }
        Some(need)
    }

    /// When a fetch that is needed from `need_at` on can start; `board` tells whether it is for the whole board.
    pub(super) fn wake_at(&self, need_at: Option<u64>, board: bool) -> Option<u64> {
        let spacing = if board || self.failures >= EVENT_TRIES { self.no_board_before } else { 0 };
        need_at.filter(|_| !self.under_way).map(|at| at.max(self.not_before).max(spacing))
    }

    /// The fetch succeeded.
    pub(super) fn done(&mut self) {
        self.under_way = false;
        self.failures = 0;
    }

    /// The fetch failed. Returns true after too many failures: the connection is broken.
    pub(super) fn failed(&mut self, now: u64, random: u64) -> bool {
        self.under_way = false;
        self.not_before = now + full_jitter(self.failures, random);
        self.failures += 1;
        let broken = self.failures >= TRIES;
        if broken {
            self.failures = 0;
        }
        broken
    }
}
