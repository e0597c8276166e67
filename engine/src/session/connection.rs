//! The reconnect state machine: when to open a socket, when to give it up, and what the indicator shows.
//!
//! ```text
//! Waiting ──due──► Opening ──caught up──► Live ──closed, silent──► Waiting 1/5 … 5/5 ──► Offline
//!                     │ closed, silent: the next attempt             probes every 30 s ◄──┘
//!                     └ a final close code: Ended
//! ```
//!
//! Without a live socket, requests fetch what it would deliver ([`polls`]). If they are answered while sockets fail,
//! the connection is `Polling` instead of Offline, and keeps probing.
//!
//! A board's socket and the bell's run the same machine; only the board has a cursor besides.

mod doubt;
mod idle;
mod polls;
mod silence;

pub(super) use self::doubt::IN_FLIGHT_MS;
use self::{
    doubt::Doubt,
    idle::IdleProbe,
    polls::{Polls, Reach},
    silence::Silence,
};
pub use self::{
    doubt::{DOUBT_AFTER_MS, DOUBT_MS, MISSED_MS, UNANSWERED_MS},
    idle::{IDLE_MS, IDLE_SPREAD_MS},
};
use super::{Link, backoff::full_jitter};
use crate::wire::{DEAD_AFTER_MS, close};

/// Failed attempts before the connection is Offline.
pub const ATTEMPTS: u8 = 5;
/// Time between two probes while Offline, in milliseconds.
pub const PROBE_MS: u64 = 30_000;
/// How often a visible page polls while sockets are blocked, in milliseconds.
pub const POLL_MS: u64 = 4_000;
/// How long a connection has to be live before its failures are forgotten, in milliseconds.
pub const STABLE_MS: u64 = 10_000;
/// How long a socket may take to deliver its first frame, in milliseconds.
pub const FIRST_FRAME_MS: u64 = 10_000;
/// How long after its `bye` a restarting server may refuse sockets, in milliseconds. Attempts in this time do not lead
/// to Offline.
pub const RESTART_MS: u64 = 15_000;
/// A tick this late was held up, and frames may have been, too; in milliseconds.
pub const LATE_MS: u64 = 500;
/// How long delayed frames get to arrive before silence counts, in milliseconds.
pub const GRACE_MS: u64 = 1_000;

/// What the connection's owner does next. After `Connect` or `Close`, it must not pass in anything that an older socket
/// still delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionStep {
    /// Nothing.
    Rest,
    /// Open a socket. It replaces one that has hung since it was opened, if there is one.
    Connect,
    /// Drop the socket.
    Close,
    /// Send a `ping`.
    Ping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No socket until `until`.
    Waiting { until: u64 },
    /// A socket that has not caught up, given up at `deadline`. `silence` ends with its first frame.
    Opening { deadline: u64, silence: Option<Silence> },
    /// A socket that has caught up, given up at `deadline`.
    Live { since: u64, deadline: u64 },
    /// No socket, and no further attempts.
    Ended(Link),
}

/// A connection that reconnects. Times are in milliseconds of one clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct Connection {
    state: State,
    /// The attempt waiting or under way; 0 before the first failure.
    attempt: u8,
    /// Five attempts have failed since the last stable connection, and none succeeded since.
    offline: bool,
    last_frame_at: u64,
    /// Requests succeed while sockets fail.
    polling: bool,
    polls: Polls,
    doubt: Doubt,
    /// When an idle page pings a silent socket.
    idle: IdleProbe,
    /// Until when a server that sent `bye` is expected to restart.
    restarts_until: u64,
}

impl Connection {
    /// Creates a connection that opens its first socket at the next [`Connection::tick`].
    pub fn new(now: u64) -> Self {
        Self {
            state: State::Waiting { until: now },
            attempt: 0,
            offline: false,
            last_frame_at: now,
            polling: false,
            polls: Polls::new(now, POLL_MS),
            doubt: Doubt::default(),
            idle: IdleProbe::default(),
            restarts_until: 0,
        }
    }

    /// Sets how often a visible page polls, instead of [`POLL_MS`].
    #[must_use]
    pub fn polling_every(mut self, pace: u64) -> Self {
        self.polls.pace = pace;
        self
    }

    /// Also detects a dead network while the user is idle: a visible page pings a socket that has been silent for
    /// [`IDLE_MS`].
    #[must_use]
    pub fn asking_when_idle(mut self) -> Self {
        self.idle.enable();
        self
    }

    /// The previous page of this tab found sockets blocked: the first answer to a poll confirms it.
    pub fn expect_blocked(&mut self) {
        self.polls.expect_blocked();
    }

    /// The state that the indicator shows.
    pub fn link(&self) -> Link {
        match self.state {
            State::Ended(link) => link,
            _ if self.doubt.no_network => Link::Offline,
            State::Live { .. } if self.doubt.missed => Link::Connecting,
            State::Live { .. } => Link::Live,
            _ if self.polling => Link::Polling,
            _ if self.offline => Link::Offline,
            _ if self.attempt == 0 => Link::Connecting,
            _ => Link::Reconnecting { attempt: self.attempt },
        }
    }

