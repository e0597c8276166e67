//! Who has how much, and when: assigned hours against capacity. The heatmap is the same by days.

use serde::{Deserialize, Serialize};

use crate::{Priority, ProjectId, StatusId, TaskId, Timestamp, UserId, day::Day};

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A day.
    Day,
    /// A week, from the reader's first weekday on.
    #[default]
    Week,
}

/// Everybody's load over some periods, in all projects that were asked for and that the reader may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Workload {
    /// How long a period is.
    pub unit: Unit,
    /// Today, where the reader is.
    pub today: Day,
    /// The first day of each period, in order, without a gap.
    pub periods: Vec<Day>,
    /// By name: every member of these projects, but viewers only where they have an open task or a capacity of their own, and
    /// former members with an open task. Last, as `user_id: None`, unassigned tasks.
    pub people: Vec<PersonLoad>,
    /// Changes when any of these figures may have changed. The answer's `ETag` has it: sent back in `If-None-Match`, an unchanged answer is a 304.
    pub version: String,
}

/// One person's load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonLoad {
    /// Who; `None`: nobody is assigned.
    pub user_id: Option<UserId>,
    /// Their name; empty for nobody.
    pub name: String,
    /// One for each period.
    pub cells: Vec<LoadCell>,
    /// Open tasks whose last day is past, and with only a first day before today and the first period: their work is still
    /// to be done, so it is in none of the periods.
    pub late: LoadCell,
    /// Open tasks with dates that lie all after the last period.
    pub later: LoadCell,
    /// Open tasks without a date.
    pub undated: LoadCell,
    /// All open tasks.
    pub open: u32,
    /// Open tasks whose last day is past.
    pub overdue: u32,
    /// Open tasks that are blocked.
    pub blocked: u32,
    /// Whether the reader may change their capacity: their own, or of a member of a project that the reader owns.
    pub editable: bool,
}

/// The load of one person in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadCell {
    /// Hours of estimates that fall into it. A task's hours spread evenly over the days from `start_at` to `due_at`
    /// on which its assignee works; over all of these days where they work on none, or nobody is assigned; all on the
    /// one day where there is one date only, whether they work on it or not.
    pub hours: f64,
    /// Hours that they work in it.
    pub capacity: f64,
    /// Hours of `capacity` on its days from today on: past hours are no longer free.
    #[serde(default)]
    pub left: f64,
    /// Hours of `hours` on its days from today on.
    #[serde(default)]
    pub ahead: f64,
    /// Open tasks with a part in it.
    pub tasks: u32,
    /// Of these, tasks that nobody has estimated.
    pub unestimated: u32,
}

/// Which tasks a cell of the workload is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// With a part in the period.
    Period,
    /// All open ones.
    Open,
    /// Those whose last day is past.
    Overdue,
    /// Blocked ones.
    Blocked,
    /// Without a date.
    Undated,
}

/// A page of the tasks behind a figure, by date.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadTasks {
    /// The tasks.
    pub tasks: Vec<LoadTask>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A task behind a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadTask {
    /// Which.
    pub id: TaskId,
    /// On which board.
    pub project_id: ProjectId,
    /// The board's name.
    pub project: String,
    /// What it is.
    pub title: String,
    /// In which column.
    pub status_id: StatusId,
    /// The column's name.
    pub status: String,
    /// Who does it.
    pub assignee_id: Option<UserId>,
    /// How urgent it is.
    pub priority: Priority,
    /// First day of work.
    pub start_at: Option<Timestamp>,
    /// Last day of work.
    pub due_at: Option<Timestamp>,
    /// Expected work, in hours.
    pub estimate_hours: Option<f64>,
    /// The part of it in the period that was asked for.
    pub hours: f64,
    /// Why nobody can go on with it.
    pub blocked_reason: Option<String>,
    /// Whether the reader may change it.
    pub editable: bool,
}
