//! How long to wait before the next try.

use std::time::Duration;

/// The waits, in milliseconds; the last one repeats.
const STEPS: [u64; 6] = [100, 250, 500, 1000, 2000, 5000];

/// Waits that grow from 100 ms to 5 s, each by chance up to a fifth shorter or longer, so that
/// processes that failed together do not come back together.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: usize,
}

impl Backoff {
    /// The wait after one more failure.
    pub(super) fn next(&mut self) -> Duration {
        let step = STEPS[self.failures.min(STEPS.len() - 1)];
        self.failures += 1;
        Duration::from_millis(step).mul_f64(rand::random_range(0.8..=1.2))
    }

    /// It worked: the next failure is the first.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_to_five_seconds_and_starts_over() {
        let mut backoff = Backoff::default();
        for step in STEPS.into_iter().chain([5000, 5000]) {
            let wait = backoff.next().as_secs_f64() * 1000.0 / step as f64;
            assert!((0.8..=1.2).contains(&wait), "{wait} of {step} ms");
        }
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(120));
    }
}
