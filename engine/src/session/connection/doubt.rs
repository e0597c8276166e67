//! Doubts about a socket that looks live: when to ask it whether it is, and what counts as an answer.

use super::{Connection, ConnectionStep, State};
use crate::wire::DEAD_AFTER_MS;

/// A page in doubt asks a socket that has been silent for this long, in milliseconds.
pub const DOUBT_AFTER_MS: u64 = 3_000;
/// How long that question may stay unanswered, in milliseconds.
pub const DOUBT_MS: u64 = 2_000;
/// How long a socket that nobody waits for is kept after its answer was missed, in milliseconds.
pub const MISSED_MS: u64 = 4_000;
/// How long the answer to a request may take before the socket is asked, in milliseconds.
pub const UNANSWERED_MS: u64 = 1_000;
/// A frame that follows the question this closely may have been sent before the network broke, in milliseconds.
pub(super) const IN_FLIGHT_MS: u64 = 250;

/// What there is to doubt about the connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubt {
    /// The socket is to be asked at the next tick.
    wanted: bool,
    /// The same, because the socket is silent while the user is idle.
    idle: bool,
    /// When it was asked, while there is no answer.
    pub(super) asked_at: Option<u64>,
    /// Whether only idleness raised the question: the socket then gets more time before it is given up.
    pub(super) idle_only: bool,
    /// The answer is late: the connection does not count as live until a frame comes.
    pub(super) missed: bool,
    /// The browser says that there is no network, and nothing has proved it wrong.
    pub(super) no_network: bool,
}

/// A question to a socket that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// The user waits for the answer, perhaps to a question that idleness raised.
    Asked,
    /// The user is idle.
    Idle,
}

impl Question {
    /// How long it may stay unanswered, in milliseconds, until the socket is given up.
    pub(super) fn patience(self) -> u64 {
        match self {
            Question::Asked => DOUBT_MS,
            Question::Idle => DOUBT_MS + MISSED_MS,
        }
    }
}

impl Doubt {
    /// There is another socket, or none: a question to the last one means nothing.
    pub(super) fn forget_question(&mut self) {
        *self = Self { no_network: self.no_network, ..Self::default() };
    }

    /// The network works.
    pub(super) fn settle(&mut self) {
        *self = Self::default();
    }

    /// A frame came. Whether it answers the question, if there is one.
    pub(super) fn is_settled_by_frame(&mut self, now: u64) -> bool {
        let settled = self.asked_at.is_none_or(|at| now >= at + IN_FLIGHT_MS) && !self.wanted;
        if settled {
            self.settle();
        }
        settled
    }

    /// A request was answered, or was not, while a live socket was silent.
    pub(super) fn request_finished(&mut self, answered: bool, silent: bool) {
        if answered {
            self.no_network = false;
        } else {
            self.wanted |= silent;
        }
    }

    /// Asks the socket because it is silent while the user is idle.
    pub(super) fn ask_idle(&mut self) {
        self.idle = true;
    }

    /// Takes the wish for a question, unless one that is as urgent is open.
    pub(super) fn take_question(&mut self, now: u64) -> Option<Question> {
        let (wanted, idle) = (std::mem::take(&mut self.wanted), std::mem::take(&mut self.idle));
        if self.asked_at.is_some() {
            let upgraded = wanted && std::mem::take(&mut self.idle_only);
            return upgraded.then_some(Question::Asked);
        }
        if wanted || idle {
            (self.asked_at, self.idle_only) = (Some(now), !wanted);
        }
        match (wanted, idle) {
            (true, _) => Some(Question::Asked),
            (false, true) => Some(Question::Idle),
            (false, false) => None,
        }
    }
}

impl Connection {
    /// The browser says whether there is a network. Without one the connection counts as broken until a frame or an
    /// answer proves otherwise: a server on the same computer is reached without any.
    pub fn network(&mut self, online: bool, now: u64, random: u64) -> ConnectionStep {
        self.doubt.no_network = !online;
        if self.is_live() {
            self.doubt.wanted = true;
            self.tick(now, random)
        } else if online {
            self.woken(now, random)
        } else {
            ConnectionStep::Rest
        }
    }

    /// The user does something on the page: asks a live socket that has been silent.
    pub fn user_acted(&mut self, now: u64) {
        self.doubt.wanted |= self.is_live() && now.saturating_sub(self.last_frame_at) >= DOUBT_AFTER_MS;
    }

    /// A request has been under way since `since`. A live socket that has said nothing meanwhile is asked.
    pub fn awaits_answer(&mut self, since: u64, now: u64) {
        self.doubt.wanted |= self.is_live() && now >= since + UNANSWERED_MS && self.last_frame_at <= since;
    }

    /// When [`Connection::awaits_answer`] has something to say.
    pub fn doubts_at(&self, since: u64) -> Option<u64> {
        let asked = self.doubt.asked_at.is_some() && !self.doubt.idle_only;
        let doubts = self.is_live() && self.last_frame_at <= since && !asked;
        doubts.then_some(since + UNANSWERED_MS)
    }

    /// A live socket has answered.
    pub fn pong(&mut self, now: u64) {
        self.doubt.settle();
        if let State::Live { deadline, .. } = &mut self.state {
            *deadline = now + DEAD_AFTER_MS;
        }
    }
}

#[cfg(test)]
mod tests;
