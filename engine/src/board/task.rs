//! A card.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, Rank, StatusId, TaskId, Timestamp, UserId, task_fields};

/// How urgent a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Not set.
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
            /// Its id.
            pub id: TaskId,
            /// The project.
            pub project_id: ProjectId,
            /// The column.
            pub status_id: StatusId,
            /// Its place in the column, which is sorted by `(rank, id)`.
            pub rank: Rank,
            /// One line of plain text.
            pub title: String,
            /// Plain text. Present if a single task is requested, and in an event that changed it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub description: Option<String>,
            /// The assignee.
            pub assignee_id: Option<UserId>,
            $(
                $(#[doc = $doc])*
                $(#[serde $serde])?
                pub $name: $type,
            )*
            /// Why it is blocked. A task with a reason is blocked.
            pub blocked_reason: Option<String>,
            /// Since when it is blocked.
            pub blocked_since: Option<Timestamp>,
            /// When it entered a column of category `done`.
            pub completed_at: Option<Timestamp>,
            /// The user who created it.
            pub created_by: UserId,
            /// When it was created.
            pub created_at: Timestamp,
            /// When it last changed.
            pub updated_at: Timestamp,
            /// Counts the changes of this task, from 1.
            pub version: i64,
            /// Number of comments, without deleted ones.
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

/// Zero is omitted: most tasks have no comments.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn none(count: &u32) -> bool {
    *count == 0
}
