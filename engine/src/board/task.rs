//! A card.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, Rank, StatusId, TaskId, Timestamp, UserId, task_fields};

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

/// Declares the task, with its plain fields among the others.
macro_rules! task {
    ($($(#[doc = $doc:literal])* $(#[serde $serde:tt])? $name:ident: $type:ty,)*) => {
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
            $(
                $(#[doc = $doc])*
                $(#[serde $serde])?
                pub $name: $type,
            )*
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

        impl Task {
            /// A new task at a place of a column, with an empty title and no other field set.
            pub fn new(
                id: TaskId,
                project_id: ProjectId,
                (status_id, rank): (StatusId, Rank),
                (created_by, created_at): (UserId, Timestamp),
            ) -> Self {
                Self {
                    id,
                    project_id,
                    status_id,
                    rank,
                    title: String::new(),
                    description: None,
                    assignee_id: None,
                    $($name: Default::default(),)*
                    blocked_reason: None,
                    blocked_since: None,
                    completed_at: None,
                    created_by,
                    created_at,
                    updated_at: created_at,
                    version: 1,
                    comment_count: 0,
                }
            }
        }
    };
}
task_fields!(task);

/// Most tasks have no comments: nothing is said of them.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn none(count: &u32) -> bool {
    *count == 0
}
