//! Doubts about a live socket: when to ping it, and what counts as an answer.

use super::{Connection, ConnectionStep, State};
use crate::wire::DEAD_AFTER_MS;

/// A page in doubt pings a socket that has been silent for this long, in milliseconds.
pub const DOUBT_AFTER_MS: u64 = 3_000;
/// How long that ping may stay unanswered, in milliseconds.
pub const DOUBT_MS: u64 = 2_000;
/// How long an idle user's socket is kept after its answer was missed, in milliseconds.
pub const MISSED_MS: u64 = 4_000;
/// How long a request may stay unanswered before the socket is pinged, in milliseconds.
pub const UNANSWERED_MS: u64 = 1_000;
/// A frame this soon after the ping may have been sent before the network broke, in milliseconds.
pub(in crate::session) const IN_FLIGHT_MS: u64 = 250;

/// The open doubts about a connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubt {
    /// The socket is pinged at the next tick.
    wanted: bool,
    /// The same, because the socket is silent while the user is idle.
    idle: bool,
    /// When the unanswered ping was sent.
    pub(super) asked_at: Option<u64>,
    /// Whether only idleness caused the ping: the socket then gets more time before it is given up.
    pub(super) idle_only: bool,
    /// The answer is late: the connection does not count as live until a frame comes.
    pub(super) missed: bool,
    /// The browser reports no network, and nothing has disproved it.
    pub(super) no_network: bool,
}

/// A ping that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// The user waits for the answer, perhaps to a ping sent while they were idle.
    Asked,
    /// The user is idle.
    Idle,
}

impl Question {
    /// How long it may stay unanswered before the socket is given up, in milliseconds.
    pub(super) fn patience(self) -> u64 {
        match self {
            Question::Asked => DOUBT_MS,
            Question::Idle => DOUBT_MS + MISSED_MS,
        }
    }
}

impl Doubt {
    /// Forgets an unanswered ping: it went to a previous socket.
    pub(super) fn forget_question(&mut self) {
        *self = Self { no_network: self.no_network, ..Self::default() };
    }

    /// Clears all doubts: the network works.
    pub(super) fn settle(&mut self) {
        *self = Self::default();
    }

    /// Handles a frame. Returns whether it settles the doubt, if there was one.
    pub(super) fn is_settled_by_frame(&mut self, now: u64) -> bool {
        let settled = self.asked_at.is_none_or(|at| now >= at + IN_FLIGHT_MS) && !self.wanted;
        if settled {
            self.settle();
        }
        settled
    }

    /// Records the outcome of a request. `silent`: a live socket has delivered nothing lately.
    pub(super) fn request_finished(&mut self, answered: bool, silent: bool) {
        if answered {
            self.no_network = false;
        } else {
            self.wanted |= silent;
        }
    }

    /// Requests a ping because the socket is silent while the user is idle.
    pub(super) fn ask_idle(&mut self) {
        self.idle = true;
    }

    /// Returns the ping to send, unless one as urgent is unanswered.
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
    /// Handles the browser's network state. Without a network the connection counts as broken until a frame or an
    /// answer disproves it: a server on the same computer needs none.
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

    /// Records user activity: pings a live socket that has been silent.
    pub fn user_acted(&mut self, now: u64) {
        self.doubt.wanted |= self.is_live() && now.saturating_sub(self.last_frame_at) >= DOUBT_AFTER_MS;
    }

    /// Pings a live socket that has been silent since a request was sent at `since`.
    pub fn awaits_answer(&mut self, since: u64, now: u64) {
        self.doubt.wanted |= self.is_live() && now >= since + UNANSWERED_MS && self.last_frame_at <= since;
    }

    /// When [`Connection::awaits_answer`] next pings.
    pub fn doubts_at(&self, since: u64) -> Option<u64> {
        let asked = self.doubt.asked_at.is_some() && !self.doubt.idle_only;
        let doubts = self.is_live() && self.last_frame_at <= since && !asked;
        doubts.then_some(since + UNANSWERED_MS)
    }

    /// Handles a `pong`.
    pub fn pong(&mut self, now: u64) {
        self.doubt.settle();
        if let State::Live { deadline, .. } = &mut self.state {
            *deadline = now + DEAD_AFTER_MS;
        }
    }
}

#[cfg(test)]
mod tests;
