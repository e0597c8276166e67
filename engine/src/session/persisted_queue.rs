//! The persisted form of a session: waiting ops, and ops that were refused unseen.

mod document;

use serde::{Deserialize, Serialize};

use super::{Link, PendingOp, Session, SessionEffect};
use crate::{ApiError, Op, OpId};

/// Most ops that one page keeps, waiting and rejected together.
pub const MOST: usize = 200;
/// How long an op may wait, in milliseconds. The server remembers op ids for as long: an op sent later could be carried
/// out twice.
pub const KEEP_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// Why an op is given up. One that was sent without an answer may have been carried out (`unclear`).
const NO_ACCESS: (u16, &str, &str) = (403, "no_access", "You're no longer a member of this project.");
const NO_ACCESS_UNCLEAR: (u16, &str, &str) =
    (403, "no_access_unclear", "You're no longer a member of this project. This may already be done.");
const TOO_OLD: (u16, &str, &str) = (409, "too_old", "This waited for more than a week.");
const TOO_OLD_UNCLEAR: (u16, &str, &str) =
    (409, "too_old_unclear", "This waited for more than a week, and may already be done.");

/// A rejected op, shown until its author decides about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedOp {
    /// The op.
    #[serde(rename = "wish")]
    pub pending_op: PendingOp,
    /// Why it was rejected. Its status is not stored.
    pub error: ApiError,
    /// The title of the task, or the name of the column or person, where known: it may be gone from the board.
    pub title: Option<String>,
}

impl RejectedOp {
    /// The text of a comment that could not be added or edited.
    pub fn comment_text(&self) -> Option<&str> {
        self.pending_op.op.text().filter(|_| self.pending_op.op.comment_id().is_some())
    }
}

/// The ops that have to outlive a page. [`PersistedQueue::read`] reads them back, entry by entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PersistedQueue {
    /// Ops to send, in order.
    #[serde(rename = "wishes")]
    pub pending_ops: Vec<PendingOp>,
    /// Rejected ops to show.
    #[serde(rename = "unmade")]
    pub rejected: Vec<RejectedOp>,
    /// Stored entries that this build cannot read, each as a document of its own for a build that can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
}

impl PersistedQueue {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.pending_ops.len() + self.rejected.len() + self.unreadable.len()
    }
}

impl Session {
    /// Takes over the queue of an earlier session, or of another tab that is gone.
    pub fn restore(&mut self, queue: PersistedQueue) {
        self.resume(queue.pending_ops);
        for rejected in queue.rejected {
            self.add_rejected(rejected);
        }
        for text in queue.unreadable {
            if !self.unreadable.contains(&text) {
                self.unreadable.push(text);
                self.rejected_revision += 1;
            }
        }
    }

    /// The user has left this board: ops refused from now on stay until the author returns and decides.
    pub fn leave(&mut self) {
        self.pending.leave();
    }

    /// The queue to store for [`Session::restore`], if it changed since the last call.
    pub fn take_persisted_queue(&mut self) -> Option<PersistedQueue> {
        let revisions = (self.pending.revision(), self.rejected_revision);
        (std::mem::replace(&mut self.persisted, revisions) != revisions).then(|| PersistedQueue {
            pending_ops: self.pending.unanswered().cloned().collect(),
            rejected: self.rejected.clone(),
            unreadable: self.unreadable.clone(),
        })
    }

    /// Whether any op has no answer yet.
    pub fn has_unanswered(&self) -> bool {
        self.pending.unanswered().next().is_some()
    }

    /// When the view last matched the server, in milliseconds. `None` before the first connection.
    pub fn as_of(&self) -> Option<u64> {
        self.as_of
    }

    /// The rejected ops and the number of unreadable entries, if either changed since the last call.
    pub fn take_rejected(&mut self) -> Option<(&[RejectedOp], usize)> {
        (std::mem::replace(&mut self.reported_revision, self.rejected_revision) != self.rejected_revision)
            .then_some((&self.rejected, self.unreadable.len()))
    }

