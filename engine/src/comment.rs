//! Comments on tasks. A comment is not part of the board: the log only has that it exists, and how many there are.
//! Clients with the task open get its text.

use serde::{Deserialize, Serialize};

use crate::{ApiError, CommentId, TaskId, Timestamp, UserId};

/// A comment as it is after its last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The task.
    pub task_id: TaskId,
    /// The author.
    pub author_id: UserId,
    /// Their name, even if they have left the project.
    pub author_name: String,
    /// The text: Markdown. Empty once it is deleted.
    pub body: String,
    /// The same as HTML, rendered and sanitised by the server. Empty once it is deleted.
    pub html: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// When it was deleted. Only this much is left of it, for clients that ask what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// Seq of its last change: of two versions the one with the higher seq is newer.
    pub seq: u64,
}

/// A request to add or edit a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CommentDraft {
    /// An id chosen by the client, so that a page can show the comment before the server has answered. Ignored for
    /// edits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CommentId>,
    /// Markdown. `[@Name](user:<id>)` mentions the member with that id, `@Full Name` or `@address`
    /// the member with that name or address.
    pub body: String,
    /// Members meant by an `@Name` in the text, even if several have that name or letters follow it.
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
    /// Whether there are newer ones; only for a page around a comment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newer: bool,
    /// Whether the reader watches this task.
    pub watching: bool,
    /// Where the project's log ended when this was read.
    pub seq: u64,
}

/// The error for a deleted comment.
pub fn deleted() -> ApiError {
    ApiError::new(410, "comment_deleted", "This comment was deleted.")
}

/// A comment after a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentChanged {
    /// Seq of the change.
    pub seq: u64,
    /// The comment.
    pub comment: Comment,
    /// Whether the author now watches the task.
    pub watching: bool,
}

/// Markdown to preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// As in a [`CommentDraft`].
    pub body: String,
}

/// A rendered [`Preview`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rendered {
    /// As in a [`Comment`].
    pub html: String,
}

/// Whether a user watches a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Watching {
    /// Whether they watch it.
    pub watching: bool,
}

/// What the log, and so every member, learns about a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commented {
    /// The comment.
    pub comment_id: CommentId,
    /// The task.
    pub task_id: TaskId,
    /// The author.
    pub author_id: UserId,
    /// Number of comments of the task after the change.
    pub comment_count: u32,
}
