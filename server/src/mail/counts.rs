//! Results of letters since the start, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

/// Results of letters since the start of the process.
#[derive(Debug, Default)]
pub struct MailCounts {
    pub(super) sent: AtomicU64,
    pub(super) retried: AtomicU64,
    pub(super) failed: AtomicU64,
}

impl MailCounts {
    pub(super) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Name and value of each counter: sent, postponed, given up.
    pub fn read(&self) -> [(&'static str, u64); 3] {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [("sent", read(&self.sent)), ("retried", read(&self.retried)), ("failed", read(&self.failed))]
    }
}
