//! The silence of a new socket, and when a waiting user gets another one.

use super::FIRST_FRAME_MS;

/// How long a socket may be silent before a waiting user gets another one, in milliseconds.
const PATIENCE_MS: u64 = 1_000;

/// The silence of one socket since it was opened. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    /// When the socket counts as hanging.
    hangs_at: u64,
    /// Doubles with each replacement, so that impatience does not keep a slow network from connecting.
    patience: u64,
    /// Whether a user waits for it.
    awaited: bool,
}

impl Silence {
    /// For a new socket.
    pub(super) fn new(now: u64) -> Self {
        Self::with(PATIENCE_MS, now)
    }

    /// For the socket that replaces this one.
    pub(super) fn next(self, now: u64) -> Self {
        Self::with((2 * self.patience).min(FIRST_FRAME_MS), now)
    }

    fn with(patience: u64, now: u64) -> Self {
        Self { hangs_at: now.saturating_add(patience), patience, awaited: false }
    }

    /// Records that the user waits for this socket.
    pub(super) fn user_waits(&mut self) {
        self.awaited = true;
    }

    /// Whether it has been silent for longer than most sockets need.
    pub(super) fn hangs(&self, now: u64) -> bool {
        self.hangs_at <= now
    }

    /// When another socket replaces it. `None` unless a user waits.
    pub(super) fn replaced_at(self) -> Option<u64> {
        self.awaited.then_some(self.hangs_at)
    }
}
