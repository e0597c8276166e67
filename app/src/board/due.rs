//! Calendar dates and due dates in words. A task's dates are midnight UTC standing for a date wherever the
//! reader is; today is the reader's own.

use engine::{
    Task, Timestamp,
    time::{DAY_MS, civil},
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
// 1970-01-01 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// A calendar date, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The date in UTC at a moment.
    pub const fn utc(moment: Timestamp) -> Self {
        Self(moment.millis().div_euclid(DAY_MS))
    }

    /// The date on a clock that is `offset_minutes` ahead of UTC.
    pub const fn local(moment: Timestamp, offset_minutes: i64) -> Self {
        Self::utc(moment.plus(offset_minutes * 60_000))
    }

    /// Midnight UTC of the date: how the protocol writes it.
    pub const fn timestamp(self) -> Timestamp {
        Timestamp::from_millis(self.0 * DAY_MS)
    }

    /// Whole days from `other` to this date; negative when it is earlier.
    pub const fn since(self, other: Self) -> i64 {
        self.0 - other.0
    }

    /// Year, month (1 to 12), day of the month (1 to 31) of the Gregorian calendar.
    pub const fn civil(self) -> (i64, usize, i64) {
        let (year, month, day) = civil(self.0);
        (year, month as usize, day)
    }

    /// `2026-11-24`: the `datetime` of a `<time>`, and the value of a date field.
    pub fn iso(self) -> String {
        let (year, month, day) = self.civil();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Reads `2026-11-24`.
    pub fn parse(text: &str) -> Option<Self> {
        format!("{text}T00:00:00Z").parse().ok().map(Self::utc)
    }

    /// `Tuesday, 24 November 2026`.
    pub fn long(self) -> String {
        let (year, month, day) = self.civil();
        let weekday = WEEKDAYS[self.0.rem_euclid(7) as usize];
        format!("{weekday}, {day} {} {year}", MONTHS[month - 1])
    }

    /// Relative up to a week, absolute after: `Yesterday`, `Today`, `Fri`, `24 Nov`, `24 Nov 2027`.
    pub fn short(self, today: Self) -> String {
        match self.since(today) {
            0 => "Today".to_owned(),
            1 => "Tomorrow".to_owned(),
            -1 => "Yesterday".to_owned(),
            2..=6 => WEEKDAYS[self.0.rem_euclid(7) as usize][..3].to_owned(),
            days @ -6..=-2 => format!("{} days ago", -days),
            _ => {
                let (year, month, day) = self.civil();
                let month = &MONTHS[month - 1][..3];
                if year == today.civil().0 { format!("{day} {month}") } else { format!("{day} {month} {year}") }
            }
        }
    }
}

/// How near a due date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearness {
    /// Days away, or the task is finished anyway.
    Later,
    /// Today or within two days.
    Near,
    /// Past.
    Late,
}

impl Nearness {
    /// How near a task's due date is `today`. A task without one is never late.
    pub fn of(task: &Task, today: Day) -> Self {
        match task.due_at.map(|due| Day::utc(due).since(today)) {
            Some(_) if task.completed_at.is_some() => Self::Later,
            Some(..0) => Self::Late,
            Some(0..=2) => Self::Near,
            _ => Self::Later,
        }
    }
}

/// How long ago a moment was, in one unit: `now`, `5 min`, `3 h`, `2 d`, `6 wk`.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let minutes = (now.millis() - since.millis()).max(0) / 60_000;
    match minutes {
        0 => "now".to_owned(),
        1..=59 => format!("{minutes} min"),
        60..=1_439 => format!("{} h", minutes / 60),
        1_440..=20_159 => format!("{} d", minutes / 1_440),
        _ => format!("{} wk", minutes / 10_080),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a date")
    }

    #[test]
    fn words_are_relative_up_to_a_week() {
        let today = day("2026-11-21");
        let words = [
            ("2026-11-14", "14 Nov"),
            ("2026-11-15", "6 days ago"),
            ("2026-11-20", "Yesterday"),
            ("2026-11-21", "Today"),
            ("2026-11-22", "Tomorrow"),
            ("2026-11-27", "Fri"),
            ("2026-11-28", "28 Nov"),
            ("2027-01-02", "2 Jan 2027"),
        ];
        for (date, said) in words {
            assert_eq!(day(date).short(today), said);
        }
        assert_eq!(day("2026-11-24").long(), "Tuesday, 24 November 2026");
    }

    #[test]
    fn a_clock_ahead_of_utc_is_already_in_tomorrow() {
        let moment: Timestamp = "2026-11-21T23:30:00Z".parse().expect("a moment");
        assert_eq!(Day::utc(moment).iso(), "2026-11-21");
        assert_eq!(Day::local(moment, 60).iso(), "2026-11-22");
        assert_eq!(Day::local(moment, -600).iso(), "2026-11-21");
    }

    #[test]
    fn an_age_has_one_unit() {
        let now = Timestamp::from_millis(100 * DAY_MS);
        let ages = [
            (0, "now"),
            (59_999, "now"),
            (60_000, "1 min"),
            (7_200_000, "2 h"),
            (DAY_MS, "1 d"),
            (30 * DAY_MS, "4 wk"),
        ];
        for (millis, said) in ages {
            assert_eq!(age(now.plus(-millis), now), said);
        }
        assert_eq!(age(now.plus(5_000), now), "now");
    }
}
