//! Scrolling column by column, where one column fills the screen: it pauses at each, so that a card can be dropped
//! there. Pure: no DOM, no clock.

/// Seconds at the edge before the next column.
const WAIT: f64 = 0.45;
/// Pixels per second on the way to it.
const SPEED: f64 = 1_800.0;

/// The state of such scrolling.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pager {
    /// The offset it is scrolling to.
    target: Option<f64>,
    /// The edge the card is at: negative for the start.
    towards: f64,
    waited: f64,
}

impl Pager {
    /// The offset after `passed` seconds, from `at`.
    ///
    /// `towards` is negative near the start of the view, positive near its end, and 0 between. `stops` are the offsets
    /// that show a column, in order.
    pub(crate) fn scroll(&mut self, stops: &[f64], at: f64, towards: f64, passed: f64) -> f64 {
        if let Some(target) = self.target {
            let by = (target - at).clamp(-SPEED * passed, SPEED * passed);
            // Offsets are whole pixels.
            if (target - at - by).abs() < 1.0 {
                *self = Self { towards: self.towards, ..Self::default() };
                return target;
            }
            return at + by;
        }
        if towards.signum() != self.towards.signum() || towards == 0.0 {
            *self = Self { towards, ..Self::default() };
        }
        if towards == 0.0 {
            return at;
        }
        self.waited += passed;
        if self.waited >= WAIT {
            let mut ahead = stops.iter().copied().filter(|stop| (stop - at) * towards.signum() > 1.0);
            self.target = if towards > 0.0 { ahead.next() } else { ahead.next_back() };
            self.waited = 0.0;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOPS: [f64; 4] = [0.0, 340.0, 680.0, 900.0];

    /// The offsets during so many seconds at an edge, frame by frame.
    fn held(pager: &mut Pager, from: f64, towards: f64, seconds: f64) -> Vec<f64> {
        let mut at = from;
        (0..(seconds * 60.0) as usize)
            .map(|_| {
                at = pager.scroll(&STOPS, at, towards, 1.0 / 60.0).round();
                at
            })
            .collect()
    }

    #[test]
    fn scrolling_pauses_at_each_column() {
        let offsets = held(&mut Pager::default(), 0.0, 0.4, 4.0);
        for stop in STOPS {
            let rested = offsets.iter().filter(|offset| **offset == stop).count();
            assert!(rested >= 25, "{stop}: {rested} frames");
        }
        assert_eq!(offsets.last(), Some(&900.0), "and ends at the last");
        let back = held(&mut Pager::default(), 900.0, -1.0, 4.0);
        assert_eq!(back.last(), Some(&0.0));
    }

    #[test]
    fn a_short_time_at_the_edge_does_not_scroll() {
        let mut pager = Pager::default();
        assert_eq!(held(&mut pager, 340.0, 1.0, 0.3).last(), Some(&340.0));
        assert_eq!(held(&mut pager, 340.0, 0.0, 0.1).last(), Some(&340.0));
        assert_eq!(held(&mut pager, 340.0, 1.0, 0.3).last(), Some(&340.0));
        assert_eq!(held(&mut pager, 340.0, 1.0, 0.6).last(), Some(&680.0));
    }

    #[test]
    fn scrolling_continues_to_the_next_column() {
        let mut pager = Pager::default();
        let begun = held(&mut pager, 0.0, 1.0, 0.52);
        assert!(begun.last().is_some_and(|at| *at > 0.0 && *at < 340.0), "{begun:?}");
        let at = begun.last().copied().unwrap_or_default();
        assert_eq!(held(&mut pager, at, 0.0, 1.0).last(), Some(&340.0));
    }
}
