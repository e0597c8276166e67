//! Ops that wait for an answer: the session asks the socket early, and shows that they wait.

use super::{Link, Session};
use crate::TaskId;

/// Progress of the user's own changes to a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskProgress {
    /// The log has all of them, or there are none.
    #[default]
    Confirmed,
    /// At least one is not confirmed.
    Pending,
    /// At least one has waited longer than [`SLOW_MS`](super::pending::SLOW_MS) for its answer.
    Slow,
}

impl Session {
    /// Progress of the user's changes to a task.
    pub fn progress(&self, task: TaskId) -> TaskProgress {
        if self.is_slow(task) {
            TaskProgress::Slow
        } else if self.is_pending(task) {
            TaskProgress::Pending
        } else {
            TaskProgress::Confirmed
        }
    }

    /// Whether any op has waited longer than [`SLOW_MS`](super::pending::SLOW_MS) for its answer.
    pub fn is_saving(&self) -> bool {
        self.pending.is_slow()
    }

    /// The same for one task.
    pub fn is_slow(&self, task: TaskId) -> bool {
        self.slow.contains(&task)
    }

    /// Whether a socket delivers events. The network may be in doubt meanwhile: see [`Session::link`].
    pub(super) fn is_live(&self) -> bool {
        self.connection.is_live() && !self.illegible
    }

    /// When an unanswered op next needs a ping or a redraw.
    pub(super) fn slow_at(&self) -> Option<u64> {
        if self.link().is_final() {
            return None;
        }
        let doubts = self.pending.sent_at().and_then(|since| self.connection.doubts_at(since));
        [doubts, self.pending.slow_at()].into_iter().flatten().min()
    }

    /// Pings a socket that has been silent for as long as an op has been unanswered.
    pub(super) fn check_unanswered(&mut self, now: u64) {
        if let Some(since) = self.pending.sent_at() {
            self.connection.awaits_answer(since, now);
        }
    }

    /// Redraws the cards whose ops became slow or were answered.
    pub(super) fn update_slow(&mut self, now: u64) {
        self.pending.update_slow(now);
        let slow = self.pending.slow_tasks();
        if slow != self.slow && self.link() != Link::NoAccess {
            for task in slow
                .iter()
                .filter(|task| !self.slow.contains(task))
                .chain(self.slow.iter().filter(|task| !slow.contains(task)))
            {
                self.view.mark(Some(*task));
            }
            self.slow = slow;
        }
    }
}

#[cfg(test)]
mod tests;
