//! How work flows through the columns: counted from the history of each task's states, which is kept for good.

use serde::{Deserialize, Serialize};

use crate::{Category, ProjectId, StatusId, TaskId, Timestamp, UserId, day::Day};

/// The flow of one project, or of all that the reader may see, over some days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Flow {
    /// Today, where the reader is.
    pub today: Day,
    /// The days, in order, without a gap.
    pub days: Vec<Day>,
    /// Cumulative flow: how many tasks lay in each band at the end of each day (of today: now). Of one project a band
    /// is a column, of many a category. From the first to the last of the board.
    pub bands: Vec<Band>,
    /// Tasks that were finished within these days and not taken up again, by the moment.
    pub finished: Vec<Finished>,
    /// Cycle times of `finished`.
    pub cycle: Percentiles,
    /// Lead times of `finished`.
    pub lead: Percentiles,
    /// Finished tasks of each week that these days touch.
    pub throughput: Vec<Throughput>,
    /// Tasks being worked on, oldest first.
    pub ageing: Vec<Ageing>,
    /// Hours for which tasks lay blocked within these days, longest first.
    pub blocked: Vec<BlockedTime>,
    /// What changes when any of this may have: sent back as `seen`, an unchanged answer is a 304.
    pub version: String,
}

/// A band of the cumulative flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Band {
    /// Its column, where it is one that is still there.
    pub status_id: Option<StatusId>,
    /// The column's or the category's name.
    pub name: String,
    /// The column's colour, `#rrggbb`.
    pub color: Option<String>,
    /// What its column is for.
    pub category: Category,
    /// One count a day.
    pub counts: Vec<u32>,
}

/// A finished task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finished {
    /// Which.
    pub id: TaskId,
    /// On which board.
    pub project_id: ProjectId,
    /// What it is.
    pub title: String,
    /// When.
    pub completed_at: Timestamp,
    /// Hours since it was first worked on (came into `doing`; where it never did: 0).
    pub cycle_hours: f64,
    /// Hours since it was made.
    pub lead_hours: f64,
}

/// Half, 85 and 95 of a hundred took at the most so many hours. Nearest rank; 0 of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Percentiles {
    /// Half of them.
    pub p50: f64,
    /// 85 of a hundred.
    pub p85: f64,
    /// 95 of a hundred.
    pub p95: f64,
}

/// How much was finished in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Throughput {
    /// The first day of the week.
    pub week: Day,
    /// How many tasks.
    pub finished: u32,
}

/// A task that is being worked on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ageing {
    /// Which.
    pub id: TaskId,
    /// On which board.
    pub project_id: ProjectId,
    /// What it is.
    pub title: String,
    /// The column's name.
    pub status: String,
    /// Who does it.
    pub assignee_id: Option<UserId>,
    /// Their name.
    pub assignee: Option<String>,
    /// Hours since it was first worked on.
    pub hours: f64,
    /// Whether it is blocked.
    pub blocked: bool,
}

/// For how long a task lay blocked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockedTime {
    /// Which.
    pub id: TaskId,
    /// On which board.
    pub project_id: ProjectId,
    /// What it is.
    pub title: String,
    /// Hours in all, of the days that were asked for.
    pub hours: f64,
    /// Whether it still is.
    pub still: bool,
}
