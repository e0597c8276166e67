//! The optimistic queue: the user's ops that the log does not show yet.
//!
//! Strictly first in, first out, with one request in flight. Later gestures build on earlier ones (a card is created,
//! then moved below another new one), so parallel requests would need a dependency graph, and a refusal would still
//! have to wait for every earlier op. One request at a time keeps up with the few gestures a second that people make,
//! and a plain queue is easy to persist over a reload or a long time offline.

mod slow;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::backoff::full_jitter;
use crate::{ApiError, Op, OpId, Request, TaskId, Timestamp};

pub use self::slow::SLOW_MS;

/// Attempts before an op is refused by a server that [looks at it and fails](ApiError::has_looked).
pub const TRIES: u32 = 4;
/// The longest `Retry-After` that is honoured, in milliseconds.
pub const PATIENCE_MS: u64 = 60_000;

/// An op with its id and time: enough to show and send it, now or after a reload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingOp {
    /// The id that every attempt carries.
    pub op_id: OpId,
    /// The op.
    pub op: Op,
    /// When the user made it, in server time.
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waits to be sent.
    Queued,
    /// Sent; not answered yet.
    Sent { at: u64 },
    /// Failed temporarily; sent again at `at`.
    Later { at: u64 },
    /// The server has carried it out; the log shows it at `seq`.
    Answered { seq: u64 },
}

#[derive(Clone, Debug)]
struct Entry {
    pending_op: PendingOp,
    state: State,
    /// Attempts that the server looked at and failed.
    tries: u32,
    /// Failures of any kind, for the backoff.
    failures: u32,
    /// An attempt may have been carried out although its answer was lost.
    answer_lost: bool,
    /// The pending answer may be of a log that was replaced.
    outdated: bool,
    /// Whether its author may no longer be watching when the answer comes.
    waited: bool,
    /// When this session first saw it.
    since: Option<u64>,
    /// Whether it has waited longer than [`SLOW_MS`].
    slow: bool,
}

impl Entry {
    /// Whether the server may have done it without an answer that arrived.
    fn may_be_done(&self) -> bool {
        matches!(self.state, State::Sent { .. }) || self.answer_lost
    }

    /// Discards the answer and queues the op again.
    fn ask_again(&mut self) {
        self.state = State::Queued;
        self.answer_lost = true;
        self.outdated = false;
    }
}

/// The queue. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    entries: VecDeque<Entry>,
    /// Counts the changes of the unanswered ops.
    revision: u64,
}

impl Pending {
    /// How many ops are not confirmed.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether everything is confirmed.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All ops, oldest first.
    pub fn ops(&self) -> impl Iterator<Item = &PendingOp> {
        self.entries.iter().map(|entry| &entry.pending_op)
    }

    /// The tasks of the ops; a task may occur more than once.
    pub fn tasks(&self) -> impl Iterator<Item = TaskId> {
        self.ops().filter_map(|op| op.op.task_id())
    }

    /// Whether a task has an op that is not confirmed.
    pub fn concerns(&self, task: TaskId) -> bool {
        self.tasks().any(|id| id == task)
    }

    /// Appends a new op; one with a known id is ignored. `waited`: it cannot be sent at once.
    pub fn push(&mut self, op: PendingOp, waited: bool) {
        self.insert(self.entries.len(), op, waited, false);
    }

    /// Adds an op of an earlier page, which may have sent it without an answer. It goes before newer ops, unless those
    /// were sent.
    pub fn resume(&mut self, op: PendingOp) {
        let later = |entry: &Entry| entry.state == State::Queued && entry.pending_op.at > op.at;
        let at = self.entries.iter().rposition(|entry| !later(entry)).map_or(0, |before| before + 1);
        self.insert(at, op, true, true);
    }

    /// Marks all ops as waited: their author has left the board.
    pub fn leave(&mut self) {
        for entry in &mut self.entries {
            entry.waited = true;
        }
    }

    /// Marks one op as waited: its server cannot be reached.
    pub fn wait(&mut self, op_id: OpId) {
        if let Some(entry) = self.entry(op_id) {
            entry.waited = true;
        }
    }

    fn insert(&mut self, at: usize, pending_op: PendingOp, waited: bool, answer_lost: bool) {
        if self.entry(pending_op.op_id).is_none() {
            self.revision += 1;
            self.entries.insert(
                at,
                Entry {
                    pending_op,
                    state: State::Queued,
                    tries: 0,
                    failures: 0,
                    answer_lost,
                    outdated: false,
                    waited,
                    since: None,
                    slow: false,
                },
            );
        }
    }

    /// Changes whenever [`Pending::unanswered`] does.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The ops without an answer, in order.
    pub fn unanswered(&self) -> impl Iterator<Item = &PendingOp> {
        self.open().map(|entry| &entry.pending_op)
    }

    /// Removes the matching unanswered ops. The flag of each tells whether the server may have carried it out.
    pub fn take_unanswered(&mut self, fits: impl Fn(&PendingOp) -> bool) -> Vec<(PendingOp, bool)> {
        let unclear: Vec<OpId> =
            self.open().filter(|entry| entry.may_be_done()).map(|entry| entry.pending_op.op_id).collect();
        let out = self.take_out(|entry| !matches!(entry.state, State::Answered { .. }) && fits(&entry.pending_op));
        let marked = |op: PendingOp| {
            let unclear = unclear.contains(&op.op_id);
            (op, unclear)
        };
        out.into_iter().map(marked).collect()
    }

