//! Token buckets, stored as the time at which each is full again.

use std::collections::HashMap;

use super::sketch::{Key, Sketch};

#[derive(Default)]
pub(super) struct Tables {
    sketches: [Sketch; Kind::COUNT],
    /// Password checks in progress, each a potential failure.
    pub(super) pending: HashMap<Key, u32>,
}

/// The kind of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Account,
    Address,
    FailuresPerHour,
    FailuresPerDay,
}

/// One rate of one key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    pub(super) kind: Kind,
    pub(super) key: Key,
    /// The period in which `limit` tokens refill, in milliseconds.
    pub(super) window: u64,
    /// The cost of one token, in milliseconds.
    pub(super) cost: u64,
    /// How many tokens have to be available.
    pub(super) wanted: u32,
    /// Whether tokens are taken.
    pub(super) counts: bool,
}

impl Tables {
    /// Takes from all buckets, or returns how many milliseconds to wait.
    pub(super) fn take(&mut self, buckets: &[Bucket], now: u64) -> u64 {
        let wait = |bucket: &Bucket| {
            let full_at = self.sketches[bucket.kind as usize].get(&bucket.key).max(now);
            full_at.saturating_add(bucket.cost * u64::from(bucket.wanted)).saturating_sub(now + bucket.window)
        };
        let wait = buckets.iter().map(wait).max().unwrap_or(0);
        // Past events are counted, however many there are.
        for bucket in buckets.iter().filter(|bucket| bucket.counts && (wait == 0 || bucket.wanted == 0)) {
            let sketch = &mut self.sketches[bucket.kind as usize];
            let full_at = sketch.get(&bucket.key).max(now);
            sketch.raise(&bucket.key, full_at + bucket.cost);
        }
        wait
    }
}

impl Kind {
    const COUNT: usize = 4;

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::FailuresPerHour => "failures-hour",
            Self::FailuresPerDay => "failures-day",
        }
    }
}

/// `limit` tokens per `window` milliseconds, for a key to be filled in; `None` for no limit.
pub(super) fn rate(window: u64, limit: u32) -> Option<Bucket> {
    let cost = window.checked_div(u64::from(limit))?.max(1);
    Some(Bucket { kind: Kind::Account, key: Key::default(), window, cost, wanted: 1, counts: true })
}
