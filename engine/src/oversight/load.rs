//! Computation of load: buckets of open tasks, spread over periods.
//!
//! Tasks with the same person and dates spread alike, so their hours are summed before they are spread: there are far
//! fewer dates than tasks.

use super::{
    calendar::Calendar,
    workload::{LoadCell, PersonLoad, Unit},
};
use crate::{
    UserId,
    day::{Day, FirstWeekday},
};

/// Open tasks of one assignee, or of nobody, with the same dates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadBucket {
    /// First day of work.
    pub start: Option<Day>,
    /// Last day of work.
    pub due: Option<Day>,
    /// Number of tasks.
    pub tasks: u32,
    /// Of these, tasks without an estimate.
    pub unestimated: u32,
    /// Of these, blocked ones.
    pub blocked: u32,
    /// Their estimates together.
    pub hours: f64,
}

/// Consecutive periods of equal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    first: Day,
    /// Days in each.
    length: i64,
    count: usize,
}

/// Whether an open task with this last day is overdue: its work then belongs to no period.
pub fn is_overdue(due: Option<Day>, today: Day) -> bool {
    due.is_some_and(|due| due < today)
}

/// The days over which a task spreads, first and last; `None` without dates.
pub fn span(start: Option<Day>, due: Option<Day>) -> Option<(Day, Day)> {
    match (start, due) {
        // Users may enter them in the wrong order.
        (Some(start), Some(due)) => Some((start.min(due), start.max(due))),
        (Some(day), None) | (None, Some(day)) => Some((day, day)),
        (None, None) => None,
    }
}

/// The part of a task of these days that falls between `from` and `to`, both included: 0 to 1, or `None` if no part
/// does.
pub fn part(calendar: &Calendar, (first, last): (Day, Day), from: Day, to: Day) -> Option<f64> {
    let spread = Spread::new(calendar, first, last);
    let days = spread.before(calendar, to.plus(1)) - spread.before(calendar, from);
    (days > 0).then(|| days as f64 / spread.days() as f64)
}

impl Periods {
    /// `count` periods (at least one), starting with the one that contains `from`.
    pub fn new(unit: Unit, from: Day, count: usize, first_weekday: FirstWeekday) -> Self {
        let (first, length) = match unit {
            Unit::Day => (from, 1),
            Unit::Week => (from.week(first_weekday), 7),
        };
        Self { first, length, count: count.max(1) }
    }

    /// The first day of each period.
    pub fn starts(self) -> impl Iterator<Item = Day> {
        (0..self.count).map(move |index| self.start(index))
    }

    /// The first day of the first one.
    pub fn first(self) -> Day {
        self.first
    }

    /// The first day after the last one.
    pub fn end(self) -> Day {
        self.start(self.count)
    }

    fn start(self, index: usize) -> Day {
        self.first.plus(index as i64 * self.length)
    }

    /// Index of the period that contains a day, or the nearest one.
    fn nearest(self, day: Day) -> usize {
        usize::try_from(day.since(self.first) / self.length).unwrap_or(0).min(self.count - 1)
    }
}

/// Counter for one person's load.
#[derive(Clone, Debug)]
pub struct LoadCounter<'a> {
    calendar: &'a Calendar,
    periods: Periods,
    today: Day,
    /// Working days before each period, and before the end.
    worked: Vec<i64>,
    worked_before_today: i64,
    person: PersonLoad,
}

impl<'a> LoadCounter<'a> {
    /// Starts counting for a person with this calendar.
    pub fn new(calendar: &'a Calendar, periods: Periods, today: Day) -> Self {
        let capacity = |day: Day| calendar.hours(day, day.plus(periods.length - 1));
        let left = |day: Day| calendar.hours(day.max(today), day.plus(periods.length - 1));
        let cell = |day| LoadCell { capacity: capacity(day), left: left(day), ..LoadCell::default() };
        let cells = periods.starts().map(cell).collect();
        let worked = periods.starts().chain([periods.end()]).map(|day| calendar.worked_before(day)).collect();
        let worked_before_today = calendar.worked_before(today);
        Self {
            calendar,
            periods,
            today,
            worked,
            worked_before_today,
            person: PersonLoad { cells, ..PersonLoad::default() },
        }
    }

    /// Adds a bucket of the person.
    pub fn add(&mut self, bucket: &LoadBucket) {
        let person = &mut self.person;
        person.open += bucket.tasks;
        person.blocked += bucket.blocked;
        if is_overdue(bucket.due, self.today) {
            person.overdue += bucket.tasks;
            return person.late.add(bucket, 1.0);
        }
        let Some((first, last)) = span(bucket.start, bucket.due) else {
            return person.undated.add(bucket, 1.0);
        };
        if last < self.periods.first() {
            if last < self.today {
                person.late.add(bucket, 1.0);
            }
        } else if first >= self.periods.end() {
            person.later.add(bucket, 1.0);
        } else {
            self.spread(bucket, first, last);
        }
    }

    /// The result.
    pub fn of(self, user_id: Option<UserId>, name: String, editable: bool) -> PersonLoad {
        PersonLoad { user_id, name, editable, ..self.person }
    }

    fn spread(&mut self, bucket: &LoadBucket, first: Day, last: Day) {
        let spread = Spread::new(self.calendar, first, last);
        let today = if spread.on_workdays { self.worked_before_today } else { self.today.number() };
        for index in self.periods.nearest(first)..=self.periods.nearest(last) {
            // Not by the calendar, which was asked twice for this bucket already.
            let bound = |index: usize| match spread.on_workdays {
                true => self.worked[index],
                false => self.periods.start(index).number(),
            };
            let (from, to) = (spread.from.max(bound(index)), spread.to.min(bound(index + 1)));
            if to > from {
                let part = |days: i64| days as f64 / spread.days() as f64;
                let cell = &mut self.person.cells[index];
                cell.add(bucket, part(to - from));
                cell.ahead += bucket.hours * part((to - from.max(today)).max(0));
            }
        }
    }
}

/// The days over which a task's hours spread: a range of working days, or else of all days.
#[derive(Clone, Copy)]
struct Spread {
    on_workdays: bool,
    from: i64,
    to: i64,
}

impl Spread {
    fn new(calendar: &Calendar, first: Day, last: Day) -> Self {
        let (from, to) = (calendar.worked_before(first), calendar.worked_before(last.plus(1)));
        match from < to && first < last {
            true => Self { on_workdays: true, from, to },
            // There are no working days among them, or there is only one day.
            false => Self { on_workdays: false, from: first.number(), to: last.number() + 1 },
        }
    }

    fn days(self) -> i64 {
        self.to - self.from
    }

    /// Number of days of the range before `day`.
    fn before(self, calendar: &Calendar, day: Day) -> i64 {
        let before = if self.on_workdays { calendar.worked_before(day) } else { day.number() };
        before.clamp(self.from, self.to)
    }
}

impl LoadCell {
    fn add(&mut self, bucket: &LoadBucket, part: f64) {
        self.hours += bucket.hours * part;
        self.tasks += bucket.tasks;
        self.unestimated += bucket.unestimated;
    }
}

#[cfg(test)]
mod tests;