    /// The rejected ops, oldest first.
    pub fn rejected(&self) -> &[RejectedOp] {
        &self.rejected
    }

    /// Whether the queue has room for another op.
    pub(super) fn has_room(&self) -> bool {
        self.pending.len() + self.rejected.len() < MOST
    }

    /// Rejects an op. A toast is enough if its author is watching; if they made it long ago, or typed a text, it is
    /// kept until they decide.
    pub(super) fn reject(
        &mut self,
        pending_op: PendingOp,
        error: ApiError,
        waited: bool,
        effects: &mut Vec<SessionEffect>,
    ) {
        self.view.mark(pending_op.op.task_id());
        if waited || pending_op.op.text().is_some() {
            let title = self.name_of(&pending_op.op);
            self.add_rejected(RejectedOp { pending_op: pending_op.clone(), error: error.clone(), title });
        }
        effects.push(SessionEffect::Refused { op: pending_op.op, error });
    }

    /// The title or name of the thing that an op changes.
    fn name_of(&self, op: &Op) -> Option<String> {
        let task = op.task_id().and_then(|id| self.view.board().task(id).or_else(|| self.removed.get(id)));
        let status = op.status_id().and_then(|id| self.confirmed.status(id).or_else(|| self.removed.status(id)));
        let member = op.member_id().and_then(|id| self.confirmed.members().iter().find(|member| member.user_id == id));
        let name = status.map(|status| &status.name).or(member.map(|member| &member.name));
        task.map(|task| &task.title).or(name).cloned()
    }

    /// Rejects ops that are too old to send, or that the user lost access for.
    pub(super) fn give_up(&mut self, now: u64, effects: &mut Vec<SessionEffect>) {
        let (given_up, error, unclear) = if self.link() == Link::NoAccess {
            let all = self.pending.take_unanswered(|_| true);
            (all, NO_ACCESS, NO_ACCESS_UNCLEAR)
        } else {
            let old = self.pending.take_unanswered(|pending_op| made_at(pending_op).saturating_add(KEEP_MS) <= now);
            (old, TOO_OLD, TOO_OLD_UNCLEAR)
        };
        if given_up.is_empty() {
            return;
        }
        for (pending_op, may_be_done) in given_up {
            let (status, code, message) = if may_be_done { unclear } else { error };
            self.reject(pending_op, ApiError::new(status, code, message), true, effects);
        }
        self.replay();
    }

    /// Submits a rejected op again under a new id: the old id has its answer.
    pub(super) fn resubmit(&mut self, op_id: OpId, fresh: OpId, now: u64, effects: &mut Vec<SessionEffect>) {
        // Without room it stays in the list.
        if self.pending.len() + self.rejected.len() <= MOST
            && let Some(RejectedOp { pending_op, .. }) = self.discard(op_id)
        {
            self.submit(fresh, pending_op.op, now, effects);
        }
    }

    /// Removes a rejected op about which its author has decided.
    pub(super) fn discard(&mut self, op_id: OpId) -> Option<RejectedOp> {
        let at = self.rejected.iter().position(|rejected| rejected.pending_op.op_id == op_id)?;
        self.rejected_revision += 1;
        Some(self.rejected.remove(at))
    }

    /// Drops the unreadable entries, as their author decided.
    pub(super) fn discard_unreadable(&mut self) {
        self.rejected_revision += u64::from(!self.unreadable.is_empty());
        self.unreadable.clear();
    }

    fn add_rejected(&mut self, rejected: RejectedOp) {
        if self.rejected.iter().all(|own| own.pending_op.op_id != rejected.pending_op.op_id) {
            self.rejected.push(rejected);
            self.rejected_revision += 1;
        }
    }
}

/// When an op was made, in milliseconds.
fn made_at(pending_op: &PendingOp) -> u64 {
    u64::try_from(pending_op.at.millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