    /// Returns the next request to send, if one is due. Its answer is awaited from then on.
    pub fn send(&mut self, now: u64) -> Option<(OpId, Request)> {
        if self.is_sending() {
            return None;
        }
        let front = self.front_mut()?;
        match front.state {
            State::Queued => {}
            State::Later { at } if at <= now => {}
            _ => return None,
        }
        front.state = State::Sent { at: now };
        front.outdated = false;
        Some((front.pending_op.op_id, front.pending_op.op.request()))
    }

    /// When [`Pending::send`] next returns a request, unless other input comes first.
    pub fn wake_at(&self) -> Option<u64> {
        if self.is_sending() {
            return None;
        }
        match self.open().next()?.state {
            State::Queued => Some(0),
            State::Later { at } => Some(at),
            State::Sent { .. } | State::Answered { .. } => None,
        }
    }

    /// Records that the server has carried an op out, at `seq` of the log. The op stays in the view until the log gets
    /// there: a card must not jump back and forth.
    pub fn answered(&mut self, op_id: OpId, seq: u64) {
        if let Some(entry) = self.entry(op_id) {
            if entry.outdated {
                entry.ask_again();
            } else {
                entry.state = State::Answered { seq };
            }
            self.revision += 1;
        }
    }

    /// Records a failed attempt. If the failure is final, removes the op and returns it, with whether it had waited.
    pub fn failed(&mut self, op_id: OpId, error: &ApiError, now: u64, random: u64) -> Option<(PendingOp, bool)> {
        let entry = self.entry(op_id)?;
        // No answer, a limit, a proxy without a server and a full disk are not refusals, however often they happen: the
        // op waits. A server that looks at an op and fails again and again would block all later ops, so that is a
        // refusal.
        entry.answer_lost |= error.may_be_done();
        entry.tries += u32::from(error.has_looked());
        let refused = !error.is_temporary() || entry.tries >= TRIES;
        if refused {
            let waited = entry.waited;
            return self.confirmed(op_id).map(|op| (op, waited));
        }
        let asked = u64::from(error.retry_after.unwrap_or_default()).saturating_mul(1_000).min(PATIENCE_MS);
        entry.state = State::Later { at: now.saturating_add(full_jitter(entry.failures, random).max(asked)) };
        entry.failures += 1;
        None
    }

    /// Whether the first op has failed temporarily.
    pub fn is_held_up(&self) -> bool {
        self.open().next().is_some_and(|entry| entry.failures > 0)
    }

    /// Queues an op again whose request was not carried out; it keeps its place.
    pub fn put_back(&mut self, op_id: OpId) {
        if let Some(entry) = self.entry(op_id) {
            entry.state = State::Queued;
        }
    }

    /// Retries temporarily failed ops at once: the connection is back.
    pub fn retry_now(&mut self) {
        for entry in &mut self.entries {
            if matches!(entry.state, State::Later { .. }) {
                entry.state = State::Queued;
            }
        }
    }

    /// Removes an op that the log shows. `None` if it was removed before.
    pub fn confirmed(&mut self, op_id: OpId) -> Option<PendingOp> {
        let at = self.entries.iter().position(|entry| entry.pending_op.op_id == op_id)?;
        self.revision += 1;
        self.entries.remove(at).map(|entry| entry.pending_op)
    }

    /// Removes the ops that the log up to `seq` contains.
    pub fn settle(&mut self, seq: u64) -> Vec<PendingOp> {
        self.take_out(|entry| matches!(entry.state, State::Answered { seq: answered } if answered <= seq))
    }

    /// The log ends at `seq`. Ops answered with a later seq were carried out in a lost part of the log, and are sent
    /// again.
    pub fn log_truncated(&mut self, seq: u64) {
        for entry in &mut self.entries {
            if matches!(entry.state, State::Answered { seq: answered } if answered > seq) {
                entry.ask_again();
                self.revision += 1;
            }
        }
    }

    /// The log was replaced: ops that the old one answered, or still answers, are in the new one or were lost. They are
    /// sent again under their ids: one that was carried out gets the same answer, and nothing happens twice.
    pub fn log_replaced(&mut self) {
        self.log_truncated(0);
        for entry in &mut self.entries {
            entry.outdated = matches!(entry.state, State::Sent { .. });
        }
    }

    fn take_out(&mut self, goes: impl Fn(&Entry) -> bool) -> Vec<PendingOp> {
        let (out, stay): (VecDeque<Entry>, VecDeque<Entry>) =
            std::mem::take(&mut self.entries).into_iter().partition(goes);
        self.entries = stay;
        self.revision += u64::from(!out.is_empty());
        out.into_iter().map(|entry| entry.pending_op).collect()
    }

    /// Whether a request is in flight. After a change of the log it need not be the first in the queue.
    fn is_sending(&self) -> bool {
        self.sent_at().is_some()
    }

    /// When the request in flight was sent.
    pub fn sent_at(&self) -> Option<u64> {
        self.entries.iter().find_map(|entry| if let State::Sent { at } = entry.state { Some(at) } else { None })
    }

    fn open(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !matches!(entry.state, State::Answered { .. }))
    }

    fn entry(&mut self, op_id: OpId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.pending_op.op_id == op_id)
    }

    fn front_mut(&mut self) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| !matches!(entry.state, State::Answered { .. }))
    }
}

#[cfg(test)]
mod tests;
