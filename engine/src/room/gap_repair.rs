//! When a room reads the log to fill a gap: shortly after noticing it, with backoff.

use super::backoff::stepped;

/// Consecutive fruitless reads before the missing event counts as never written.
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
    /// No gap. A new one is read `reorder` milliseconds after it appears, if it is still open.
    pub(super) fn new(reorder: u64) -> Self {
        Self { reorder, due: None, failures: 0, fruitless: 0 }
    }

    /// Records whether there is a gap.
    pub(super) fn watch(&mut self, gap: bool, now: u64) {
        if gap {
            self.due.get_or_insert(now + self.reorder);
        } else {
            *self = Self::new(self.reorder);
        }
    }

    /// Whether a read is due.
    pub(super) fn is_due(&self, now: u64) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// When the next read is due.
    pub(super) fn wake_at(&self) -> Option<u64> {
        self.due
    }

    /// Records a read that helped. If the gap is still open, the next read is due at once.
    pub(super) fn progressed(&mut self, now: u64) {
        self.done();
        self.due = Some(now);
    }

    /// Records a read that closed the gap.
    pub(super) fn done(&mut self) {
        *self = Self::new(self.reorder);
    }

    /// Records a failed read.
    pub(super) fn failed(&mut self, now: u64, random: u64) {
        self.due = Some(now + stepped(self.failures, random));
        self.failures += 1;
    }

    /// Records a read that brought nothing that is missing. True after too many of them.
    pub(super) fn fruitless(&mut self, now: u64, random: u64) -> bool {
        self.fruitless += 1;
        self.failed(now, random);
        self.fruitless >= MAX_FRUITLESS
    }
}
