//! Flow of work through the columns, computed from the history of each task, which is kept forever.

pub mod count;

use serde::{Deserialize, Serialize};

use crate::{
    Category, ProjectId, StatusId, TaskId, Timestamp, UserId,
    day::{Day, FirstWeekday},
};

/// The flow of one project, or of all that the reader may see, over some days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Flow {
    /// Today, where the reader is.
    pub today: Day,
    /// The days, in order, without a gap.
    pub days: Vec<Day>,
    /// When each of them began, in the reader's time zone.
    pub starts: Vec<Timestamp>,
    /// Cumulative flow: number of tasks in each band at the end of each day (for today: now). A band is a column for
    /// one project, a category for several. From the first to the last of the board.
    pub bands: Vec<Band>,
    /// Tasks finished within these days and not reopened, by time.
    pub finished: Vec<Finished>,
    /// Cycle times of `finished`.
    pub cycle: Percentiles,
    /// Lead times of `finished`.
    pub lead: Percentiles,
    /// Finished tasks of each week that these days touch.
    pub throughput: Vec<Throughput>,
    /// Tasks being worked on, oldest first.
    pub ageing: Vec<Ageing>,
    /// Hours for which tasks were blocked within these days, longest first.
    pub blocked: Vec<BlockedTime>,
    /// Changes when any of this may have changed. The answer's `ETag` has it: sent back in `If-None-Match`, an unchanged answer is a 304.
    pub version: String,
}

/// A band of the cumulative flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Band {
    /// Its column, if it is one that still exists.
    pub status_id: Option<StatusId>,
    /// The column's or the category's name.
    pub name: String,
    /// The column's colour, `#rrggbb`.
    pub color: Option<String>,
    /// The category of the column.
    pub category: Category,
    /// One count for each day.
    pub counts: Vec<u32>,
}

/// A finished task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finished {
    /// Its id.
    pub id: TaskId,
    /// The project.
    pub project_id: ProjectId,
    /// The title of the task.
    pub title: String,
    /// When it was finished.
    pub completed_at: Timestamp,
    /// The same as a date in the reader's time zone.
    pub completed_on: Day,
    /// Hours since it first entered `doing`; 0 if it never did.
    pub cycle_hours: f64,
    /// Hours since it was created.
    pub lead_hours: f64,
}

/// Upper bounds of the hours of 50, 85 and 95 per cent. Nearest rank; 0 without values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Percentiles {
    /// 50th percentile.
    pub p50: f64,
    /// 85th percentile.
    pub p85: f64,
    /// 95th percentile.
    pub p95: f64,
}

/// Number of tasks finished in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Throughput {
    /// The first day of the week.
    pub week: Day,
    /// Number of tasks.
    pub finished: u32,
}

/// A task that is being worked on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ageing {
    /// Its id.
    pub id: TaskId,
    /// The project.
    pub project_id: ProjectId,
    /// The title of the task.
    pub title: String,
    /// The column's name.
    pub status: String,
    /// The assignee.
    pub assignee_id: Option<UserId>,
    /// Their name.
    pub assignee: Option<String>,
    /// Hours since it first entered `doing`.
    pub hours: f64,
    /// Whether it is blocked.
    pub blocked: bool,
}

/// How long a task was blocked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockedTime {
    /// Its id.
    pub id: TaskId,
    /// The project.
    pub project_id: ProjectId,
    /// The title of the task.
    pub title: String,
    /// Total hours within the requested days.
    pub hours: f64,
    /// Whether it is still blocked.
    pub still: bool,
}

impl Percentiles {
    /// The percentiles of these hours, in any order.
    pub fn of(mut hours: Vec<f64>) -> Self {
        hours.sort_by(f64::total_cmp);
        let nearest = |percent: usize| {
            let rank = (hours.len() * percent).div_ceil(100);
            hours.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { p50: nearest(50), p85: nearest(85), p95: nearest(95) }
    }
}

impl Throughput {
    /// The throughput of the weeks that overlap the days from `from` to `to`, given the days on which tasks were
    /// finished.
    pub fn of_weeks(from: Day, to: Day, first: FirstWeekday, finished: impl IntoIterator<Item = Day>) -> Vec<Self> {
        let begin = from.week(first);
        let count = usize::try_from(to.since(begin) / 7 + 1).unwrap_or(0);
        let mut weeks: Vec<Self> =
            (0..).step_by(7).take(count).map(|days| Self { week: begin.plus(days), finished: 0 }).collect();
        for day in finished {
            let week = usize::try_from(day.since(begin).div_euclid(7)).ok().and_then(|week| weeks.get_mut(week));
            if let Some(week) = week {
                week.finished += 1;
            }
        }
        weeks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        assert_eq!(Percentiles::of(Vec::new()), Percentiles::default());
        assert_eq!(Percentiles::of(vec![3.0]), Percentiles { p50: 3.0, p85: 3.0, p95: 3.0 });
        let hundred = (1..=100).rev().map(f64::from).collect();
        assert_eq!(Percentiles::of(hundred), Percentiles { p50: 50.0, p85: 85.0, p95: 95.0 });
        assert_eq!(Percentiles::of(vec![4.0, 1.0, 3.0, 2.0]), Percentiles { p50: 2.0, p85: 4.0, p95: 4.0 });
    }

    #[test]
    fn throughput_uses_the_readers_weeks() {
        let (from, to) = (day("2026-11-11"), day("2026-11-22"));
        let finished = [day("2026-11-15"), day("2026-11-15"), day("2026-11-22")];
        let counts = |first| {
            let weeks = Throughput::of_weeks(from, to, first, finished);
            weeks.iter().map(|week| (week.week.to_string(), week.finished)).collect::<Vec<_>>()
        };
        let expected =
            |weeks: &[(&str, u32)]| weeks.iter().map(|(week, count)| (week.to_string(), *count)).collect::<Vec<_>>();
        assert_eq!(counts(FirstWeekday::Monday), expected(&[("2026-11-09", 2), ("2026-11-16", 1)]));
        assert_eq!(counts(FirstWeekday::Sunday), expected(&[("2026-11-08", 0), ("2026-11-15", 2), ("2026-11-22", 1)]));
    }
}
