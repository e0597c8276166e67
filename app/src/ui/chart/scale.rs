//! Round numbers on an axis. Pure.

/// A scale from 0 to a round number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// From one mark to the next.
    pub(crate) step: f64,
    /// The number of steps.
    pub(crate) steps: u32,
}

impl Scale {
    /// The scale for values up to `most`, and at least up to 1, with two to four marks above 0. `whole`: marks at
    /// integers only.
    pub(crate) fn to(most: f64, whole: bool) -> Self {
        let most = most.max(1.0);
        let rough = (most / 4.0).max(if whole { 1.0 } else { 0.0 });
        let tens = 10_f64.powi(rough.log10().floor() as i32);
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|factor| factor * tens);
        let mut steps = steps.filter(|step| !whole || step.fract() == 0.0);
        let step = steps.find(|step| *step >= rough * 0.999).unwrap_or(10.0 * tens);
        Self { step, steps: ((most / step).ceil() as u32).max(1) }
    }

    /// The greatest number on the scale.
    pub(crate) fn top(self) -> f64 {
        self.step * f64::from(self.steps)
    }

    /// The marked numbers, from 0.
    pub(crate) fn marks(self) -> impl Iterator<Item = f64> {
        (0..=self.steps).map(move |mark| f64::from(mark) * self.step)
    }

    /// The height of a value: 0 to 1.
    pub(crate) fn at(self, value: f64) -> f64 {
        (value / self.top()).clamp(0.0, 1.0)
    }
}

/// Which of `count` places along an axis are named, so that there are at most `most` names, evenly spaced.
pub(crate) fn named(count: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..count).step_by(count.div_ceil(most.max(1)).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_few() {
        let scales = [
            (0.0, true, 1.0, 1),
            (1.0, true, 1.0, 1),
            (3.0, true, 1.0, 3),
            (7.0, true, 2.0, 4),
            (9.0, true, 5.0, 2),
            (40.0, true, 10.0, 4),
            (41.0, true, 20.0, 3),
            (950.0, true, 250.0, 4),
            (0.9, false, 0.25, 4),
            (6.3, false, 2.0, 4),
        ];
        for (most, whole, step, steps) in scales {
            assert_eq!(Scale::to(most, whole), Scale { step, steps }, "{most}");
        }
        assert_eq!(Scale::to(7.0, true).marks().collect::<Vec<_>>(), [0.0, 2.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn few_places_are_named() {
        assert_eq!(named(56, 8).collect::<Vec<_>>(), [0, 7, 14, 21, 28, 35, 42, 49]);
        assert_eq!(named(3, 8).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(named(0, 8).count(), 0);
    }
}