    /// Whether a socket has caught up. A doubted socket counts, although [`Connection::link`] may say Offline.
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    /// Whether there is a socket, open or being opened.
    pub fn has_socket(&self) -> bool {
        matches!(self.state, State::Opening { .. } | State::Live { .. })
    }

    /// Whether requests that can wait may be sent: there is a live socket, or the last request did not fail.
    pub fn may_ask(&self) -> bool {
        match self.state {
            State::Live { .. } => true,
            State::Ended(_) => false,
            _ => self.polls.reach != Reach::Fails,
        }
    }

    /// Whether requests are answered although there is no live socket.
    pub fn is_reachable(&self) -> bool {
        self.polls_at().is_some() && self.polls.reach == Reach::Works
    }

    /// When the next poll is due. `None` with a live socket, and after the end.
    pub fn polls_at(&self) -> Option<u64> {
        (!matches!(self.state, State::Live { .. } | State::Ended(_))).then_some(self.polls.due)
    }

    /// Records the outcome of a request. A failure while a socket is live is a reason to ping it.
    pub fn request_finished(&mut self, answered: bool, now: u64, random: u64) {
        self.doubt.request_finished(answered, self.is_live() && now >= self.last_frame_at + IN_FLIGHT_MS);
        if self.polls_at().is_none() {
            return;
        }
        if !answered {
            self.polls.failed(self.offline, now, random);
            if self.polling && self.polls.is_cut_off() {
                self.polling = false;
                self.restart_attempts(now, random);
            }
        } else if self.polls.answered(now, random) && !self.polls.is_blocked() {
            // The server is reachable, so its sockets may be, too.
            self.restart_attempts(now, random);
        }
        self.update_polling();
    }

    /// Sets whether the page is visible. A hidden page polls less often.
    pub fn set_visible(&mut self, visible: bool) {
        self.polls.hidden = !visible;
    }

    /// When the last frame arrived.
    pub fn last_frame_at(&self) -> u64 {
        self.last_frame_at
    }

    /// When [`Connection::tick`] has something to do.
    pub fn wake_at(&self) -> Option<u64> {
        match self.state {
            State::Waiting { until } => Some(until),
            State::Opening { deadline, silence } => {
                let replaced_at = silence.and_then(Silence::replaced_at);
                Some(replaced_at.map_or(deadline, |at| at.min(deadline)))
            }
            State::Live { deadline, .. } => Some(self.idle_at().map_or(deadline, |at| at.min(deadline))),
            State::Ended(_) => None,
        }
    }

    /// Advances the machine to `now`.
    pub fn tick(&mut self, now: u64, random: u64) -> ConnectionStep {
        self.ask_when_idle(now);
        let last_frame_at = self.last_frame_at;
        match &mut self.state {
            State::Waiting { until } if *until <= now => self.open(now, random, Silence::new(now)),
            State::Opening { deadline, silence: Some(silence) }
                if now < *deadline && silence.replaced_at().is_some_and(|at| at <= now) =>
            {
                let next = silence.next(now);
                self.open(now, random, next)
            }
            State::Opening { deadline, .. } | State::Live { deadline, .. } if *deadline <= now => {
                // A thawed tab gets its timers before the frames that arrived meanwhile. After a long sleep there are
                // none: the server has given such a socket up.
                if now >= *deadline + LATE_MS && now < last_frame_at + 2 * DEAD_AFTER_MS {
                    *deadline = now + GRACE_MS;
                    return ConnectionStep::Rest;
                }
                // A proxy that swallows the upgrade takes long to fail: one failure is enough.
                if matches!(self.state, State::Opening { .. }) {
                    self.polls.silent();
                }
                // There is no `retry_ms`, as if the server had missed a pong.
                self.closed(close::NO_PONG, None, now, random);
                ConnectionStep::Close
            }
            State::Live { deadline, .. } => match self.doubt.take_question(now) {
                Some(question) => {
                    *deadline = (*deadline).min(now + question.patience());
                    ConnectionStep::Ping
                }
                None => ConnectionStep::Rest,
            },
            _ => ConnectionStep::Rest,
        }
    }

    /// Records that a frame arrived.
    pub fn frame_received(&mut self, now: u64) {
        self.last_frame_at = now;
        match &mut self.state {
            State::Opening { deadline, silence } => {
                (*silence, *deadline) = (None, now + DEAD_AFTER_MS);
                self.doubt.settle();
            }
            State::Live { deadline, .. } if self.doubt.is_settled_by_frame(now) => *deadline = now + DEAD_AFTER_MS,
            _ => {}
        }
    }

