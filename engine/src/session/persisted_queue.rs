//! What a session leaves behind for the next one: ops that wait, and ops that were refused while nobody looked.

mod document;

use serde::{Deserialize, Serialize};

use super::{Link, PendingOp, Session, SessionEffect};
use crate::{ApiError, Op, OpId};

/// Ops that one page keeps at the most, waiting and refused together.
pub const MOST: usize = 200;
/// How long an op may wait, in milliseconds. The server remembers for as long what it did under which op
/// id: sent later, an op that had come through after all would be done twice.
pub const KEEP_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// Why an op is not sent any more. One that was sent before, without an answer, may have been done: nobody can say.
const NO_ACCESS: (u16, &str, &str) = (403, "no_access", "You're no longer a member of this project.");
const NO_ACCESS_UNCLEAR: (u16, &str, &str) =
    (403, "no_access_unclear", "You're no longer a member of this project. This may already be done.");
const TOO_OLD: (u16, &str, &str) = (409, "too_old", "This waited for more than a week.");
const TOO_OLD_UNCLEAR: (u16, &str, &str) =
    (409, "too_old_unclear", "This waited for more than a week, and may already be done.");

/// An op that was not carried out, and whose author has yet to be heard: it is shown until they decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedOp {
    /// What was wanted.
    pub wish: PendingOp,
    /// Why it did not happen. Its status is not stored.
    pub error: ApiError,
    /// The title of the task, or the name of the column or person, where it was known: it may be gone from the board.
    pub title: Option<String>,
}

impl RejectedOp {
    /// The text of a comment that was not written or rewritten.
    pub fn comment_text(&self) -> Option<&str> {
        self.wish.op.text().filter(|_| self.wish.op.comment_id().is_some())
    }
}

/// All that has to outlive a page. [`PersistedQueue::read`] reads it back, entry by entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PersistedQueue {
    /// What is to be sent, in order.
    pub wishes: Vec<PendingOp>,
    /// What is to be shown.
    pub unmade: Vec<RejectedOp>,
    /// Stored texts that this build cannot read, each as a document of its own for a build that can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
}

impl PersistedQueue {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many changes it holds.
    pub fn len(&self) -> usize {
        self.wishes.len() + self.unmade.len() + self.unreadable.len()
    }
}

impl Session {
    /// Takes up what an earlier session, or another tab that is gone, has left behind.
    pub fn restore(&mut self, kept: PersistedQueue) {
        self.resume(kept.wishes);
        for unmade in kept.unmade {
            self.add_rejected(unmade);
        }
        for text in kept.unreadable {
            if !self.unreadable.contains(&text) {
                self.unreadable.push(text);
                self.rejected_revision += 1;
            }
        }
    }

    /// Nobody looks at this board any more. What is refused from here on stays until its author is back, and decides.
    pub fn leave(&mut self) {
        self.pending.leave();
    }

    /// What is to be stored for [`Session::restore`], where that changed since the last call.
    pub fn take_persisted_queue(&mut self) -> Option<PersistedQueue> {
        let kept = (self.pending.revision(), self.rejected_revision);
        (std::mem::replace(&mut self.persisted, kept) != kept).then(|| PersistedQueue {
            wishes: self.pending.unanswered().cloned().collect(),
            unmade: self.rejected.clone(),
            unreadable: self.unreadable.clone(),
        })
    }

    /// Whether there is something left to send, or to hear of.
    pub fn has_unanswered(&self) -> bool {
        self.pending.unanswered().next().is_some()
    }

    /// When the view was last known to be what the server has, in milliseconds. `None` before the first connection.
    pub fn as_of(&self) -> Option<u64> {
        self.as_of
    }

    /// What was not carried out, and how many stored changes this build cannot read, if either changed since the last call.
    pub fn take_rejected(&mut self) -> Option<(&[RejectedOp], usize)> {
        (std::mem::replace(&mut self.reported_revision, self.rejected_revision) != self.rejected_revision)
            .then_some((&self.rejected, self.unreadable.len()))
    }

    /// What was not carried out and waits for a decision, oldest first.
    pub fn rejected(&self) -> &[RejectedOp] {
        &self.rejected
    }

    /// Whether there is room for one more op.
    pub(super) fn has_room(&self) -> bool {
        self.pending.len() + self.rejected.len() < MOST
    }

    /// An op is not going to happen. Where its author looks at it, a word in passing will do; where they did
    /// it long ago, or typed what it holds, it stays until they decide.
    pub(super) fn reject(&mut self, wish: PendingOp, error: ApiError, waited: bool, effects: &mut Vec<SessionEffect>) {
        self.view.mark(wish.op.task_id());
        if waited || wish.op.text().is_some() {
            let title = self.name_of(&wish.op);
            self.add_rejected(RejectedOp { wish: wish.clone(), error: error.clone(), title });
        }
        effects.push(SessionEffect::Refused { op: wish.op, error });
    }

    /// What the thing is called that an op is about.
    fn name_of(&self, op: &Op) -> Option<String> {
        let task = op.task_id().and_then(|id| self.view.board().task(id).or_else(|| self.removed.get(id)));
        let status = op.status_id().and_then(|id| self.confirmed.status(id).or_else(|| self.removed.status(id)));
        let member = op.member_id().and_then(|id| self.confirmed.members().iter().find(|member| member.user_id == id));
        let name = status.map(|status| &status.name).or(member.map(|member| &member.name));
        task.map(|task| &task.title).or(name).cloned()
    }

    /// What is too old to be sent, and what nobody here may send any more.
    pub(super) fn give_up(&mut self, now: u64, effects: &mut Vec<SessionEffect>) {
        let (given_up, error, unclear) = if self.link() == Link::NoAccess {
            let all = self.pending.take_unanswered(|_| true);
            (all, NO_ACCESS, NO_ACCESS_UNCLEAR)
        } else {
            let old = self.pending.take_unanswered(|wish| made_at(wish).saturating_add(KEEP_MS) <= now);
            (old, TOO_OLD, TOO_OLD_UNCLEAR)
        };
        if given_up.is_empty() {
            return;
        }
        for (wish, may_be_done) in given_up {
            let (status, code, message) = if may_be_done { unclear } else { error };
            self.reject(wish, ApiError::new(status, code, message), true, effects);
        }
        self.replay();
    }

    /// The author wants it once more: the same op under a new id, for the old one has its answer.
    pub(super) fn again(&mut self, op_id: OpId, fresh: OpId, now: u64, effects: &mut Vec<SessionEffect>) {
        // Where there is no room for it, it stays where it is.
        if self.pending.len() + self.rejected.len() <= MOST
            && let Some(RejectedOp { wish, .. }) = self.discard(op_id)
        {
            self.submit(fresh, wish.op, now, effects);
        }
    }

    /// The author has decided.
    pub(super) fn discard(&mut self, op_id: OpId) -> Option<RejectedOp> {
        let at = self.rejected.iter().position(|unmade| unmade.wish.op_id == op_id)?;
        self.rejected_revision += 1;
        Some(self.rejected.remove(at))
    }

    /// The author has decided.
    pub(super) fn discard_unreadable(&mut self) {
        self.rejected_revision += u64::from(!self.unreadable.is_empty());
        self.unreadable.clear();
    }

    fn add_rejected(&mut self, unmade: RejectedOp) {
        if self.rejected.iter().all(|own| own.wish.op_id != unmade.wish.op_id) {
            self.rejected.push(unmade);
            self.rejected_revision += 1;
        }
    }
}

/// When it was wanted, in milliseconds.
fn made_at(wish: &PendingOp) -> u64 {
    u64::try_from(wish.at.millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
