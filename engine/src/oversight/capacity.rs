//! A person's capacity.

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// A person's working hours and times off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Hours of each weekday, from Monday on: 0 to 24.
    pub hours: [f64; 7],
    /// Times off, by date.
    #[serde(default)]
    pub days_off: Vec<DaysOff>,
}

/// A holiday or other time off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DaysOff {
    /// The first day away.
    pub first: Day,
    /// The last one.
    pub last: Day,
}

impl Default for Capacity {
    /// Eight hours from Monday to Friday.
    fn default() -> Self {
        Self { hours: [8.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0], days_off: Vec::new() }
    }
}

impl Capacity {
    /// Hours on one day.
    pub fn on(&self, day: Day) -> f64 {
        let away = self.days_off.iter().any(|off| off.first <= day && day <= off.last);
        if away { 0.0 } else { self.hours[day.weekday()] }
    }
}

/// Any capacity, for properties.
#[cfg(test)]
pub(super) mod arbitrary {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::day::FirstWeekday;

    pub(in crate::oversight) fn capacity() -> impl Strategy<Value = Capacity> {
        let hours = prop_oneof![2 => Just(0.0), 3 => Just(8.0), 2 => 0.25..24.0_f64];
        let off = (-600_i64..600, 0_i64..30).prop_map(|(first, length)| {
            let first = Day::from_number(20_000 * i64::from(first % 2 == 0) + first);
            DaysOff { first, last: first.plus(length) }
        });
        (proptest::array::uniform7(hours), vec(off, 0..12)).prop_map(|(hours, days_off)| Capacity { hours, days_off })
    }

    pub(in crate::oversight) fn first_weekday() -> impl Strategy<Value = FirstWeekday> {
        prop_oneof![Just(FirstWeekday::Monday), Just(FirstWeekday::Saturday), Just(FirstWeekday::Sunday)]
    }
}
