//! The part of a thread around a linked comment, separate from the newest ones until the gap is closed.

use super::{Loaded, OpenThread, request::RETRY_MS};
use crate::{ApiError, Comment, CommentId, Timestamp, comment};

/// Sort key of a comment in its thread.
type Key = (Timestamp, CommentId);

/// A loaded range separate from the newest comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CommentWindow {
    pub(super) from: Key,
    pub(super) to: Key,
    /// Whether there are older ones than `from`.
    pub(super) more: bool,
}

/// The comment that the page was asked to show.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Named {
    #[default]
    None,
    Wanted(CommentId),
    Here(CommentId),
    /// It cannot be shown, for this reason.
    Gone(ApiError),
}

impl OpenThread {
    /// Requests a comment, however old.
    pub fn want_comment(&mut self, id: CommentId) {
        self.named = Named::Wanted(id);
        self.find_named();
        self.changed = true;
    }

    /// Requests more comments between the window and the newest ones.
    pub fn want_between(&mut self) {
        self.between |= self.window.is_some();
        self.changed = true;
    }

    /// The last comment before the gap, if there is one.
    pub fn gap(&self) -> Option<CommentId> {
        self.window.map(|window| window.to.1)
    }

    /// Whether comments of the gap are being fetched.
    pub fn is_fetching_between(&self) -> bool {
        self.between
    }

    /// Why the requested comment cannot be shown.
    pub fn named_gone(&self) -> Option<&ApiError> {
        match &self.named {
            Named::Gone(error) => Some(error),
            _ => None,
        }
    }

    /// Handles the answer to a [`ThreadRequest::Around`](super::ThreadRequest::Around).
    pub fn around(&mut self, id: CommentId, result: Result<comment::Thread, ApiError>, now: u64) {
        let Some((_, wanted)) = self.fetching_around.take_if(|(fetching, _)| *fetching == id) else { return };
        self.changed = true;
        match result {
            Ok(_) if !wanted => {}
            Ok(page) => {
                self.between = false;
                self.add_window(page);
                if self.named == Named::Wanted(id) {
                    self.named = Named::Gone(ApiError::illegible());
                    if self.comments.get(&id).is_some_and(|comment| self.shows(comment)) {
                        self.named = Named::Here(id);
                    }
                }
            }
            Err(error) if error.is_temporary() => self.fetch_at = now + RETRY_MS,
            Err(error) => {
                self.between = false;
                if self.named == Named::Wanted(id) {
                    self.named = Named::Gone(error);
                }
            }
        }
    }

    /// The comment whose surroundings to fetch, if they are missing and not under way.
    pub(super) fn next_around(&self) -> Option<CommentId> {
        if self.stale || !self.is_loaded() || self.fetching_around.is_some() {
            return None;
        }
        match (&self.named, self.window) {
            (Named::Wanted(id), _) => Some(*id),
            (_, Some(window)) if self.between => Some(window.to.1),
            _ => None,
        }
    }

    /// Checks whether the named comment is shown by now.
    pub(super) fn find_named(&mut self) {
        let Named::Wanted(id) = self.named else { return };
        match self.comments.get(&id) {
            Some(comment) if comment.deleted_at.is_some() => self.named = Named::Gone(comment::deleted()),
            Some(comment) if self.is_loaded() && self.shows(comment) => self.named = Named::Here(id),
            _ => {}
        }
    }

    /// Drops the window for a reload: it is fetched again if still wanted.
    pub(super) fn drop_window(&mut self) {
        self.window = None;
        self.between = false;
        if let Named::Here(id) = self.named {
            self.named = Named::Wanted(id);
        }
        if let Some((_, wanted)) = &mut self.fetching_around {
            *wanted = false;
        }
    }

    /// Extends the window with older comments, if they belong to it.
    pub(super) fn extend_window(&mut self, before: CommentId, oldest: Option<Key>) -> bool {
        let Some(window) = self.window.as_mut().filter(|window| window.from.1 == before) else { return false };
        window.more = oldest.is_some();
        window.from = oldest.unwrap_or(window.from);
        true
    }

    /// Whether a window shows a comment.
    pub(super) fn in_window(&self, comment: &Comment) -> bool {
        let at = (comment.created_at, comment.id);
        // Comments of the last page may lie before its end.
        self.window.is_some_and(|window| (window.from <= at || !window.more) && at <= window.to)
    }

    fn add_window(&mut self, page: comment::Thread) {
        let comment::Thread { comments, more, newer, .. } = page;
        let key = |comment: &Comment| (comment.created_at, comment.id);
        let Some((from, to)) = comments.first().map(key).zip(comments.last().map(key)) else { return };
        comments.into_iter().for_each(|comment| self.put(comment));
        let mut window = CommentWindow { from, to, more };
        if let Some(other) = self.window.filter(|other| other.from <= to && from <= other.to) {
            (window.from, window.more) = if other.from < from { (other.from, other.more) } else { (from, more) };
            window.to = other.to.max(to);
        }
        self.window = Some(window);
        if !newer {
            self.close_gap();
        }
        self.join_window();
    }

    /// Joins the window and the loaded range, if they meet.
    pub(super) fn join_window(&mut self) {
        let meets = |window: &CommentWindow| match self.loaded {
            Loaded::Not => false,
            Loaded::All => true,
            Loaded::From(at, id) => window.to >= (at, id),
        };
        if self.window.as_ref().is_some_and(meets) {
            self.close_gap();
        }
    }

    fn close_gap(&mut self) {
        if let Some(window) = self.window.take()
            && let Loaded::From(at, id) = self.loaded
        {
            self.between = false;
            self.loaded = match window.more {
                _ if (at, id) <= window.from => self.loaded,
                true => Loaded::From(window.from.0, window.from.1),
                false => Loaded::All,
            };
        }
    }
}

#[cfg(test)]
mod tests;
