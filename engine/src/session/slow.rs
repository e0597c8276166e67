//! What a session does about an op without an answer: it asks the socket early, and shows that the op waits.

use super::{Link, Session};
use crate::TaskId;

/// How far the user's own changes of a task are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskProgress {
    /// The log has all of them.
    #[default]
    Confirmed,
    /// One waits for the server.
    Pending,
    /// One has waited for its answer for longer than [`SLOW_MS`](super::pending::SLOW_MS).
    Slow,
}

impl Session {
    /// How far the user's changes of a task are.
    pub fn progress(&self, task: TaskId) -> TaskProgress {
        if self.is_slow(task) {
            TaskProgress::Slow
        } else if self.is_pending(task) {
            TaskProgress::Pending
        } else {
            TaskProgress::Confirmed
        }
    }

    /// Whether an op waits for the server's answer for longer than [`SLOW_MS`](super::pending::SLOW_MS).
    pub fn is_saving(&self) -> bool {
        self.pending.is_slow()
    }

    /// Whether one on this task does.
    pub fn is_slow(&self, task: TaskId) -> bool {
        self.slow.contains(&task)
    }

    /// Whether a socket reports what happens. The network may be doubted meanwhile: [`Session::link`] tells.
    pub(super) fn is_live(&self) -> bool {
        self.connection.is_live() && !self.illegible
    }

    /// When there is something to ask or to show because an op has no answer.
    pub(super) fn slow_at(&self) -> Option<u64> {
        if self.link().is_final() {
            return None;
        }
        let doubts = self.pending.sent_at().and_then(|since| self.connection.doubts_at(since));
        [doubts, self.pending.slow_at()].into_iter().flatten().min()
    }

    /// Has a socket asked that is as silent as the server about an op.
    pub(super) fn check_unanswered(&mut self, now: u64) {
        if let Some(since) = self.pending.sent_at() {
            self.connection.awaits_answer(since, now);
        }
    }

    /// Has the cards drawn again whose ops have become slow, or are answered.
    pub(super) fn update_slow(&mut self, now: u64) {
        self.pending.update_slow(now);
        let slow = self.pending.slow_tasks();
        if slow != self.slow && self.link() != Link::NoAccess {
            for task in slow.symmetric_difference(&self.slow) {
                self.view.mark(Some(*task));
            }
            self.slow = slow;
        }
    }
}

#[cfg(test)]
mod tests;
