//! The reader's own comments, edits and deletions, until the thread has them.
//!
//! An op on a comment leaves the queue when the log shows it, but the log has no texts: the comment itself arrives with
//! the answer or on the socket, a little earlier or later. Until then the op stays here as an echo.

use std::collections::VecDeque;

use super::OpenThread;
use crate::{Comment, CommentId, Op, UserId, session::PendingOp};

/// The reader's ops on the comments of one thread.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnComments {
    /// Ops in the queue, in order.
    pending: Vec<PendingOp>,
    /// Ops that the log shows at a seq, and whose comment has not arrived.
    echoes: Vec<(PendingOp, u64)>,
    /// Whether the pending ops cannot be sent at present.
    held_up: bool,
    /// Deleted comments, for undo.
    deleted: VecDeque<Comment>,
}

/// Deleted comments kept: enough for every Undo that can still be on the screen.
const REMEMBERED: usize = 16;

impl OpenThread {
    /// The comments as the reader sees them, with their own ops played on them, and the ids of the pending ones: the
    /// server has not rendered those, so their `html` is empty. `me` and `name` are the reader.
    pub fn shown_comments(&self, me: UserId, name: &str) -> (Vec<Comment>, Vec<CommentId>) {
        let mut comments: Vec<Comment> = self.comments().into_iter().cloned().collect();
        let (mut pending, mut deleted) = (Vec::new(), Vec::new());
        for PendingOp { op, at, .. } in self.own.echoes.iter().map(|(op, _)| op).chain(&self.own.pending) {
            let Some(id) = op.comment_id() else { continue };
            match op {
                Op::AddComment { draft, .. } if !self.comments.contains_key(&id) => {
                    comments.push(Comment {
                        id,
                        task_id: self.task,
                        author_id: me,
                        author_name: name.to_owned(),
                        body: draft.body.clone(),
                        html: String::new(),
                        created_at: *at,
                        edited_at: None,
                        deleted_at: None,
                        seq: 0,
                    });
                    pending.push(id);
                }
                Op::EditComment { draft, .. } => {
                    if let Some(comment) = comments.iter_mut().find(|comment| comment.id == id) {
                        comment.body.clone_from(&draft.body);
                        comment.html.clear();
                        pending.push(id);
                    }
                }
                Op::DeleteComment { .. } => {
                    deleted.extend(comments.extract_if(.., |comment| comment.id == id));
                }
                Op::RestoreComment { .. } if comments.iter().all(|comment| comment.id != id) => {
                    let known = deleted.iter().rev().chain(&self.own.deleted).find(|comment| comment.id == id);
                    if let Some(comment) = known.cloned() {
                        let key = (comment.created_at, id);
                        let at = comments.iter().position(|other| (other.created_at, other.id) > key);
                        comments.insert(at.unwrap_or(comments.len()), comment);
                    }
                }
                _ => {}
            }
        }
        (comments, pending)
    }

    /// Whether the reader has unconfirmed ops here.
    pub fn has_own(&self) -> bool {
        !self.own.pending.is_empty() || !self.own.echoes.is_empty()
    }

    /// Whether the pending ops cannot be sent at present.
    pub fn is_held_up(&self) -> bool {
        self.own.held_up
    }

    /// Copies the queue's ops on this thread.
    pub(in crate::session) fn take_pending<'a>(&mut self, queue: impl Iterator<Item = &'a PendingOp>, held_up: bool) {
        let task = self.task;
        let here = |op: &&PendingOp| op.op.comment_id().is_some() && op.op.task_id() == Some(task);
        let pending: Vec<&PendingOp> = queue.filter(here).collect();
        if !pending.iter().map(|op| op.op_id).eq(self.own.pending.iter().map(|op| op.op_id)) {
            self.own.pending = pending.into_iter().cloned().collect();
            self.changed = true;
        }
        self.changed |= self.has_own() && self.own.held_up != held_up;
        self.own.held_up = held_up;
    }

    /// Keeps an op of the reader's that the log shows at `seq`, until its comment arrives.
    pub(in crate::session) fn echo(&mut self, op: &PendingOp, seq: u64) {
        let Some(id) = op.op.comment_id().filter(|_| op.op.task_id() == Some(self.task)) else { return };
        if seq > self.known && self.comments.get(&id).is_none_or(|comment| comment.seq < seq) {
            self.own.echoes.push((op.clone(), seq));
        }
    }

    /// Remembers a deleted comment for undo.
    pub(super) fn remember(&mut self, comment: Comment) {
        self.own.deleted.retain(|other| other.id != comment.id);
        self.own.deleted.truncate(REMEMBERED - 1);
        self.own.deleted.push_front(comment);
    }

    /// Drops the echoes that a comment, received as of seq `at`, contains.
    pub(super) fn forget_echoes_of(&mut self, comment: CommentId, at: u64) {
        self.own.echoes.retain(|(op, seq)| op.op.comment_id() != Some(comment) || *seq > at);
    }

    /// Drops the echoes up to a seq: everything up to it has arrived.
    pub(super) fn forget_echoes_to(&mut self, at: u64) {
        self.own.echoes.retain(|(_, seq)| *seq > at);
    }
}

#[cfg(test)]
mod tests;
