//! A socket that has brought no frame yet, and how long a user who waits for it puts up with that.

use super::FIRST_FRAME_MS;

/// How long a socket may be silent before a user who waits gets another one, in milliseconds.
const PATIENCE_MS: u64 = 1_000;

/// The silence of one socket since it was opened. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    /// When it hangs.
    hangs_at: u64,
    /// Doubles with each socket that replaces one, so that impatience does not keep a slow network from connecting.
    patience: u64,
    /// Whether a user waits for it.
    awaited: bool,
}

impl Silence {
    /// A socket is opened.
    pub(super) fn new(now: u64) -> Self {
        Self::with(PATIENCE_MS, now)
    }

    /// Another one is opened in its place.
    pub(super) fn next(self, now: u64) -> Self {
        Self::with((2 * self.patience).min(FIRST_FRAME_MS), now)
    }

    fn with(patience: u64, now: u64) -> Self {
        Self { hangs_at: now.saturating_add(patience), patience, awaited: false }
    }

    /// The user wants to be connected now.
    pub(super) fn user_waits(&mut self) {
        self.awaited = true;
    }

    /// Whether it has been silent for longer than most sockets take.
    pub(super) fn hangs(&self, now: u64) -> bool {
        self.hangs_at <= now
    }

    /// When another socket takes its place. `None` while nobody waits for it.
    pub(super) fn replaced_at(self) -> Option<u64> {
        self.awaited.then_some(self.hangs_at)
    }
}
