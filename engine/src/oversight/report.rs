//! What a week brought.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, TaskId, Timestamp, UserId, day::Day};

/// A week of one project, or of all that the reader may see. Of a week that is over, everything is as it was at its
/// end; of the running one, as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// The first day of the week.
    pub week: Day,
    /// The last one.
    pub last: Day,
    /// Today, where the reader is.
    pub today: Day,
    /// The project's name, where the report is on one.
    pub project: Option<String>,
    /// How many tasks each category has.
    pub counts: Counts,
    /// The same of the week before.
    pub before: Counts,
    /// Finished in the week and not taken up again, newest first.
    pub completed: Vec<ReportTask>,
    /// In a column of category `doing`.
    pub in_progress: Vec<ReportTask>,
    /// Open and blocked, longest first.
    pub blocked: Vec<ReportTask>,
    /// Open, with a last day before the week's end (of the running week: before today), longest first.
    pub overdue: Vec<ReportTask>,
    /// Open, with a last day in the week after.
    pub due_next_week: Vec<ReportTask>,
    /// Made in the week.
    pub created: Vec<ReportTask>,
    /// What changes when any of this may have: sent back as `seen`, an unchanged answer is a 304.
    pub version: String,
}

/// How many tasks each category of a report has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// Finished in the week.
    pub completed: u32,
    /// Being worked on.
    pub in_progress: u32,
    /// Blocked.
    pub blocked: u32,
    /// Overdue.
    pub overdue: u32,
    /// Due in the week after.
    pub due_next_week: u32,
    /// Made in the week.
    pub created: u32,
}

/// A task in a report. Only what its category asks for is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportTask {
    /// Which.
    pub id: TaskId,
    /// On which board.
    pub project_id: ProjectId,
    /// The board's name.
    pub project: String,
    /// What it is.
    pub title: String,
    /// The column's name.
    pub status: String,
    /// Who does it.
    pub assignee_id: Option<UserId>,
    /// Their name.
    pub assignee: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last day of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When it was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Why nobody can go on with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_reason: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_since: Option<Timestamp>,
    /// For how many days, at the end of the week or now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_blocked: Option<u32>,
    /// How many days its last day is past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_overdue: Option<u32>,
}
