//! Waits between retries.

use std::time::Duration;

use engine::room::backoff::stepped;

/// Waits that grow from 100 ms to 5 s, with a random jitter of a fifth, so that processes which failed together don't
/// retry together.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: usize,
}

impl Backoff {
    /// The wait after another failure.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = stepped(self.failures, rand::random());
        self.failures += 1;
        Duration::from_millis(wait)
    }

    /// Resets after a success.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_and_restarts() {
        let mut backoff = Backoff::default();
        assert!(backoff.next() <= Duration::from_millis(120));
        assert!(backoff.next() >= Duration::from_millis(200));
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(120));
    }
}
