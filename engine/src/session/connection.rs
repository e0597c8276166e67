//! The reconnect machine: when to open a socket, when to give it up, and what the indicator says.
//!
//! ```text
//! Waiting ──due──► Opening ──caught up──► Live ──closed, silent──► Waiting 1/5 … 5/5 ──► Offline
//!                     │ closed, silent: the next attempt             probes every 30 s ◄──┘
//!                     └ a final close code: Ended
//! ```
//!
//! While there is no live socket, requests follow what it would tell ([`polls`]). Where they are answered and sockets
//! are not, the connection is `Polling` instead of Offline, and goes on probing.
//!
//! A board's socket and the bell's run the same machine; only the board has a cursor beside it.

mod doubt;
mod idle;
mod polls;
mod silence;

pub use self::{
    doubt::{DOUBT_AFTER_MS, DOUBT_MS, MISSED_MS, UNANSWERED_MS},
    idle::{IDLE_MS, IDLE_SPREAD_MS},
};
use self::{
    doubt::{Doubt, IN_FLIGHT_MS},
    idle::IdleProbe,
    polls::{Polls, Reach},
    silence::Silence,
};
use super::{Link, backoff::full_jitter};
use crate::wire::{DEAD_AFTER_MS, close};

/// Attempts before the page calls itself offline.
pub const ATTEMPTS: u8 = 5;
/// How long Offline waits between two probes, in milliseconds.
pub const PROBE_MS: u64 = 30_000;
/// How often a page in sight asks for what has happened while sockets are blocked, in milliseconds.
pub const POLL_MS: u64 = 4_000;
/// How long a connection has to be live before its failures are forgotten, in milliseconds.
pub const STABLE_MS: u64 = 10_000;
/// How long a socket may take from its opening to its first frame, in milliseconds.
pub const FIRST_FRAME_MS: u64 = 10_000;
/// How long after its `bye` a server that restarts may refuse sockets, in milliseconds. Attempts in this time do not
/// end in Offline.
pub const RESTART_MS: u64 = 15_000;
/// A tick that comes this much too late was held up, and so may frames have been, in milliseconds.
pub const LATE_MS: u64 = 500;
/// How long such frames get to come in before silence counts, in milliseconds.
pub const GRACE_MS: u64 = 1_000;

/// What the owner of the machine does next. After `Connect` or `Close`, nothing that an older
/// socket still says may be passed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionStep {
    /// Nothing.
    Rest,
    /// Open a socket. It takes the place of the one that there is, if that one has hung since it was opened.
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
    /// A socket that has not caught up yet. It is given up at `deadline`. `silence` ends with its first frame.
    Opening { deadline: u64, silence: Option<Silence> },
    /// A socket that has caught up. It is given up at `deadline`.
    Live { since: u64, deadline: u64 },
    /// No socket, and no more.
    Ended(Link),
}

/// One connection that is kept up. Times are in milliseconds of one clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct Connection {
    state: State,
    /// The attempt that is waiting or under way; 0 before the first failure.
    attempt: u8,
    /// Five attempts have failed since the last stable connection, and none has come through.
    offline: bool,
    last_frame_at: u64,
    /// Requests get through, and sockets do not.
    polling: bool,
    polls: Polls,
    doubt: Doubt,
    /// When an idle page pings a silent socket.
    idle: IdleProbe,
    /// Until when a server that has said `bye` is expected to restart.
    restarts_until: u64,
}

impl Connection {
    /// A connection that opens its first socket at the next [`Connection::tick`].
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

    /// The same, and a page in sight polls every `pace` milliseconds instead of [`POLL_MS`].
    #[must_use]
    pub fn polling_every(mut self, pace: u64) -> Self {
        self.polls.pace = pace;
        self
    }

    /// The same, and says within seconds that it is not live, even to a user who does nothing: a page in sight asks a
    /// socket that has been silent for [`IDLE_MS`].
    #[must_use]
    pub fn asking_when_idle(mut self) -> Self {
        self.idle.enable();
        self
    }

    /// Sockets were blocked a moment ago, on the page before: the first answer to a poll confirms it.
    pub fn expect_blocked(&mut self) {
        self.polls.expect_blocked();
    }

    /// What the indicator shows.
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

