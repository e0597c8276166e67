//! The optimistic queue: what this user wants and the log does not yet show.
//!
//! Strictly first in, first out, with one request in flight. Later gestures build on earlier ones (a
//! card is made, then moved below another new one), so sending them side by side would need a map of
//! what depends on what, and a refusal would still have to wait for all before it. People make a few
//! gestures a second at the most, which one request at a time keeps up with; and a queue with one
//! front is all that a reload or a long time without a network has to remember.

mod slow;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::backoff::full_jitter;
use crate::{ApiError, Op, OpId, Request, TaskId, Timestamp};

pub use self::slow::SLOW_MS;

/// How often an op is sent to a server that [looks at it and fails](ApiError::has_looked).
pub const TRIES: u32 = 4;
/// The longest wait that a server may ask for, in milliseconds.
pub const PATIENCE_MS: u64 = 60_000;

/// An op with what it was at its gesture: all that is needed to show it and to send it, now or after a reload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingOp {
    /// The id that every try carries.
    pub op_id: OpId,
    /// What is wanted.
    pub op: Op,
    /// When it was wanted.
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waits for its turn.
    Queued,
    /// Sent; the answer is out.
    Sent { at: u64 },
    /// Failed for now; sent again at `at`.
    Later { at: u64 },
    /// Done, by the server's word; the log shows it at `seq`.
    Answered { seq: u64 },
}

#[derive(Clone, Debug)]
struct Entry {
    pending_op: PendingOp,
    state: State,
    /// How often the server has looked at it and failed.
    tries: u32,
    /// Failures of any kind, for the backoff.
    failures: u32,
    /// A try may have been carried out, and its answer was lost.
    answer_lost: bool,
    /// The answer that is out may be of a log that was replaced.
    outdated: bool,
    /// Whether its author cannot be expected to be looking when it is answered.
    waited: bool,
    /// Since when this session has it.
    since: Option<u64>,
    /// Whether that is long enough to be shown.
    slow: bool,
}

impl Entry {
    /// A try of it is out, or was lost: the server may have done it, and its answer not have come.
    fn may_be_done(&self) -> bool {
        matches!(self.state, State::Sent { .. }) || self.answer_lost
    }

    /// The answer that came is worth nothing.
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
    /// Counts the changes of what is not answered.
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

    /// All of it, oldest first.
    pub fn ops(&self) -> impl Iterator<Item = &PendingOp> {
        self.entries.iter().map(|entry| &entry.pending_op)
    }

    /// The tasks that it is about; some more than once.
    pub fn tasks(&self) -> impl Iterator<Item = TaskId> {
        self.ops().filter_map(|op| op.op.task_id())
    }

    /// Whether a task has an op that is not confirmed.
    pub fn concerns(&self, task: TaskId) -> bool {
        self.tasks().any(|id| id == task)
    }

    /// Adds a wish that was made just now. One that is there already stays where it is. `waited` tells that
    /// it cannot be sent at once.
    pub fn push(&mut self, op: PendingOp, waited: bool) {
        self.insert(self.entries.len(), op, waited, false);
    }

    /// Adds a wish of an earlier page, which may have sent it and not have heard of it: before what was wanted
    /// after it, unless that has been sent.
    pub fn resume(&mut self, op: PendingOp) {
        let later = |entry: &Entry| entry.state == State::Queued && entry.pending_op.at > op.at;
        let at = self.entries.iter().rposition(|entry| !later(entry)).map_or(0, |before| before + 1);
        self.insert(at, op, true, true);
    }

    /// All of them count as having waited from here on.
    pub fn leave(&mut self) {
        for entry in &mut self.entries {
            entry.waited = true;
        }
    }

    /// One of them counts as having waited from here on: its server cannot be reached.
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

    /// Another number whenever [`Pending::unanswered`] has changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What the server has not answered, in order.
    pub fn unanswered(&self) -> impl Iterator<Item = &PendingOp> {
        self.open().map(|entry| &entry.pending_op)
    }

    /// Takes out what fits and is not answered, with whether it may have been done all the same.
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

    /// The next request, if it is its time. Its answer is awaited from here on.
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

    /// When [`Pending::send`] has something to say, if nothing else happens before.
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

    /// The server has done it: the log shows it at `seq`. It stays in the view until the log has come that
    /// far, for a card that jumps back and forth again is worse than one that waits.
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

    /// The server has not done it. Returns the wish when that is final, and whether it had waited; it is
    /// then out of the queue.
    pub fn failed(&mut self, op_id: OpId, error: &ApiError, now: u64, random: u64) -> Option<(PendingOp, bool)> {
        let entry = self.entry(op_id)?;
        // No answer, a limit, a proxy without a server and a full disk are no refusals, however often: the op waits.
        // Only a server that has looked at it and failed, again and again, would keep all the others waiting for good.
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

    /// Whether the op whose turn it is has failed for now.
    pub fn is_held_up(&self) -> bool {
        self.open().next().is_some_and(|entry| entry.failures > 0)
    }

    /// The request was not carried out, and will not be for now: it waits at its place.
    pub fn put_back(&mut self, op_id: OpId) {
        if let Some(entry) = self.entry(op_id) {
            entry.state = State::Queued;
        }
    }

    /// The connection is back: what waits need not wait longer.
    pub fn retry_now(&mut self) {
        for entry in &mut self.entries {
            if matches!(entry.state, State::Later { .. }) {
                entry.state = State::Queued;
            }
        }
    }

    /// The log shows it. Returns it, unless something else has taken it out already.
    pub fn confirmed(&mut self, op_id: OpId) -> Option<PendingOp> {
        let at = self.entries.iter().position(|entry| entry.pending_op.op_id == op_id)?;
        self.revision += 1;
        self.entries.remove(at).map(|entry| entry.pending_op)
    }

    /// The log has come to `seq`: takes out what is answered up to there.
    pub fn settle(&mut self, seq: u64) -> Vec<PendingOp> {
        self.take_out(|entry| matches!(entry.state, State::Answered { seq: answered } if answered <= seq))
    }

    /// The log ends at `seq`: what was answered with a later place was done in a log that is no more, and is sent again.
    pub fn log_truncated(&mut self, seq: u64) {
        for entry in &mut self.entries {
            if matches!(entry.state, State::Answered { seq: answered } if answered > seq) {
                entry.ask_again();
                self.revision += 1;
            }
        }
    }

    /// The log was replaced: what the old one answered, or still answers, is in the new one or got lost with the old.
    /// It is sent again, under its id: where it was done it is answered as before, and nothing happens twice.
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

    /// Whether an answer is out. What is asked again after a change of the log may stand before it in the queue.
    fn is_sending(&self) -> bool {
        self.sent_at().is_some()
    }

    /// When the request that is under way was sent.
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
