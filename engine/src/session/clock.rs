//! An estimate of the server's clock: a client's own clock may be a day off.

/// Smaller differences are network noise and ignored, in milliseconds.
const NOISE_MS: i64 = 5_000;

/// How far the server's clock is ahead of a client's. Times are in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerClock {
    ahead: i64,
}

impl ServerClock {
    /// A clock with a known offset, measured on this page or the previous one.
    pub const fn new(ahead: i64) -> Self {
        Self { ahead: if ahead.saturating_abs() < NOISE_MS { 0 } else { ahead } }
    }

    /// How far the server's clock is ahead, in milliseconds. Negative where the client's is.
    pub const fn ahead(self) -> i64 {
        self.ahead
    }

    /// The server's time while the client's is `own`.
    pub const fn at(self, own: i64) -> i64 {
        own.saturating_add(self.ahead)
    }

    /// Compares clocks: the answer to a request of `asked` arrived at `answered`, both by the client's clock, and gave
    /// the server's time as `server`. Returns whether the estimate changed.
    pub fn compare(&mut self, server: i64, asked: i64, answered: i64) -> bool {
        // The server read its clock somewhere between the two.
        let uncertain = answered.saturating_sub(asked).max(0) / 2;
        let ahead = server.saturating_sub(answered.saturating_sub(uncertain));
        let changed = ahead.saturating_sub(self.ahead).saturating_abs() >= NOISE_MS.saturating_add(uncertain);
        if changed {
            *self = Self::new(ahead);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn a_clock_that_is_a_day_off_is_corrected() {
        let mut clock = ServerClock::default();
        assert!(clock.compare(10 * DAY, 11 * DAY, 11 * DAY + 80));
        assert_eq!(clock.at(11 * DAY + 40), 10 * DAY);
        assert!(!clock.compare(10 * DAY + 60_000, 11 * DAY + 60_900, 11 * DAY + 61_000), "about the same");
        // Its user sets it right.
        assert!(clock.compare(10 * DAY, 10 * DAY, 10 * DAY + 10));
        assert_eq!(clock.ahead(), 0);
    }

    #[test]
    fn a_slow_network_does_not_change_the_clock() {
        let mut clock = ServerClock::default();
        assert!(!clock.compare(DAY, DAY - 4_000, DAY + 12_000), "the answer took 16 s");
        assert!(!clock.compare(DAY - 999, DAY, DAY + 20), "whole seconds");
        assert_eq!(ServerClock::new(-4_999).ahead(), 0);
    }
}
