//! Past moments in words, without a time zone database: the same text on the server and in the
//! browser, and what only a browser can say: in its reader's language and time zone. Calendar dates are
//! [`crate::board::due::Day`].

use engine::Timestamp;
use js_sys::{Date, Object, Reflect};

use crate::board::due::Day;

/// A past moment as seen at `now`: relative up to a week, a date after.
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

/// The reader's date at a moment. In the browser only.
pub(crate) fn local_day(moment: Timestamp) -> Day {
    // The offset counts how far UTC is ahead.
    let behind = date(moment).get_timezone_offset();
    Day::local(moment, -(behind as i64))
}

/// A date in the reader's language: `Tuesday, November 24`. In the browser only.
pub(crate) fn local_date(day: Day) -> String {
    local(day.timestamp(), &[("weekday", "long"), ("month", "long"), ("day", "numeric"), ("timeZone", "UTC")])
}

/// The time of the reader's day, in their language: `4:05 PM`. In the browser only.
pub(crate) fn clock_time(moment: Timestamp) -> String {
    local(moment, &[("hour", "numeric"), ("minute", "2-digit")])
}

fn local(moment: Timestamp, parts: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in parts {
        // Cannot fail: it is our own object.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    let language = leptos::prelude::window().navigator().language().unwrap_or_else(|| "en".to_owned());
    date(moment).to_locale_string(&language, &options).into()
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

    #[test]
    fn the_title_names_the_minute() {
        assert_eq!(full(Timestamp::from_millis(1_764_000_000_120)), "Monday, 24 November 2025, 16:00 UTC");
    }
}
