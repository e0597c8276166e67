//! Ops that have waited long for an answer; their cards say so.

use super::Pending;
use crate::{TaskId, sorted::SortedSet};

/// How long an op may wait for its answer before the page shows it, in milliseconds.
pub const SLOW_MS: u64 = 3_000;

impl Pending {
    /// Marks the ops that have waited too long at `now`. Ops of an earlier page count from when they were resumed.
    pub fn update_slow(&mut self, now: u64) {
        for entry in &mut self.entries {
            let since = *entry.since.get_or_insert(now);
            entry.slow |= since.saturating_add(SLOW_MS) <= now;
        }
    }

    /// When [`Pending::update_slow`] next has something to mark.
    pub fn slow_at(&self) -> Option<u64> {
        let waiting = self.open().filter(|entry| !entry.slow);
        waiting.map(|entry| entry.since.map_or(0, |since| since.saturating_add(SLOW_MS))).min()
    }

    /// Whether any op has waited longer than [`SLOW_MS`] for its answer.
    pub fn is_slow(&self) -> bool {
        self.open().any(|entry| entry.slow)
    }

    /// The tasks of the slow ops.
    pub fn slow_tasks(&self) -> SortedSet<TaskId> {
        self.open().filter(|entry| entry.slow).filter_map(|entry| entry.pending_op.op.task_id()).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{super::State, *};
    use crate::{Op, OpId, Timestamp, session::PendingOp};

    fn queue() -> (Pending, OpId, TaskId) {
        let (op_id, task_id) = (OpId::new(Uuid::from_u128(1)), TaskId::new(Uuid::from_u128(2)));
        let mut pending = Pending::default();
        pending.push(PendingOp { op_id, op: Op::DeleteTask { task_id }, at: Timestamp::from_millis(0) }, false);
        (pending, op_id, task_id)
    }

    #[test]
    fn an_op_is_slow_until_it_is_answered() {
        let (mut pending, op_id, task) = queue();
        assert_eq!(pending.slow_at(), Some(0), "it has no time yet");
        pending.update_slow(100);
        assert_eq!((pending.slow_at(), pending.is_slow()), (Some(100 + SLOW_MS), false));
        pending.update_slow(99 + SLOW_MS);
        assert!(!pending.is_slow());
        pending.update_slow(100 + SLOW_MS);
        assert_eq!((pending.slow_at(), pending.is_slow()), (None, true));
        assert_eq!(pending.slow_tasks(), [task].into());
        pending.answered(op_id, 7);
        assert!(!pending.is_slow(), "the log has yet to show it, but the server has it");
    }

    #[test]
    fn a_temporarily_failed_op_stays_slow() {
        let (mut pending, op_id, _) = queue();
        pending.update_slow(0);
        pending.send(0);
        assert_eq!(pending.sent_at(), Some(0));
        pending.failed(op_id, &crate::ApiError::network(), 2_000, 0);
        assert_eq!(pending.sent_at(), None);
        pending.update_slow(SLOW_MS);
        pending.send(SLOW_MS);
        assert!(pending.is_slow());
        assert!(matches!(pending.entries[0].state, State::Sent { at: SLOW_MS }));
    }
}
