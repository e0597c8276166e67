//! The leader's answer to a tab that wants to be connected, and what becomes of one that does not come.

/// How long a leader may take to answer, in milliseconds.
pub const ANSWER_MS: u64 = 3_000;
/// How often a leader that does not answer is robbed before each tab is taken to be on its own.
const MAX_STEALS: u8 = 2;

/// What a tab does that got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// It takes the lock, whoever has it.
    StealLock,
    /// It goes on alone: sharing does not work.
    Alone,
}

/// An answer that is awaited, or not. Times are in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AnswerWait {
    /// When the leader is given up.
    by: Option<u64>,
    steals: u8,
}

impl AnswerWait {
    /// The leader was asked.
    pub(super) fn start(&mut self, now: u64) {
        self.by = Some(now + ANSWER_MS);
    }

    /// No answer is wanted any more.
    pub(super) fn cancel(&mut self) {
        self.by = None;
    }

    /// There is a leader that answers.
    pub(super) fn arrived(&mut self) {
        *self = Self::default();
    }

    /// When [`AnswerWait::missing`] has something to say.
    pub(super) fn wake_at(&self) -> Option<u64> {
        self.by
    }

    /// Whether it should have come by now.
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
