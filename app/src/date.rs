//! Dates and past times in words, without a time zone database.
//!
//! Most of it gives the same text on the server and in the browser. The rest uses the reader's language and time zone,
//! which only a browser knows.

use engine::{Day, Timestamp};
use js_sys::{Date, Object, Reflect};

use crate::language::language;

pub(crate) const MONTHS: [&str; 12] = [
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
/// From Monday on, as in [`Day::weekday`].
pub(crate) const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A date in words.
pub(crate) trait DayWords: Copy {
    /// `Tuesday, 24 November 2026`.
    fn long(self) -> String;
    /// Relative up to a week, absolute after: `Yesterday`, `Today`, `Fri`, `24 Nov`, `24 Nov 2027`.
    fn short(self, today: Day) -> String;
    /// `24 Nov`, with the year where it is not the year of `today`.
    fn plain(self, today: Day) -> String;
    /// `Tuesday`.
    fn weekday_name(self) -> &'static str;
}

impl DayWords for Day {
    fn long(self) -> String {
        let (year, month, day) = self.civil();
        format!("{}, {day} {} {year}", self.weekday_name(), MONTHS[month - 1])
    }

    fn short(self, today: Day) -> String {
        match self.since(today) {
            0 => "Today".to_owned(),
            1 => "Tomorrow".to_owned(),
            -1 => "Yesterday".to_owned(),
            2..=6 => self.weekday_name()[..3].to_owned(),
            days @ -6..=-2 => format!("{} days ago", -days),
            _ => self.plain(today),
        }
    }

    fn plain(self, today: Day) -> String {
        let (year, month, day) = self.civil();
        let month = &MONTHS[month - 1][..3];
        if year == today.civil().0 { format!("{day} {month}") } else { format!("{day} {month} {year}") }
    }

    fn weekday_name(self) -> &'static str {
        WEEKDAYS[self.weekday()]
    }
}

/// The days from `first` to `last`, both in: `16 – 22 Nov`, `30 Nov – 6 Dec`.
pub(crate) fn span(first: Day, last: Day, today: Day) -> String {
    let ((year, month, day), end) = (first.civil(), last.civil());
    if first == last {
        last.plain(today)
    } else if (year, month) == (end.0, end.1) {
        format!("{day} – {}", last.plain(today))
    } else if year == end.0 {
        format!("{day} {} – {}", &MONTHS[month - 1][..3], last.plain(today))
    } else if year == today.civil().0 {
        // The next year is named, the current one is not.
        format!("{} – {}", first.plain(today), last.plain(today))
    } else {
        format!("{} – {}", first.plain(last), last.plain(first))
    }
}

/// A past time as seen at `now`: relative up to a week, a date after that.
pub fn ago(moment: Timestamp, now: Timestamp) -> String {
    let minutes = (now.millis() - moment.millis()).max(0) / 60_000;
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1_440 => format!("{} h ago", minutes / 60),
        1_440..2_880 => "yesterday".to_owned(),
        2_880..10_080 => format!("{} days ago", minutes / 1_440),
        _ => Day::utc(moment).short(Day::utc(now)),
    }
}

/// `Tuesday, 24 November 2026, 16:05 UTC`: the title beside a relative time.
pub fn full(moment: Timestamp) -> String {
    let day = Day::utc(moment);
    let minutes = (moment.millis() - day.timestamp().millis()) / 60_000;
    format!("{}, {:02}:{:02} UTC", day.long(), minutes / 60, minutes % 60)
}

/// The reader's date at a time. In the browser only.
pub fn local_day(moment: Timestamp) -> Day {
    // `getTimezoneOffset` is how far UTC is ahead.
    let behind = date(moment).get_timezone_offset();
    local(moment, -(behind as i64))
}

/// The date on a clock that is `ahead` minutes ahead of UTC.
const fn local(moment: Timestamp, ahead: i64) -> Day {
    Day::utc(moment.plus(ahead * 60_000))
}

/// A date in the reader's language: `Tuesday, November 24`. In the browser only.
pub(crate) fn local_date(day: Day) -> String {
    local_words(day, &[("weekday", "long"), ("month", "long"), ("day", "numeric")])
}

/// The time of day in the reader's language: `4:05 PM`. In the browser only.
pub(crate) fn clock_time(moment: Timestamp) -> String {
    worded(moment, &[("hour", "numeric"), ("minute", "2-digit")])
}

/// A date in the reader's language, with the given options of `Intl.DateTimeFormat`. In the browser only.
pub(crate) fn local_words(day: Day, parts: &[(&str, &str)]) -> String {
    let parts: Vec<(&str, &str)> = parts.iter().copied().chain([("timeZone", "UTC")]).collect();
    worded(day.timestamp(), &parts)
}

fn worded(moment: Timestamp, parts: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in parts {
        // Cannot fail: the object is our own.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    date(moment).to_locale_string(&language(), &options).into()
}

fn date(moment: Timestamp) -> Date {
    Date::new(&(moment.millis() as f64).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_relative_for_a_week() {
        let now = Timestamp::from_millis(1_764_000_000_000);
        let ago = |minutes: i64| ago(now.plus(-minutes * 60_000), now);
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(59), "59 min ago");
        assert_eq!(ago(60), "1 h ago");
        assert_eq!(ago(1_500), "yesterday");
        assert_eq!(ago(6 * 1_440), "6 days ago");
        assert_eq!(ago(8 * 1_440), "16 Nov");
        assert_eq!(ago(-5), "just now");
    }

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
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
    fn a_span_names_nothing_twice() {
        let today = day("2026-11-21");
        let spans = [
            ("2026-11-16", "2026-11-22", "16 – 22 Nov"),
            ("2026-11-30", "2026-12-06", "30 Nov – 6 Dec"),
            ("2026-12-28", "2027-01-03", "28 Dec – 3 Jan 2027"),
            ("2025-12-29", "2026-01-04", "29 Dec 2025 – 4 Jan 2026"),
            ("2025-11-03", "2025-11-09", "3 – 9 Nov 2025"),
            ("2026-11-16", "2026-11-16", "16 Nov"),
        ];
        for (first, last, said) in spans {
            assert_eq!(span(day(first), day(last), today), said);
        }
    }

    #[test]
    fn a_clock_ahead_of_utc_is_already_in_tomorrow() {
        let moment: Timestamp = "2026-11-21T23:30:00Z".parse().expect("a moment");
        assert_eq!(local(moment, 0), day("2026-11-21"));
        assert_eq!(local(moment, 60), day("2026-11-22"));
        assert_eq!(local(moment, -600), day("2026-11-21"));
    }

    #[test]
    fn the_title_names_the_minute() {
        assert_eq!(full(Timestamp::from_millis(1_764_000_000_120)), "Monday, 24 November 2025, 16:00 UTC");
    }
}