    /// Whether a socket has caught up. One that is doubted still counts, although [`Connection::link`] may say Offline.
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    /// Whether there is a socket, open or being opened.
    pub fn has_socket(&self) -> bool {
        matches!(self.state, State::Opening { .. } | State::Live { .. })
    }

    /// Whether requests may be sent that can wait: there is a live socket, or no request has failed lately.
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

    /// When the next poll is due. `None` with a live socket, and once it has ended.
    pub fn polls_at(&self) -> Option<u64> {
        (!matches!(self.state, State::Live { .. } | State::Ended(_))).then_some(self.polls.due)
    }

    /// A request was answered, or was not. With a live socket, the latter is a reason to ask whether it is alive.
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
            // The server is there, or is back: its sockets may be, too.
            self.restart_attempts(now, random);
        }
        self.update_polling();
    }

    /// The page was shown, or hidden: then it polls less often.
    pub fn set_visible(&mut self, visible: bool) {
        self.polls.hidden = !visible;
    }

    /// When the last frame came.
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

    /// Time has passed.
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
                // A tab that was frozen hears its timers before the frames that came meanwhile. After a long sleep
                // there are none: the server has given such a socket up.
                if now >= *deadline + LATE_MS && now < last_frame_at + 2 * DEAD_AFTER_MS {
                    *deadline = now + GRACE_MS;
                    return ConnectionStep::Rest;
                }
                // An upgrade that is swallowed takes long to fail: once is enough.
                if matches!(self.state, State::Opening { .. }) {
                    self.polls.silent();
                }
                // Nobody says when to come back, so it is as if the server had missed a pong.
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

    /// A frame came.
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

    /// What was missed is here.
    pub fn caught_up(&mut self, now: u64) {
        if let State::Opening { deadline, .. } = self.state {
            self.state = State::Live { since: now, deadline };
            (self.offline, self.polling) = (false, false);
        }
    }

    /// The socket was closed, or never opened. `retry_ms` is what the server's `bye` asked for.
    pub fn closed(&mut self, code: u16, retry_ms: Option<u64>, now: u64, random: u64) {
        let stable = matches!(self.state, State::Live { since, .. } if now.saturating_sub(since) >= STABLE_MS);
        // A server that was there and says when it is back has not failed, however often it restarts.
        let restarts = retry_ms.filter(|_| self.is_live() && code == close::GOING_AWAY);
        if !self.has_socket() {
            return;
        }
        self.doubt.forget_question();
        if close::is_final(code) {
            return self.end(match code {
                close::SIGN_IN => Link::SignedOut,
                close::NO_ACCESS => Link::NoAccess,
                close::OTHER_USER => Link::OtherUser,
                // Only a page that is not of this server's build says what the server does not understand.
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
                // A server that accepts and closes at once would be asked again without end.
                None if stable && close::is_immediate(code) => 0,
                None => full_jitter(u32::from(self.attempt) - 1, random),
            }
        };
        self.state = State::Waiting { until: now.saturating_add(delay) };
    }

    /// The browser came online, or the page was shown: do not wait for timers, which may have been asleep.
    pub fn woken(&mut self, now: u64, random: u64) -> ConnectionStep {
        self.polls.poll_soon(now);
        match &mut self.state {
            State::Waiting { .. } => self.open(now, random, Silence::new(now)),
            State::Opening { silence, .. } => {
                // The page comes to the front while it loads, too: a socket that is young is left alone.
                if let Some(silence) = silence.as_mut().filter(|silence| silence.hangs(now)) {
                    silence.user_waits();
                }
                self.tick(now, random)
            }
            State::Live { .. } => {
                self.user_acted(now);
                self.tick(now, random)
            }
            // They may have signed in again in another tab. Asked once each time that they come back to this one.
            State::Ended(Link::SignedOut | Link::OtherUser) => {
                (self.attempt, self.offline, self.polling) = (0, false, false);
                self.polls.begin(now, random);
                self.open(now, random, Silence::new(now))
            }
            State::Ended(_) => ConnectionStep::Rest,
        }
    }

    /// The Retry button. A socket that hangs is replaced: at once, or as soon as it has had a second.
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

    /// Refused for good, by the socket or by a request beside it.
    pub fn end(&mut self, link: Link) {
        self.state = State::Ended(link);
    }

    /// Attempts are counted from the first one again, and the next one follows soon.
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

    /// The attempt that is counted stays the same where this replaces a socket: one that hangs says nothing of the next.
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
