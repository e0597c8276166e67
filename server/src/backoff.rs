//! How long to wait before the next try.

use std::time::Duration;

use engine::room::backoff::stepped;

/// Waits that grow from 100 ms to 5 s, each by chance up to a fifth shorter or longer, so that
/// processes that failed together do not come back together.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: usize,
}

impl Backoff {
    /// The wait after one more failure.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = stepped(self.failures, rand::random());
        self.failures += 1;
        Duration::from_millis(wait)
    }

    /// It worked: the next failure is the first.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_and_starts_over() {
        let mut backoff = Backoff::default();
        assert!(backoff.next() <= Duration::from_millis(120));
        assert!(backoff.next() >= Duration::from_millis(200));
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(120));
    }
}
