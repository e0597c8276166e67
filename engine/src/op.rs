//! What a user wants. Intent and fact are different words: `MoveTask` (op) → `TaskStatusChanged` (event).

mod patch;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{CommentId, ProjectId, Role, StatusId, TaskId, UserId, comment::CommentDraft};
pub use patch::{BulkPatch, TaskDraft, TaskPatch};

/// A change that a user asks for and that the page shows before the server has answered.
/// Its `OpId` travels beside it, as the `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Make a task.
    CreateTask {
        /// On which board.
        project_id: ProjectId,
        /// What it is to be. Its `id` is set, so that later ops can name it at once.
        draft: TaskDraft,
    },
    /// Change fields of a task.
    UpdateTask {
        /// Which.
        task_id: TaskId,
        /// The fields, and nothing else.
        patch: TaskPatch,
    },
    /// Put a task into a place of a column.
    MoveTask {
        /// Which.
        task_id: TaskId,
        /// Where.
        to: Placement,
    },
    /// Give a task to somebody, or to nobody.
    AssignTask {
        /// Which.
        task_id: TaskId,
        /// To whom.
        assignee_id: Option<UserId>,
    },
    /// Take a task off the board.
    DeleteTask {
        /// Which.
        task_id: TaskId,
    },
    /// Put a deleted task back where it was.
    RestoreTask {
        /// Which.
        task_id: TaskId,
    },
    /// Write about a task.
    AddComment {
        /// About which.
        task_id: TaskId,
        /// What. Its `id` is set, so that later ops can name the comment at once.
        draft: CommentDraft,
    },
    /// Rewrite one's own comment.
    EditComment {
        /// Of which task.
        task_id: TaskId,
        /// Which.
        comment_id: CommentId,
        /// What it says from now on; without an `id`.
        draft: CommentDraft,
    },
    /// Delete a comment.
    DeleteComment {
        /// Of which task.
        task_id: TaskId,
        /// Which.
        comment_id: CommentId,
    },
    /// Put a deleted comment back, shortly after one has deleted it.
    RestoreComment {
        /// Of which task.
        task_id: TaskId,
        /// Which.
        comment_id: CommentId,
    },
    /// Take an empty column off the board.
    DeleteStatus {
        /// Of which board.
        project_id: ProjectId,
        /// Which.
        status_id: StatusId,
    },
    /// Put a deleted column back where it was, shortly after it was deleted.
    RestoreStatus {
        /// Of which board.
        project_id: ProjectId,
        /// Which.
        status_id: StatusId,
    },
    /// Give a member another role.
    ChangeRole {
        /// In which project.
        project_id: ProjectId,
        /// Whom.
        user_id: UserId,
        /// What they may do from now on.
        role: Role,
    },
    /// Let a member go.
    RemoveMember {
        /// From which project.
        project_id: ProjectId,
        /// Whom.
        user_id: UserId,
    },
    /// Take a member in again, shortly after one has let them go.
    RestoreMember {
        /// Into which project.
        project_id: ProjectId,
        /// Whom.
        user_id: UserId,
    },
}

/// A place in a column, named by its neighbours: they are what the user aimed at, and the server
/// makes a rank of them. Both absent: the end of the column. A neighbour that is no longer in the
/// column is ignored; where the two no longer stand next to each other, `after_id` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The column.
    pub status_id: StatusId,
    /// The card right above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_id: Option<TaskId>,
    /// The card right below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_id: Option<TaskId>,
}

/// One change to many tasks of a project, all or nothing: `POST /api/projects/{id}/tasks/bulk`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// Which, each once; at most [`limit::BULK`](crate::limit::BULK). A move keeps this order.
    pub ids: Vec<TaskId>,
    /// What.
    pub change: BulkChange,
}

/// What happens to each task of a [`Bulk`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkChange {
    /// Put them into a place of a column, one below the other.
    Move(Placement),
    /// Give them to somebody, or to nobody.
    Assign(Assignment),
    /// Change the same fields of all.
    Set(BulkPatch),
    /// Take them off the board.
    Delete,
    /// Put deleted ones back.
    Restore,
}

/// Who is to do a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// A member, or `null` for nobody.
    // Named, so that serde does not take an absent field for `null`.
    #[serde(deserialize_with = "given")]
    pub assignee_id: Option<UserId>,
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UserId>, D::Error> {
    Option::deserialize(deserializer)
}

/// Keeps `null` apart from an absent field, which serde folds into one.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Op {
    /// The task that it is about. A `CreateTask` without an id is about none yet.
    pub fn task_id(&self) -> Option<TaskId> {
        match self {
            Op::CreateTask { draft, .. } => draft.id,
            Op::UpdateTask { task_id, .. }
            | Op::MoveTask { task_id, .. }
            | Op::AssignTask { task_id, .. }
            | Op::DeleteTask { task_id }
            | Op::RestoreTask { task_id }
            | Op::AddComment { task_id, .. }
            | Op::EditComment { task_id, .. }
            | Op::DeleteComment { task_id, .. }
            | Op::RestoreComment { task_id, .. } => Some(*task_id),
            Op::DeleteStatus { .. }
            | Op::RestoreStatus { .. }
            | Op::ChangeRole { .. }
            | Op::RemoveMember { .. }
            | Op::RestoreMember { .. } => None,
        }
    }

    /// The column that it is itself about, not a task in it.
    pub fn status_id(&self) -> Option<StatusId> {
        match self {
            Op::DeleteStatus { status_id, .. } | Op::RestoreStatus { status_id, .. } => Some(*status_id),
            _ => None,
        }
    }

    /// The member that it is itself about.
    pub fn member_id(&self) -> Option<UserId> {
        match self {
            Op::ChangeRole { user_id, .. } | Op::RemoveMember { user_id, .. } | Op::RestoreMember { user_id, .. } => {
                Some(*user_id)
            }
            _ => None,
        }
    }

    /// The comment that it is about. An `AddComment` without an id is about none yet.
    pub fn comment_id(&self) -> Option<CommentId> {
        match self {
            Op::AddComment { draft, .. } => draft.id,
            Op::EditComment { comment_id, .. }
            | Op::DeleteComment { comment_id, .. }
            | Op::RestoreComment { comment_id, .. } => Some(*comment_id),
            _ => None,
        }
    }

    /// The text that its author typed: a description, a comment, a title, a reason. A refused op keeps it until its
    /// author decides, even if the page is open.
    pub fn text(&self) -> Option<&str> {
        match self {
            Op::CreateTask { draft, .. } => Some(&draft.title),
            Op::UpdateTask { patch, .. } => patch.text(),
            Op::AddComment { draft, .. } | Op::EditComment { draft, .. } => Some(&draft.body),
            _ => None,
        }
    }
}
