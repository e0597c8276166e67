//! A session's side of what the user wants: taken in at the gesture, and answered by the server.

use super::{Effect, Receipt, Session, Step, Wish, kept::MOST};
use crate::{ApiError, Op, OpId, TaskId, Timestamp};

impl Session {
    pub(super) fn submit(&mut self, op_id: OpId, mut op: Op, now: u64, effects: &mut Vec<Effect>) {
        if !self.has_room() {
            let message = format!("{MOST} changes wait already. Connect again before you go on.");
            effects.push(Effect::Refused { op, error: ApiError::new(429, "queue_full", message) });
            return;
        }
        if let Op::CreateTask { draft, .. } = &mut op {
            // The op's id is unique, and later ops need a name for the task before the server has answered.
            draft.id.get_or_insert(TaskId::new(op_id.uuid()));
        }
        let at = Timestamp::from_millis(i64::try_from(now).unwrap_or(i64::MAX));
        self.view.mark(op.task_id());
        self.pending.push(Wish { op_id, op, at }, !self.connection.may_ask());
        self.replay();
    }

    pub(super) fn answered(
        &mut self,
        op_id: OpId,
        result: Result<Receipt, ApiError>,
        now: u64,
        random: u64,
        effects: &mut Vec<Effect>,
    ) -> Step {
        if let Some(step) = self.asked(result.as_ref().err(), now, random) {
            // It was not looked at, so it is not refused: it waits for its author to sign in again.
            self.pending.put_back(op_id);
            return step;
        }
        match result {
            Ok(Receipt { seq }) => {
                self.pending.answered(op_id, seq);
                // The log reaches that far, whether or not the socket has said so.
                self.cursor.reached(self.cursor.epoch(), seq, now);
            }
            Err(error) => {
                if !self.connection.may_ask() {
                    self.pending.wait(op_id);
                }
                if let Some((wish, waited)) = self.pending.failed(op_id, &error, now, random) {
                    self.unmake(wish, error, waited, effects);
                    self.replay();
                }
            }
        }
        Step::Rest
    }
}
