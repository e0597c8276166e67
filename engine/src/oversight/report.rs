//! The weekly report.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::{ProjectId, TaskId, Timestamp, UserId, day::Day};

/// A week of one project, or of all that the reader may see. A past week shows everything as of its end, the current
/// one as of now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// The first day of the week.
    pub week: Day,
    /// The last one.
    pub last: Day,
    /// Today, where the reader is.
    pub today: Day,
    /// The project's name, if the report is for one.
    pub project: Option<String>,
    /// How many tasks each category has.
    pub counts: Counts,
    /// The same for the previous week.
    pub before: Counts,
    /// Finished in the week and not reopened, newest first.
    pub completed: Vec<ReportTask>,
    /// In a column of category `doing`, by due date.
    pub in_progress: Vec<ReportTask>,
    /// Open and blocked, longest first.
    pub blocked: Vec<ReportTask>,
    /// Open, with a last day before the week's end (of the current week: before today), longest first.
    pub overdue: Vec<ReportTask>,
    /// Open, with a last day in the following week, by that day.
    pub due_next_week: Vec<ReportTask>,
    /// Created in the week, newest first.
    pub created: Vec<ReportTask>,
    /// Changes when any of this may have changed. The answer's `ETag` has it: sent back in `If-None-Match`, an unchanged answer is a 304.
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
    /// Due in the following week.
    pub due_next_week: u32,
    /// Created in the week.
    pub created: u32,
}

/// A task in a report, with the fields that its category needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportTask {
    /// Its id.
    pub id: TaskId,
    /// The project.
    pub project_id: ProjectId,
    /// The board's name.
    pub project: String,
    /// The title of the task.
    pub title: String,
    /// The column's name.
    pub status: String,
    /// The assignee.
    pub assignee_id: Option<UserId>,
    /// Their name.
    pub assignee: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The same as a date in the reader's time zone, as below.
    pub created_on: Day,
    /// Last day of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When it was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// On which date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_on: Option<Day>,
    /// Why it is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_reason: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_since: Option<Timestamp>,
    /// Since which date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_on: Option<Day>,
    /// Number of days, at the end of the week or now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_blocked: Option<u32>,
    /// Number of days that its last day is past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_overdue: Option<u32>,
}

impl Counts {
    /// Adds the counts of another project.
    pub fn add(&mut self, other: &Self) {
        self.completed += other.completed;
        self.in_progress += other.in_progress;
        self.blocked += other.blocked;
        self.overdue += other.overdue;
        self.due_next_week += other.due_next_week;
        self.created += other.created;
    }
}

impl Report {
    /// Sorts each category and counts it.
    pub fn sort(&mut self) {
        // Ties are broken by id, so that the order is stable.
        self.completed.sort_by_key(|task| (Reverse(task.completed_at), task.id));
        self.in_progress.sort_by_key(|task| (task.due_at.is_none(), task.due_at, task.created_at, task.id));
        self.blocked.sort_by_key(|task| (task.blocked_since, task.id));
        self.overdue.sort_by_key(|task| (task.due_at, task.id));
        self.due_next_week.sort_by_key(|task| (task.due_at, task.id));
        self.created.sort_by_key(|task| (Reverse(task.created_at), task.id));
        let count = |tasks: &Vec<ReportTask>| u32::try_from(tasks.len()).unwrap_or(u32::MAX);
        self.counts = Counts {
            completed: count(&self.completed),
            in_progress: count(&self.in_progress),
            blocked: count(&self.blocked),
            overdue: count(&self.overdue),
            due_next_week: count(&self.due_next_week),
            created: count(&self.created),
        };
    }
}
