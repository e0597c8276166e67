//! When a room reads the log for what it missed: a little after it noticed, and ever rarer while that brings nothing.

use super::backoff::stepped;

/// Reads in a row that may bring nothing before an event is taken for one that never was.
const MAX_FRUITLESS: usize = 5;

/// The wait for the next read. Times are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct GapRepair {
    reorder: u64,
    /// When the next read is due, while something is missing.
    due: Option<u64>,
    failures: usize,
    fruitless: usize,
}

impl GapRepair {
    /// Nothing is missing. What comes to be is read `reorder` milliseconds later, if it has not come by then.
    pub(super) fn new(reorder: u64) -> Self {
        Self { reorder, due: None, failures: 0, fruitless: 0 }
    }

    /// Whether something is missing now.
    pub(super) fn watch(&mut self, gap: bool, now: u64) {
        if gap {
            self.due.get_or_insert(now + self.reorder);
        } else {
            *self = Self::new(self.reorder);
        }
    }

    /// Whether it is time for a read.
    pub(super) fn is_due(&self, now: u64) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// When it will be.
    pub(super) fn wake_at(&self) -> Option<u64> {
        self.due
    }

    /// A read brought something. If that was not all, the next one is due at once.
    pub(super) fn progressed(&mut self, now: u64) {
        self.done();
        self.due = Some(now);
    }

    /// A read brought all there is.
    pub(super) fn done(&mut self) {
        *self = Self::new(self.reorder);
    }

    /// A read failed.
    pub(super) fn failed(&mut self, now: u64, random: u64) {
        self.due = Some(now + stepped(self.failures, random));
        self.failures += 1;
    }

    /// A read brought nothing of what is missing. True when that was one time too many.
    pub(super) fn fruitless(&mut self, now: u64, random: u64) -> bool {
        self.fruitless += 1;
        self.failed(now, random);
        self.fruitless >= MAX_FRUITLESS
    }
}
