//! On which days somebody works, prepared for counting over long spans.

use super::Capacity;
use crate::day::Day;

/// A capacity, of which days and hours between any two dates are counted without going through them.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Hours of each day of a week, from Monday on.
    hours: [f64; 7],
    /// How many days of a week are worked on before each of its days; last, in all.
    worked: [i64; 8],
    /// Times away, in order and apart from each other.
    away: Vec<Away>,
}

#[derive(Clone, Copy, Debug)]
struct Away {
    first: Day,
    last: Day,
    /// Days before it on which they would have worked, and are away.
    before: i64,
}

impl Calendar {
    /// The calendar of somebody with this capacity. [`Calendar::default`] is that of nobody, who never works.
    pub fn new(capacity: &Capacity) -> Self {
        let mut worked = [0; 8];
        for (weekday, hours) in capacity.hours.iter().enumerate() {
            worked[weekday + 1] = worked[weekday] + i64::from(*hours > 0.0);
        }
        let mut calendar = Self { hours: capacity.hours, worked, away: Vec::new() };
        let mut times: Vec<_> = capacity.days_off.iter().filter(|off| off.first <= off.last).collect();
        times.sort_by_key(|off| off.first);
        let mut away: Vec<Away> = Vec::with_capacity(times.len());
        for off in times {
            match away.last_mut() {
                Some(before) if off.first <= before.last => before.last = before.last.max(off.last),
                _ => away.push(Away { first: off.first, last: off.last, before: 0 }),
            }
        }
        let mut before = 0;
        for away in &mut away {
            away.before = before;
            before += calendar.regular(away.last.plus(1)) - calendar.regular(away.first);
        }
        calendar.away = away;
        calendar
    }

    /// Hours that they work from one day to another, both included.
    pub fn hours(&self, first: Day, last: Day) -> f64 {
        let mut hours = self.regular_hours(first, last);
        for away in self.away.iter().filter(|away| away.first <= last && first <= away.last) {
            hours -= self.regular_hours(away.first.max(first), away.last.min(last));
        }
        // What is left of a time away from end to end may be a little less than nothing.
        hours.max(0.0)
    }

    /// Days before `day` on which they work, counted from some day on that is always the same.
    pub fn worked_before(&self, day: Day) -> i64 {
        let next = self.away.partition_point(|away| away.first < day);
        let off = match next.checked_sub(1).map(|index| self.away[index]) {
            None => 0,
            Some(away) => away.before + self.regular(day.min(away.last.plus(1))) - self.regular(away.first),
        };
        self.regular(day) - off
    }

    /// The same without any time away.
    fn regular(&self, day: Day) -> i64 {
        let weekday = day.weekday();
        let monday = day.number() - weekday as i64;
        // Mondays are whole weeks apart: which of them is the first does not matter.
        (monday + 3).div_euclid(7) * self.worked[7] + self.worked[weekday]
    }

    fn regular_hours(&self, first: Day, last: Day) -> f64 {
        let days = last.since(first) + 1;
        if days <= 0 {
            return 0.0;
        }
        let rest: f64 = (0..days % 7).map(|day| self.hours[first.plus(day).weekday()]).sum();
        (days / 7) as f64 * self.hours.iter().sum::<f64>() + rest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::oversight::capacity::arbitrary;

    proptest! {
        #[test]
        fn it_counts_what_going_through_the_days_counts(
            capacity in arbitrary::capacity(), first in -500_i64..500, length in 0_i64..400,
        ) {
            let calendar = Calendar::new(&capacity);
            let (first, last) = (Day::from_number(first), Day::from_number(first + length));
            let days = || (0..=length).map(|day| first.plus(day));
            let worked = days().filter(|day| capacity.on(*day) > 0.0).count() as i64;
            prop_assert_eq!(calendar.worked_before(last.plus(1)) - calendar.worked_before(first), worked);
            let hours: f64 = days().map(|day| capacity.on(day)).sum();
            prop_assert!((calendar.hours(first, last) - hours).abs() < 1e-6, "{}", calendar.hours(first, last));
        }
    }

    #[test]
    fn nobody_never_works() {
        let (nobody, today) = (Calendar::default(), Day::from_number(20_000));
        assert_eq!(nobody.worked_before(today), nobody.worked_before(today.plus(100)));
        assert_eq!(nobody.hours(today, today.plus(100)), 0.0);
    }
}
