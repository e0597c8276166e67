//! Past moments in words, without a time zone database: the same text on the server and in the
//! browser. Calendar dates are [`crate::board::due::Day`].

use engine::Timestamp;

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
