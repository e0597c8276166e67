//! A card.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, Rank, StatusId, TaskId, Timestamp, UserId};

/// How urgent a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Nobody has said.
    #[default]
    None,
    /// Some day.
    Low,
    /// In its turn.
    Medium,
    /// Soon.
    High,
    /// Now.
    Urgent,
}

/// A card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// On which board.
    pub project_id: ProjectId,
    /// In which column.
    pub status_id: StatusId,
    /// Where in the column, which is sorted by `(rank, id)`.
    pub rank: Rank,
    /// One line of plain text.
    pub title: String,
    /// Plain text. Present where one task is asked for, and in an event that changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who does it.
    pub assignee_id: Option<UserId>,
    /// How urgent it is.
    pub priority: Priority,
    /// First day of work: midnight UTC stands for the date, wherever the reader is.
    pub start_at: Option<Timestamp>,
    /// Last day of work: midnight UTC stands for the date, wherever the reader is.
    pub due_at: Option<Timestamp>,
    /// Expected work, in hours.
    pub estimate_hours: Option<f64>,
    /// Why nobody can go on with it. A task with a reason is blocked.
    pub blocked_reason: Option<String>,
    /// Since when it is blocked.
    pub blocked_since: Option<Timestamp>,
    /// When it came into a status of category `done`.
    pub completed_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes of this task, from 1.
    pub version: i64,
    /// Comments that are there to read.
    #[serde(default, skip_serializing_if = "none")]
    pub comment_count: u32,
}

/// Most tasks have no comments: nothing is said of them.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn none(count: &u32) -> bool {
    *count == 0
}
