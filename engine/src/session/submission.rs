//! Submission of the user's ops: from the gesture to the server's answer.

use super::{ConnectionStep, PendingOp, Receipt, Session, SessionEffect, persisted_queue::MOST};
use crate::{ApiError, CommentId, Op, OpId, TaskId, Timestamp};

impl Session {
    pub(super) fn submit(&mut self, op_id: OpId, mut op: Op, now: u64, effects: &mut Vec<SessionEffect>) {
        // Later ops refer to the task or comment before the server has answered, so it gets the op's unique id.
        match &mut op {
            Op::CreateTask { draft, .. } => draft.id = draft.id.or(Some(TaskId::new(op_id.uuid()))),
            Op::AddComment { draft, .. } => draft.id = draft.id.or(Some(CommentId::new(op_id.uuid()))),
            _ => {}
        }
        // In server time: other users see it, and it is compared with server timestamps.
        let at = Timestamp::from_millis(i64::try_from(now).unwrap_or(i64::MAX).saturating_add(self.clock_ahead));
        let op = PendingOp { op_id, op, at };
        if !self.has_room() {
            let message = format!("{MOST} changes wait already. Connect again before you go on.");
            return self.reject(op, ApiError::new(429, "queue_full", message), false, effects);
        }
        self.view.mark(op.op.task_id());
        self.pending.push(op, !self.connection.may_ask());
        self.replay();
    }

    pub(super) fn answered(
        &mut self,
        op_id: OpId,
        result: Result<Receipt, ApiError>,
        now: u64,
        random: u64,
        effects: &mut Vec<SessionEffect>,
    ) -> ConnectionStep {
        if let Some(step) = self.request_finished(result.as_ref().err(), now, random) {
            // The server did not look at it, so it is not refused: it waits until its author signs in again.
            self.pending.put_back(op_id);
            return step;
        }
        match result {
            Ok(Receipt { seq, comment, watching }) => {
                self.pending.answered(op_id, seq);
                self.comment_answered(comment, watching);
                // The log reaches `seq`, even if the socket has not reported it yet.
                self.cursor.reached(self.cursor.epoch(), seq, now);
            }
            Err(error) => {
                if !self.connection.may_ask() {
                    self.pending.wait(op_id);
                }
                if let Some((op, waited)) = self.pending.failed(op_id, &error, now, random) {
                    self.reject(op, error, waited, effects);
                    self.replay();
                }
            }
        }
        ConnectionStep::Rest
    }
}
