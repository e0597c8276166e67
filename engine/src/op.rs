//! Changes that users ask for. Intent and fact have different names: `MoveTask` (op) → `TaskStatusChanged` (event).

mod patch;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{CommentId, ProjectId, Role, StatusId, TaskId, UserId, comment::CommentDraft};
pub use patch::{BulkPatch, TaskDraft, TaskPatch};

/// A change that a user asks for, shown by the page before the server has answered. Its `OpId` travels beside it, as
/// the `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Create a task.
    CreateTask {
        /// The project.
        project_id: ProjectId,
        /// The new task. Its `id` is set, so that later ops can refer to it at once.
        draft: TaskDraft,
    },
    /// Change fields of a task.
    UpdateTask {
        /// The task.
        task_id: TaskId,
        /// The fields to change.
        patch: TaskPatch,
    },
    /// Move a task to a place in a column.
    MoveTask {
        /// The task.
        task_id: TaskId,
        /// The new place.
        to: Placement,
    },
    /// Assign a task to somebody, or to nobody.
    AssignTask {
        /// The task.
        task_id: TaskId,
        /// The new assignee; `None` for nobody.
        assignee_id: Option<UserId>,
    },
    /// Delete a task.
    DeleteTask {
        /// The task.
        task_id: TaskId,
    },
    /// Restore a deleted task to its place.
    RestoreTask {
        /// The task.
        task_id: TaskId,
    },
    /// Add a comment to a task.
    AddComment {
        /// The task.
        task_id: TaskId,
        /// The new comment. Its `id` is set, so that later ops can refer to it at once.
        draft: CommentDraft,
    },
    /// Edit one's own comment.
    EditComment {
        /// The task.
        task_id: TaskId,
        /// The comment.
        comment_id: CommentId,
        /// The new text; without an `id`.
        draft: CommentDraft,
    },
    /// Delete a comment.
    DeleteComment {
        /// The task.
        task_id: TaskId,
        /// The comment.
        comment_id: CommentId,
    },
    /// Restore a comment, shortly after the same user deleted it.
    RestoreComment {
        /// The task.
        task_id: TaskId,
        /// The comment.
        comment_id: CommentId,
    },
    /// Delete an empty column.
    DeleteStatus {
        /// The project.
        project_id: ProjectId,
        /// The column.
        status_id: StatusId,
    },
    /// Restore a column to its place, shortly after it was deleted.
    RestoreStatus {
        /// The project.
        project_id: ProjectId,
        /// The column.
        status_id: StatusId,
    },
    /// Give a member another role.
    ChangeRole {
        /// The project.
        project_id: ProjectId,
        /// The member.
        user_id: UserId,
        /// The new role.
        role: Role,
    },
    /// Remove a member.
    RemoveMember {
        /// The project.
        project_id: ProjectId,
        /// The member.
        user_id: UserId,
    },
    /// Restore a member, shortly after the same user removed them.
    RestoreMember {
        /// The project.
        project_id: ProjectId,
        /// The member.
        user_id: UserId,
    },
}

/// A place in a column, given by its neighbours. They are what the user aimed at; the server derives a rank from them.
/// Without both: the end of the column. A neighbour that has left the column is ignored; if the two are no longer
/// adjacent, `after_id` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The column.
    pub status_id: StatusId,
    /// The card directly above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_id: Option<TaskId>,
    /// The card directly below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_id: Option<TaskId>,
}

/// One change to many tasks of a project, all or nothing: `POST /api/projects/{id}/tasks/bulk`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// The tasks, each once; at most [`limit::BULK`](crate::limit::BULK). A move keeps this order.
    pub ids: Vec<TaskId>,
    /// The change.
    pub change: BulkChange,
}

/// What happens to each task of a [`Bulk`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkChange {
    /// Move them to a place in a column, one below the other.
    Move(Placement),
    /// Assign them to somebody, or to nobody.
    Assign(Assignment),
    /// Change the same fields of all of them.
    Set(BulkPatch),
    /// Delete them.
    Delete,
    /// Restore them.
    Restore,
}

/// The assignment of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// A member, or `null` for nobody.
    // Named, so that serde does not treat an absent field as `null`.
    #[serde(deserialize_with = "given")]
    pub assignee_id: Option<UserId>,
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UserId>, D::Error> {
    Option::deserialize(deserializer)
}

/// Distinguishes `null` from an absent field, which serde treats alike.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Op {
    /// The task that the op changes. `None` for a `CreateTask` without an id.
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

    /// The column that the op itself changes, as opposed to a task in it.
    pub fn status_id(&self) -> Option<StatusId> {
        match self {
            Op::DeleteStatus { status_id, .. } | Op::RestoreStatus { status_id, .. } => Some(*status_id),
            _ => None,
        }
    }

    /// The member that the op changes.
    pub fn member_id(&self) -> Option<UserId> {
        match self {
            Op::ChangeRole { user_id, .. } | Op::RemoveMember { user_id, .. } | Op::RestoreMember { user_id, .. } => {
                Some(*user_id)
            }
            _ => None,
        }
    }

    /// The comment that the op changes. `None` for an `AddComment` without an id.
    pub fn comment_id(&self) -> Option<CommentId> {
        match self {
            Op::AddComment { draft, .. } => draft.id,
            Op::EditComment { comment_id, .. }
            | Op::DeleteComment { comment_id, .. }
            | Op::RestoreComment { comment_id, .. } => Some(*comment_id),
            _ => None,
        }
    }

    /// The text that the author typed: a description, a comment, a title or a reason. A rejected op with a text is kept
    /// until its author decides, even if they are watching.
    pub fn text(&self) -> Option<&str> {
        match self {
            Op::CreateTask { draft, .. } => Some(&draft.title),
            Op::UpdateTask { patch, .. } => patch.text(),
            Op::AddComment { draft, .. } | Op::EditComment { draft, .. } => Some(&draft.body),
            _ => None,
        }
    }
}
