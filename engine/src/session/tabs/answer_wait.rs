//! The wait for the leader's answer, and what follows if none comes.

/// How long a leader may take to answer, in milliseconds.
pub const ANSWER_MS: u64 = 3_000;
/// How often the lock is stolen before each tab goes on alone.
const MAX_STEALS: u8 = 2;

/// What a tab does without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// Steal the lock.
    StealLock,
    /// Go on alone: sharing does not work.
    Alone,
}

/// An awaited answer, or none. Times are in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AnswerWait {
    /// When the wait ends.
    by: Option<u64>,
    steals: u8,
}

impl AnswerWait {
    /// Starts to wait: the leader was asked.
    pub(super) fn start(&mut self, now: u64) {
        self.by = Some(now + ANSWER_MS);
    }

    /// Stops waiting.
    pub(super) fn cancel(&mut self) {
        self.by = None;
    }

    /// Records an answer.
    pub(super) fn arrived(&mut self) {
        *self = Self::default();
    }

    /// When [`AnswerWait::timed_out`] next returns something.
    pub(super) fn wake_at(&self) -> Option<u64> {
        self.by
    }

    /// What to do if the answer is overdue.
    pub(super) fn timed_out(&mut self, now: u64) -> Option<Unanswered> {
        self.by.take_if(|by| *by <= now)?;
        self.steals += 1;
        if self.steals > MAX_STEALS {
            return Some(Unanswered::Alone);
        }
        self.start(now);
        Some(Unanswered::StealLock)
    }
}