    /// Records that the socket's client has caught up: it is live.
    pub fn caught_up(&mut self, now: u64) {
        if let State::Opening { deadline, .. } = self.state {
            self.state = State::Live { since: now, deadline };
            (self.offline, self.polling) = (false, false);
        }
    }

    /// Handles a socket that was closed or could not be opened. `retry_ms` is from the server's `bye`.
    pub fn closed(&mut self, code: u16, retry_ms: Option<u64>, now: u64, random: u64) {
        let stable = matches!(self.state, State::Live { since, .. } if now.saturating_sub(since) >= STABLE_MS);
        // A live server that announces a restart has not failed, however often it restarts.
        let restarts = retry_ms.filter(|_| self.is_live() && code == close::GOING_AWAY);
        let was_live = self.is_live();
        if !self.has_socket() {
            return;
        }
        self.doubt.forget_question();
        if close::is_final(code) {
            return self.end(match code {
                close::SIGN_IN => Link::SignedOut,
                close::NO_ACCESS => Link::NoAccess,
                close::OTHER_USER => Link::OtherUser,
                // Only a page of another build sends what the server does not understand.
                _ => Link::Outdated,
            });
        }
        if let Some(retry_ms) = restarts {
            self.restarts_until = now.saturating_add(retry_ms).saturating_add(RESTART_MS);
        }
        if stable || restarts.is_some() {
            self.attempt = 0;
            self.polls.begin(now.saturating_add(retry_ms.unwrap_or_default()), random);
        } else if retry_ms.is_none() {
            self.polls.closed();
        }
        if was_live {
            self.polls.forget_reach();
        }
        self.update_polling();
        let delay = if self.polling {
            PROBE_MS
        } else if self.offline || self.attempt == ATTEMPTS && now >= self.restarts_until {
            self.offline = true;
            PROBE_MS
        } else {
            self.attempt = (self.attempt + 1).min(ATTEMPTS);
            match retry_ms {
                Some(retry_ms) => retry_ms,
                // Without the check, a server that accepts and closes at once would be retried in a loop.
                None if stable && close::is_immediate(code) => 0,
                None => full_jitter(u32::from(self.attempt) - 1, random),
            }
        };
        self.state = State::Waiting { until: now.saturating_add(delay) };
    }

    /// Handles a page that was shown or came online: timers may have slept, so act now.
    pub fn woken(&mut self, now: u64, random: u64) -> ConnectionStep {
        self.polls.poll_soon(now);
        match &mut self.state {
            State::Waiting { .. } => self.open(now, random, Silence::new(now)),
            State::Opening { silence, .. } => {
                // The page also comes to the front while it loads, so a young socket is left alone.
                if let Some(silence) = silence.as_mut().filter(|silence| silence.hangs(now)) {
                    silence.user_waits();
                }
                self.tick(now, random)
            }
            State::Live { .. } => {
                self.user_acted(now);
                self.tick(now, random)
            }
            // The user may have signed in again in another tab: retry once each time they return to this one.
            State::Ended(Link::SignedOut | Link::OtherUser) => {
                (self.attempt, self.offline, self.polling) = (0, false, false);
                self.polls.begin(now, random);
                self.open(now, random, Silence::new(now))
            }
            State::Ended(_) => ConnectionStep::Rest,
        }
    }

    /// Handles the Retry button. A socket that hangs is replaced: at once, or once it has had a second.
    pub fn retry(&mut self, now: u64, random: u64) -> ConnectionStep {
        self.polls.poll_soon(now);
        match &mut self.state {
            State::Waiting { .. } => self.open(now, random, Silence::new(now)),
            State::Opening { silence, .. } => {
                if let Some(silence) = silence {
                    silence.user_waits();
                }
                self.tick(now, random)
            }
            State::Live { .. } | State::Ended(_) => ConnectionStep::Rest,
        }
    }

    /// Ends the connection for good, as the socket or a request was told.
    pub fn end(&mut self, link: Link) {
        self.state = State::Ended(link);
    }

    /// Restarts the count of attempts, and makes the next one soon.
    fn restart_attempts(&mut self, now: u64, random: u64) {
        self.offline = false;
        self.attempt = self.attempt.min(1);
        if let State::Waiting { until } = &mut self.state {
            self.attempt = 1;
            *until = (*until).min(now + full_jitter(0, random));
        }
    }

    fn update_polling(&mut self) {
        if self.polls.is_blocked() && self.polls.reach == Reach::Works {
            (self.polling, self.offline) = (true, false);
        }
    }

    /// Opens a socket. Replacing one does not change the count of attempts: a hanging socket says nothing about the
    /// next.
    fn open(&mut self, now: u64, random: u64, silence: Silence) -> ConnectionStep {
        self.last_frame_at = now;
        self.idle.spread(random);
        self.doubt.forget_question();
        self.state = State::Opening { deadline: now + FIRST_FRAME_MS, silence: Some(silence) };
        ConnectionStep::Connect
    }
}

#[cfg(test)]
mod tests;
