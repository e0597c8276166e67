//! Time zones of users: the day and minute it is for them.

use engine::{Timestamp, day::Day, notification::QuietHours};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

/// Milliseconds per minute.
const MINUTE_MS: i64 = 60_000;

/// A time zone of the bundled database.
#[derive(Clone, Debug)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name; `None` if there is none.
    pub(super) fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// The zone of a stored name. A newer database may have dropped it.
    pub(super) fn stored(name: &str) -> Self {
        Self::named(name).unwrap_or(Self(TimeZone::UTC))
    }

    /// Its IANA name.
    pub(super) fn name(&self) -> Option<&str> {
        self.0.iana_name()
    }

    /// The date at a time.
    pub(super) fn date(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// The day at a time, as used by tasks and weeks.
    pub(super) fn day(&self, at: Timestamp) -> Day {
        let since = self.date(at).duration_since(Date::constant(1970, 1, 1));
        Day::from_number(since.as_hours() / 24)
    }

    /// When a date begins: at midnight, or the first moment after it if the clocks skip that.
    pub(super) fn start(&self, day: Day) -> Timestamp {
        let (year, month, day_of_month) = day.civil();
        let parts = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day_of_month).ok());
        let date = parts.and_then(|((year, month), day)| Date::new(year, month, day).ok());
        match date.and_then(|date| date.to_zoned(self.0.clone()).ok()) {
            Some(start) => Timestamp::from_millis(start.timestamp().as_millisecond()),
            // Ten thousand years away, zones don't matter.
            None => day.timestamp(),
        }
    }

    /// The minute of the day at a time, 0 to 1439.
    pub(super) fn minute(&self, at: Timestamp) -> u16 {
        let time = self.local(at).time();
        // Both parts are small and never negative.
        u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or(0)
    }

    /// The first moment from `at` on outside quiet hours.
    pub(super) fn open(&self, quiet: Option<QuietHours>, at: Timestamp) -> Timestamp {
        let Some(quiet) = quiet.filter(|quiet| quiet.contain(self.minute(at))) else { return at };
        let now = self.local(at).with().second(0).subsec_nanosecond(0).build();
        let wanted = i8::try_from(quiet.to / 60).ok().zip(i8::try_from(quiet.to % 60).ok());
        let (Ok(now), Some((hour, minute))) = (now, wanted) else { return at };
        let today = now.date().at(hour, minute, 0, 0);
        let end = if today > now.datetime() { today } else { today.saturating_add(1.day()) };
        match end.to_zoned(self.0.clone()) {
            Ok(end) => Timestamp::from_millis(end.timestamp().as_millisecond()),
            Err(_) => at.plus(MINUTE_MS),
        }
    }

    fn local(&self, at: Timestamp) -> jiff::Zoned {
        jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default().to_zoned(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_in_the_users_zone() {
        let (auckland, honolulu) = (Zone::named("Pacific/Auckland").unwrap(), Zone::named("Pacific/Honolulu").unwrap());
        let noon = at("2026-11-21T12:00:00Z");
        assert_eq!(auckland.date(noon).to_string(), "2026-11-22");
        assert_eq!(honolulu.date(noon).to_string(), "2026-11-21");
        assert_eq!((auckland.minute(noon), honolulu.minute(noon)), (60, 120));
        assert!(Zone::named("Europe/Atlantis").is_none() && Zone::named("").is_none());
    }

    #[test]
    fn a_week_with_a_clock_change_is_an_hour_shorter_or_longer() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let hours = |monday: &str| {
            let monday = day(monday);
            (berlin.start(monday.plus(7)).millis() - berlin.start(monday).millis()) / 3_600_000
        };
        assert_eq!((hours("2026-11-16"), hours("2027-03-22"), hours("2026-10-19")), (168, 167, 169));
        // Every time lies within its own day.
        let havana = Zone::named("America/Havana").unwrap();
        assert_eq!(havana.start(day("2027-03-14")), at("2027-03-14T05:00:00Z"), "there is no midnight on this day");
        for zone in [berlin, havana, Zone::named("Pacific/Auckland").unwrap(), Zone::named("UTC").unwrap()] {
            for number in -1000..30_000 {
                let start = zone.start(Day::from_number(number));
                assert_eq!(zone.day(start), Day::from_number(number));
                assert_eq!(zone.day(start.plus(-1)), Day::from_number(number - 1));
            }
        }
    }

    #[test]
    fn a_time_in_quiet_hours_moves_to_their_end() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let night = Some(QuietHours { from: 22 * 60, to: 7 * 60 });
        assert_eq!(berlin.open(night, at("2026-11-21T21:30:20Z")), at("2026-11-22T06:00:00Z"));
        assert_eq!(berlin.open(night, at("2026-11-22T05:59:59Z")), at("2026-11-22T06:00:00Z"));
        let noon = at("2026-11-22T11:00:00.123Z");
        assert_eq!((berlin.open(night, noon), berlin.open(None, noon)), (noon, noon));
        // The night on which the clocks go forward is an hour shorter.
        assert_eq!(berlin.open(night, at("2027-03-27T22:00:00Z")), at("2027-03-28T05:00:00Z"));
    }
}
