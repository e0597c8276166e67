//! Workload: assigned hours against capacity, by week, or by day for the heatmap.

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

/// Everybody's load over some periods, in the requested projects that the reader may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Workload {
    /// How long a period is.
    pub unit: Unit,
    /// Today, where the reader is.
    pub today: Day,
    /// The first day of each period, in order, without a gap.
    pub periods: Vec<Day>,
    /// By name: every member of these projects (viewers only with an open task or their own capacity), and former
    /// members with an open task. Last, as `user_id: None`, unassigned tasks.
    pub people: Vec<PersonLoad>,
    /// Changes when any of these figures may have changed. The answer's `ETag` has it: sent back in `If-None-Match`, an unchanged answer is a 304.
    pub version: String,
}

/// One person's load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonLoad {
    /// The user; `None` for unassigned tasks.
    pub user_id: Option<UserId>,
    /// Their name; empty for nobody.
    pub name: String,
    /// One cell for each period.
    pub cells: Vec<LoadCell>,
    /// Open tasks whose last day is past, or that have only a first day, before today and the first period: their work
    /// is still to be done, so it is in none of the periods.
    pub late: LoadCell,
    /// Open tasks whose dates are all after the last period.
    pub later: LoadCell,
    /// Open tasks without a date.
    pub undated: LoadCell,
    /// All open tasks.
    pub open: u32,
    /// Open tasks whose last day is past.
    pub overdue: u32,
    /// Open tasks that are blocked.
    pub blocked: u32,
    /// Whether the reader may change their capacity: their own, or that of a member of a project that the reader owns.
    pub editable: bool,
}

/// The load of one person in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadCell {
    /// Estimated hours that fall into it. A task's hours spread evenly over the days from `start_at` to `due_at` on
    /// which its assignee works; over all of these days if there are none, or nobody is assigned; on a single day if
    /// there is only one date, whether it is a working day or not.
    pub hours: f64,
    /// Working hours in it.
    pub capacity: f64,
    /// Hours of `capacity` from today on: past hours are no longer free.
    #[serde(default)]
    pub left: f64,
    /// Hours of `hours` from today on.
    #[serde(default)]
    pub ahead: f64,
    /// Open tasks with hours in it.
    pub tasks: u32,
    /// Of these, tasks without an estimate.
    pub unestimated: u32,
}

/// Which tasks of a cell to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskFilterKind {
    /// Tasks with hours in the period.
    Period,
    /// All open tasks.
    Open,
    /// Tasks whose last day is past.
    Overdue,
    /// Blocked tasks.
    Blocked,
    /// Tasks without a date.
    Undated,
}

/// A page of the tasks behind a figure, by date.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadTasks {
    /// The tasks.
    pub tasks: Vec<LoadTask>,
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A task behind a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadTask {
    /// Its id.
    pub id: TaskId,
    /// The project.
    pub project_id: ProjectId,
    /// The board's name.
    pub project: String,
    /// The title of the task.
    pub title: String,
    /// The column.
    pub status_id: StatusId,
    /// The column's name.
    pub status: String,
    /// The assignee.
    pub assignee_id: Option<UserId>,
    /// How urgent it is.
    pub priority: Priority,
    /// First day of work.
    pub start_at: Option<Timestamp>,
    /// Last day of work.
    pub due_at: Option<Timestamp>,
    /// Expected work, in hours.
    pub estimate_hours: Option<f64>,
    /// The part of it in the requested period.
    pub hours: f64,
    /// Why it is blocked.
    pub blocked_reason: Option<String>,
    /// Whether the reader may change it.
    pub editable: bool,
}
