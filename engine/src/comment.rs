//! What people write about a task. A comment is no part of the board: the log says only that there is
//! one, and how many there are, and who has the task open is sent its text.

use serde::{Deserialize, Serialize};

use crate::{ApiError, CommentId, TaskId, Timestamp, UserId};

/// A comment as it is after its last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    /// Which.
    pub id: CommentId,
    /// About which task.
    pub task_id: TaskId,
    /// Who wrote it.
    pub author_id: UserId,
    /// Their name, also when they have left the project.
    pub author_name: String,
    /// What they wrote: Markdown. Empty once it is deleted.
    pub body: String,
    /// The same as HTML, rendered and sanitised by the server. Empty once it is deleted.
    pub html: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last rewritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// When it was deleted. What is left of it says only that, to whoever asks what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The seq of the project's log at its last change: the higher one is the newer one.
    pub seq: u64,
}

/// What a request to write or rewrite a comment says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CommentDraft {
    /// An id made by the writer, so that a page can show the comment before the server has answered. Of no
    /// meaning where a comment is rewritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CommentId>,
    /// Markdown. `[@Name](user:<id>)` mentions the member with that id; `@Full Name` or `@address` whoever has it.
    pub body: String,
    /// Members who are meant by an `@Name` in the text: of several with that name, and whatever letters follow it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
}

/// A page of a task's thread, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thread {
    /// The comments. Deleted ones are left out.
    pub comments: Vec<Comment>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whether there are newer ones: only of a page around a comment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newer: bool,
    /// Whether the reader watches this task.
    pub watching: bool,
    /// Where the project's log ended when this was read.
    pub seq: u64,
}

/// The refusal to show a comment that was deleted.
pub fn deleted() -> ApiError {
    ApiError::new(410, "comment_deleted", "This comment was deleted.")
}

/// A comment after a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentChanged {
    /// The event of the write.
    pub seq: u64,
    /// The comment.
    pub comment: Comment,
    /// Whether who wrote watches the task now.
    pub watching: bool,
}

/// Markdown that is to be shown before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// As in a [`CommentDraft`].
    pub body: String,
}

/// What a [`Preview`] looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rendered {
    /// As in a [`Comment`].
    pub html: String,
}

/// Whether somebody is told of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Watching {
    /// Whether they are.
    pub watching: bool,
}

/// What the log, and so everybody on the board, is told of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commented {
    /// Which comment.
    pub comment_id: CommentId,
    /// About which task.
    pub task_id: TaskId,
    /// Who wrote it.
    pub author_id: UserId,
    /// How many comments the task has after this.
    pub comment_count: u32,
}
