//! Parsing of the dates of a task in requests.
//!
//! A task's dates are dates, not instants. They are stored and sent as midnight UTC. A client may send either
//! `2026-12-01` or an instant with an offset, of which only the written date counts: midnight of 1 December in Auckland
//! is 1 December, although it is still November in UTC.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{Day, Timestamp};

/// The text is neither a date nor an RFC 3339 instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Enter a date, like 2026-12-01.")]
pub struct NotADate;

/// Parses a date, as midnight UTC.
///
/// # Errors
/// If the text is neither a date nor an RFC 3339 instant.
pub fn parse(text: &str) -> Result<Timestamp, NotADate> {
    let (date, rest) = text.split_at_checked(10).ok_or(NotADate)?;
    let day: Day = date.parse().map_err(|_| NotADate)?;
    // The rest must be well formed, but does not move the date. It is checked in another year, so that no offset leads
    // out of the valid ones.
    let written = || format!("2000-01-01{rest}").parse::<Timestamp>().is_ok();
    if rest.is_empty() || written() { Ok(day.timestamp()) } else { Err(NotADate) }
}

/// Reads a date or `null`, for `deserialize_with`.
///
/// # Errors
/// When the text is no date.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<Cow<'de, str>>::deserialize(deserializer)?;
    text.map(|text| parse(&text)).transpose().map_err(D::Error::custom)
}

/// The same for a field where absence differs from `null`.
///
/// # Errors
/// When the text is no date.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Timestamp>>, D::Error> {
    optional(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_instant_counts_as_its_written_date() {
        for text in [
            "2026-12-01",
            "2026-12-01T00:00:00Z",
            "2026-12-01T00:00:00+13:00",
            "2026-12-01T23:59:59.999-11:00",
            "2026-12-01t12:00:00z",
        ] {
            assert_eq!(parse(text), Ok("2026-12-01T00:00:00Z".parse().expect("a moment")), "{text}");
        }
        assert_eq!(parse("9999-12-31T23:59:59-12:00"), Ok("9999-12-31T00:00:00Z".parse().expect("a moment")));
    }

    #[test]
    fn malformed_dates_are_refused() {
        for text in [
            "",
            "2026-12-1",
            "2026-02-29",
            "2026-12-01 00:00:00Z",
            "2026-12-01T",
            "2026-12-01T00:00:00",
            "2026-12-01T24:00:00Z",
            "2026-12-01T00:00:00+24:00",
            "2026-12-01x",
            "10000-01-01",
            "2026-12-0é",
        ] {
            assert_eq!(parse(text), Err(NotADate), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_date_round_trips(number in any::<i64>()) {
            let day = Day::from_number(number);
            prop_assert_eq!(parse(&day.to_string()), Ok(day.timestamp()));
            prop_assert_eq!(parse(&day.timestamp().to_string()), Ok(day.timestamp()));
        }

        #[test]
        fn any_text_is_refused_or_read_as_the_date_that_it_begins_with(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](Z|[+-][0-2][0-9]:[0-5][0-9])?)?|[0-9T:+Z-]{0,30}|\\PC{0,30}",
        ) {
            if let Ok(date) = parse(&text) {
                let midnight = format!("{}T00:00:00", &text[..10]);
                prop_assert!(date.to_string().starts_with(&midnight), "{}", date);
            }
        }
    }
}
