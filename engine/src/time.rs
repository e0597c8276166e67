//! Instants: milliseconds since 1970 in memory and in the database, RFC 3339 on the wire.
//!
//! Parsed and formatted here rather than by a date library: one with time zones would be a tenth of the whole browser
//! download, for one format in UTC. The tests compare the results with `jiff`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// The earliest valid instant: 0000-01-01T00:00:00Z.
const FIRST_MS: i64 = days(0, 1, 1) * DAY_MS;
/// The latest one: 9999-12-31T23:59:59.999Z.
const LAST_MS: i64 = days(10_000, 1, 1) * DAY_MS - 1;

/// An instant in UTC, to the millisecond, from the year 0000 to 9999: every value can be written and read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime))]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 timestamp")]
pub struct NotATimestamp;

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z. Out of range, the nearest valid instant.
    pub const fn from_millis(millis: i64) -> Self {
        // `clamp` is not const.
        if millis < FIRST_MS {
            Self(FIRST_MS)
        } else if millis > LAST_MS {
            Self(LAST_MS)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant plus `millis`, which may be negative.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY_MS));
        let of_day = self.0.rem_euclid(DAY_MS);
        let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
        let (second, millis) = (of_day / 1_000 % 60, of_day % 1_000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    /// Parses RFC 3339. Anything finer than a millisecond is cut off. An offset that leads out of the years 0000 to
    /// 9999 is refused: the instant could not be written in UTC.
    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        let millis = read(text.as_bytes()).filter(|millis| (FIRST_MS..=LAST_MS).contains(millis));
        millis.map(Self).ok_or(NotATimestamp)
    }
}

/// Builds up to 0.1 accepted offsets that lead out of the years that RFC 3339 can write, and wrote the results to logs
/// and answers. They are read as the nearest valid instant, so that those logs stay readable.
fn beyond(text: &str) -> Option<Timestamp> {
    if text.starts_with("10000-01-01T") {
        Some(Timestamp(LAST_MS))
    } else if text.starts_with("-001-12-31T") {
        Some(Timestamp(FIRST_MS))
    } else {
        None
    }
}

/// `2026-11-24T16:00:00`, a fraction of a second or none, `Z` or an offset.
fn read(text: &[u8]) -> Option<i64> {
    let (fixed, rest) = text.split_at_checked(19)?;
    let number = |from: usize, to: usize| digits(&fixed[from..to]);
    let signs = [fixed[4], fixed[7], fixed[10].to_ascii_uppercase(), fixed[13], fixed[16]];
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let days = days(year, month, day);
    // A day that the month does not have would become one of the next month.
    if signs != *b"--T::" || civil(days) != (year, month, day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (millis, offset) = match rest.split_first()? {
        (b'.', rest) => {
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, offset) = rest.split_at(length);
            let millis = digits(&fraction[..length.min(3)])? * [100, 10, 1][length.clamp(1, 3) - 1];
            (millis, offset)
        }
        _ => (0, rest),
    };
    // A leap second counts as the last second of its minute: the Unix clock has no other place for it.
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second.min(59);
    Some((seconds - offset_seconds(offset)?) * 1_000 + millis)
}

/// `Z` or `±hh:mm`, in seconds east of UTC.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), hours @ .., b':', tens, ones] if hours.len() == 2 => {
            let (hours, minutes) = (digits(hours)?, digits(&[*tens, *ones])?);
            let seconds = (hours < 24 && minutes < 60).then_some((hours * 60 + minutes) * 60)?;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Year, month (1 to 12) and day (1 to 31) of the Gregorian calendar, `days` after 1970-01-01.
///
/// Counts in eras of 400 years that begin in March, so that the leap day ends a year: the method of
/// Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
pub const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + (month <= 2) as i64, month, day)
}

/// Days from 1970-01-01 to a date: the way back from [`civil`].
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - (month <= 2) as i64;
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().or_else(|error| beyond(&text).ok_or(error)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_keeps_the_milliseconds() {
        let moment = Timestamp::from_millis(1_764_000_000_120);
        assert_eq!(moment.to_string(), "2025-11-24T16:00:00.120Z");
        assert_eq!(moment.to_string().parse(), Ok(moment));
    }

    #[test]
    fn other_spellings_of_an_instant_are_read() {
        let moment = Ok(Timestamp::from_millis(1_764_000_000_120));
        for text in ["2025-11-24t16:00:00.12z", "2025-11-24T17:30:00.120999+01:30", "2025-11-24T15:00:00.120-01:00"] {
            assert_eq!(text.parse(), moment, "{text}");
        }
    }

    #[test]
    fn malformed_instants_are_refused() {
        for text in [
            "",
            "2026-11-21",
            "2026-11-21T00:00:00",
            "2026-02-29T00:00:00Z",
            "2026-00-10T00:00:00Z",
            "2026-13-10T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T00:60:00Z",
            "2026-11-21 00-00-00Z",
            "2026-11-21T00:00:00.Z",
            "2026-11-21T00:00:00+1:30",
            "2026-11-21T00:00:00Zjunk",
            "2026-11-21T00:00:0éZ",
            "9999-12-31T23:59:59-12:00",
            "9999-12-31T23:59:00-00:01",
            "0000-01-01T00:00:00+00:01",
            "10000-01-01T00:00:00Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(NotATimestamp), "{text}");
        }
    }

    #[test]
    fn out_of_range_instants_of_earlier_builds_are_still_read() {
        let read = |text: &str| serde_json::from_str::<Timestamp>(&format!("\"{text}\"")).unwrap();
        assert_eq!(read("10000-01-01T11:59:59.000Z").to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(read("-001-12-31T12:00:00.000Z").to_string(), "0000-01-01T00:00:00.000Z");
        assert!(serde_json::from_str::<Timestamp>("\"20000-01-01T00:00:00Z\"").is_err());
    }

    proptest! {
        #[test]
        fn every_instant_is_written_as_jiff_writes_it(millis in -62_135_596_800_000_i64..253_402_207_200_000) {
            let moment = Timestamp::from_millis(millis);
            let text = format!("{:.3}", jiff::Timestamp::from_millisecond(millis).unwrap());
            prop_assert_eq!(moment.to_string(), text.as_str());
            prop_assert_eq!(text.parse(), Ok(moment));
        }

        #[test]
        fn every_instant_round_trips(millis in any::<i64>(), offset in any::<i64>()) {
            for moment in [Timestamp::from_millis(millis), Timestamp::from_millis(millis).plus(offset)] {
                prop_assert_eq!(moment.to_string().parse(), Ok(moment));
                let json = serde_json::to_string(&moment).unwrap();
                prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), moment);
            }
        }

        #[test]
        fn a_parsed_instant_round_trips(
            year in 0_u32..10_000, month in 1_u32..13, day in 1_u32..29, hour in 0_u32..24, ahead in -1439_i32..1440,
        ) {
            let (sign, minutes) = if ahead < 0 { ('-', -ahead) } else { ('+', ahead) };
            let offset = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:30:00{offset}");
            if let Ok(moment) = text.parse::<Timestamp>() {
                prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            }
        }

        #[test]
        fn any_text_is_refused_or_read_as_jiff_reads_it(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-5][0-9])|\\PC{0,40}",
        ) {
            if let Ok(moment) = text.parse::<Timestamp>() {
                prop_assert_eq!(moment.to_string().parse(), Ok(moment));
                if let Ok(jiff) = text.parse::<jiff::Timestamp>() {
                    prop_assert_eq!(i128::from(moment.millis()), jiff.as_nanosecond().div_euclid(1_000_000));
                }
            }
        }
    }
}
