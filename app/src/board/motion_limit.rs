//! Limits animations to a rate that an eye can follow.
//!
//! A leaky bucket: each changed card adds to it, and it drains at about the rate that can be watched. Once it is full,
//! nothing moves until it is half empty, so that a page under a burst of changes spends its time on showing them.

/// The most cards that can change at once and still glide.
const BURST: f64 = 60.0;
/// The cards per second that can glide indefinitely.
const PER_SECOND: f64 = 40.0;

/// The level of the bucket, and when it was measured.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MotionLimit {
    level: f64,
    at_ms: f64,
    suppressed: bool,
}

impl MotionLimit {
    /// Adds `cards` changed cards at `now_ms`, in milliseconds of a clock that never runs backwards. Returns whether
    /// they may glide.
    pub(super) fn admits(&mut self, cards: usize, now_ms: f64) -> bool {
        let passed = (now_ms - self.at_ms).max(0.0) / 1_000.0;
        self.at_ms = now_ms;
        self.level = (self.level - passed * PER_SECOND).max(0.0) + cards as f64;
        self.suppressed = self.level > if self.suppressed { BURST / 2.0 } else { BURST };
        // A burst while motion is suppressed does not prolong it further.
        self.level = self.level.min(BURST * 1.5);
        !self.suppressed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_team_stays_below_the_limit() {
        let mut limit = MotionLimit::default();
        assert!((0..100).all(|second| (0..3).all(|_| limit.admits(10, f64::from(second) * 1_000.0))));
        assert!(limit.admits(30, 100_500.0), "and a few dragged together");
    }

    #[test]
    fn a_new_board_is_not_animated() {
        assert!(!MotionLimit::default().admits(61, 0.0));
    }

    #[test]
    fn a_burst_suppresses_motion_until_it_ends() {
        let mut limit = MotionLimit::default();
        let moved = (0..600).filter(|frame| limit.admits(8, f64::from(*frame) * 16.0)).count();
        assert!(moved <= 8, "{moved} of 600 frames moved");
        assert!(!limit.admits(1, 9_700.0), "not yet");
        assert!(limit.admits(1, 11_500.0), "it is over");
    }
}
