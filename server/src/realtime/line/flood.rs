//! How much one socket says.

use std::time::{Duration, Instant};

/// Counts frames in windows of a second.
pub(super) struct Flood {
    limit: u32,
    since: Instant,
    count: u32,
}

impl Flood {
    /// Allows so many a second; 0 is no limit.
    pub(super) fn new(limit: u32, now: Instant) -> Self {
        Self { limit, since: now, count: 0 }
    }

    /// Counts one.
    pub(super) fn is_too_much(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.count) = (now, 0);
        }
        self.count += 1;
        self.limit > 0 && self.count > self.limit
    }
}
