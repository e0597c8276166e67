//! Calendar dates and times in words, without a time zone database: the same text on the server
//! and in the browser. Moments are shown in UTC, task dates (midnight UTC) are dates anyway.

use engine::Timestamp;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
}

impl Date {
    /// The UTC date of a moment.
    pub fn of(moment: Timestamp) -> Self {
        // Howard Hinnant's civil_from_days.
        let days = moment.millis().div_euclid(DAY_MS) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u32;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
        Self { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
    }

    /// Midnight UTC of this date.
    pub fn midnight(self) -> Timestamp {
        // Howard Hinnant's days_from_civil.
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = i64::from(self.month);
        let shifted = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Timestamp::from_millis((era * 146_097 + day_of_era - 719_468) * DAY_MS)
    }

    /// From the value of a date input, `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let date = Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        // Refuses 30 February and the like: the round trip changes them.
        ((1..=12).contains(&date.month) && (1..=9999).contains(&date.year) && Self::of(date.midnight()) == date)
            .then_some(date)
    }

    /// The value of a date input, `YYYY-MM-DD`.
    pub fn input(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `24 Nov`, with the year when it is not that of `today`.
    pub fn short(self, today: Self) -> String {
        if self.year == today.year { format!("{} {}", self.day, self.month_name()) } else { self.long() }
    }

    /// `24 Nov 2026`.
    pub fn long(self) -> String {
        format!("{} {} {}", self.day, self.month_name(), self.year)
    }

    fn month_name(self) -> &'static str {
        MONTHS[(self.month as usize - 1) % MONTHS.len()]
    }
}

/// A past moment as seen at `now`: relative up to a week, a date after.
pub fn ago(moment: Timestamp, now: Timestamp) -> String {
    let minutes = (now.millis() - moment.millis()).max(0) / 60_000;
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1440 => format!("{} h ago", minutes / 60),
        1440..2880 => "yesterday".to_owned(),
        2880..10_080 => format!("{} days ago", minutes / 1440),
        _ => Date::of(moment).short(Date::of(now)),
    }
}

/// `24 Nov 2026, 16:05 UTC`: the title beside a relative time.
pub fn full(moment: Timestamp) -> String {
    let minutes = moment.millis().rem_euclid(DAY_MS) / 60_000;
    format!("{}, {:02}:{:02} UTC", Date::of(moment).long(), minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_midnights_go_both_ways() {
        for day in (-800_000..800_000).step_by(97) {
            let midnight = Timestamp::from_millis(day * DAY_MS);
            assert_eq!(Date::of(midnight).midnight(), midnight);
        }
        assert_eq!(Date::of(Timestamp::from_millis(1_764_000_000_120)).input(), "2025-11-24");
    }

    #[test]
    fn only_dates_of_the_calendar_are_dates() {
        assert_eq!(Date::parse("2024-02-29"), Some(Date { year: 2024, month: 2, day: 29 }));
        for text in ["2025-02-29", "2025-13-01", "2025-00-10", "", "yesterday", "2025-1"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_past_is_relative_for_a_week() {
        let now = Timestamp::from_millis(1_764_000_000_000);
        let ago = |minutes: i64| ago(now.plus(-minutes * 60_000), now);
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(59), "59 min ago");
        assert_eq!(ago(60), "1 h ago");
        assert_eq!(ago(1500), "yesterday");
        assert_eq!(ago(6 * 1440), "6 days ago");
        assert_eq!(ago(8 * 1440), "16 Nov");
        assert_eq!(ago(-5), "just now");
    }
}
