//! A person's working days, prepared for counting over long spans.

use super::Capacity;
use crate::day::Day;

/// A capacity whose days and hours between two dates are counted without iterating over them.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Hours of each weekday, from Monday on.
    hours: [f64; 7],
    /// Number of working days in a week before each weekday; last, in the whole week.
    worked: [i64; 8],
    /// Times off, in order and disjoint.
    away: Vec<Away>,
}

#[derive(Clone, Copy, Debug)]
struct Away {
    first: Day,
    last: Day,
    /// Working days off before this one.
    before: i64,
}

impl Calendar {
    /// The calendar for a capacity. [`Calendar::default`] is that of unassigned tasks, with no working days.
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

    /// Working hours from one day to another, both included.
    pub fn hours(&self, first: Day, last: Day) -> f64 {
        let mut hours = self.regular_hours(first, last);
        for away in self.away.iter().filter(|away| away.first <= last && first <= away.last) {
            hours -= self.regular_hours(away.first.max(first), away.last.min(last));
        }
        // Rounding may leave slightly less than zero.
        hours.max(0.0)
    }

    /// Working days before `day`, counted from a fixed day.
    pub fn worked_before(&self, day: Day) -> i64 {
        let next = self.away.partition_point(|away| away.first < day);
        let off = match next.checked_sub(1).map(|index| self.away[index]) {
            None => 0,
            Some(away) => away.before + self.regular(day.min(away.last.plus(1))) - self.regular(away.first),
        };
        self.regular(day) - off
    }

    /// The same without times off.
    fn regular(&self, day: Day) -> i64 {
        let weekday = day.weekday();
        let monday = day.number() - weekday as i64;
        // Mondays are whole weeks apart, so any of them serves as the first.
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
        fn it_equals_a_count_day_by_day(
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
    fn the_default_calendar_has_no_working_days() {
        let (nobody, today) = (Calendar::default(), Day::from_number(20_000));
        assert_eq!(nobody.worked_before(today), nobody.worked_before(today.plus(100)));
        assert_eq!(nobody.hours(today, today.plus(100)), 0.0);
    }
}
