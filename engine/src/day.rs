//! Calendar dates and weeks. Which date it is at an instant depends on a time zone, which the callers know.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    Timestamp,
    time::{DAY_MS, civil},
};

/// A date of the Gregorian calendar: days since 1970-01-01 in memory, `2026-11-24` on the wire. From the year 0000 to
/// 9999, so that every value can be written and read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Date))]
pub struct Day(i64);

/// The text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date like 2026-11-24")]
pub struct NotADay;

/// The first day of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FirstWeekday {
    /// As ISO 8601 has it.
    #[default]
    Monday,
    /// As in much of the Middle East.
    Saturday,
    /// As in the Americas and much of Asia.
    Sunday,
}

impl Day {
    /// The earliest date that a client may ask for or set.
    pub const EARLIEST: Self = Self(0);
    /// The latest one: 2999-12-31. Later dates are typing errors.
    pub const LATEST: Self = Self(376_199);

    /// From days since 1970-01-01. Out of range, the nearest valid date.
    pub const fn from_number(days: i64) -> Self {
        Self(Timestamp::from_millis(days.saturating_mul(DAY_MS)).millis().div_euclid(DAY_MS))
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The date in UTC at a moment: how a task's `start_at` and `due_at` are read.
    pub const fn utc(moment: Timestamp) -> Self {
        Self(moment.millis().div_euclid(DAY_MS))
    }

    /// Midnight UTC of the date: how a task's `start_at` and `due_at` are written.
    pub const fn timestamp(self) -> Timestamp {
        Timestamp::from_millis(self.0 * DAY_MS)
    }

    /// The date `days` later, or earlier where that is negative.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self::from_number(self.0.saturating_add(days))
    }

    /// Whole days from `other` to this date; negative when it is earlier.
    pub const fn since(self, other: Self) -> i64 {
        self.0 - other.0
    }

    /// Year, month (1 to 12), day of the month (1 to 31).
    pub const fn civil(self) -> (i64, usize, i64) {
        let (year, month, day) = civil(self.0);
        (year, month as usize, day)
    }

    /// Days since the last Monday: 0 to 6.
    pub const fn weekday(self) -> usize {
        // 1970-01-01 was a Thursday.
        (self.0 + 3).rem_euclid(7) as usize
    }

    /// The first day of the week that contains the date.
    #[must_use]
    pub const fn week(self, first: FirstWeekday) -> Self {
        let from_monday = match first {
            FirstWeekday::Monday => 0,
            FirstWeekday::Saturday => 5,
            FirstWeekday::Sunday => 6,
        };
        Self::from_number(self.0 - (self.0 + 3 - from_monday).rem_euclid(7))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        // 10 characters, so that the rest cannot smuggle a time in.
        let moment = (text.len() == 10).then(|| format!("{text}T00:00:00Z").parse().ok()).flatten();
        moment.map(Self::utc).ok_or(NotADay)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_date_round_trips(number in any::<i64>(), more in any::<i64>()) {
            let date = Day::from_number(number);
            let weeks = [FirstWeekday::Monday, FirstWeekday::Saturday, FirstWeekday::Sunday];
            for date in weeks.map(|first| date.week(first)).into_iter().chain([date, date.plus(more)]) {
                prop_assert_eq!(date.to_string().parse(), Ok(date));
                prop_assert_eq!(Day::utc(date.timestamp()), date);
            }
        }
    }

    #[test]
    fn dates_that_may_be_given_end_with_a_millennium() {
        assert_eq!((Day::EARLIEST, Day::LATEST), (day("1970-01-01"), day("2999-12-31")));
    }

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    #[test]
    fn a_week_begins_on_the_readers_first_weekday() {
        // A Saturday.
        let date = day("2026-11-21");
        assert_eq!(date.weekday(), 5);
        assert_eq!(date.week(FirstWeekday::Monday), day("2026-11-16"));
        assert_eq!(date.week(FirstWeekday::Saturday), date);
        assert_eq!(date.week(FirstWeekday::Sunday), day("2026-11-15"));
        assert_eq!(day("2026-11-22").week(FirstWeekday::Sunday), day("2026-11-22"));
        assert_eq!(day("1969-12-31").week(FirstWeekday::Monday), day("1969-12-29"));
    }

    #[test]
    fn dates_round_trip() {
        for text in ["1969-12-31", "2024-02-29", "2026-11-24"] {
            assert_eq!(day(text).to_string(), text);
            assert_eq!(serde_json::from_str::<Day>(&format!("\"{text}\"")).expect("a date"), day(text));
        }
        for text in ["", "2026-02-30", "2026-1-1", "24.11.2026", "2026-11-24T00:00:00Z"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }
}
