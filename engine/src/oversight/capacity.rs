//! How much somebody can do.

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// How many hours somebody works, and when they do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Hours of each day of a week, from Monday on: 0 to 24.
    pub hours: [f64; 7],
    /// Days on which they do nothing, by date.
    #[serde(default)]
    pub days_off: Vec<DaysOff>,
}

/// Holidays, or any other time away.
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
