//! Accessors for what a page shows of a thread.

use super::{Loaded, OpenThread};
use crate::{ApiError, Comment, TaskId, sorted::sort_by_key};

impl OpenThread {
    /// The task.
    pub fn task(&self) -> TaskId {
        self.task
    }

    /// The loaded comments, oldest first, without deleted ones.
    pub fn comments(&self) -> Vec<&Comment> {
        let mut comments: Vec<&Comment> = self.comments.values().filter(|comment| self.shows(comment)).collect();
        sort_by_key(&mut comments, |comment| (comment.created_at, comment.id));
        comments
    }

    /// Whether a page has been loaded.
    pub fn is_loaded(&self) -> bool {
        self.loaded != Loaded::Not
    }

    /// Whether nothing is loaded because the server does not answer.
    pub fn is_unreachable(&self) -> bool {
        self.unreachable
    }

    /// Whether there are comments older than [those that are loaded](Self::comments).
    pub fn has_older(&self) -> bool {
        self.window.map_or(matches!(self.loaded, Loaded::From(..)), |window| window.more)
    }

    /// Whether older comments are being fetched.
    pub fn is_fetching_older(&self) -> bool {
        self.older
    }

    /// Whether the reader watches the task.
    pub fn watching(&self) -> bool {
        self.watching
    }

    /// Why the thread cannot be read, if it cannot.
    pub fn refused(&self) -> Option<&ApiError> {
        self.refused.as_ref()
    }

    pub(super) fn shows(&self, comment: &Comment) -> bool {
        let loaded = match self.loaded {
            Loaded::From(at, id) => (comment.created_at, comment.id) >= (at, id),
            Loaded::Not | Loaded::All => true,
        };
        (loaded || self.in_window(comment)) && comment.deleted_at.is_none()
    }
}
