//! One connection for all tabs of a browser.
//!
//! ```text
//! Session ─ Connect, Close, Send ─► SharedSocket ─ Open, Shut, Write ─► socket      (the leading tab)
//!         ◄─ Frame, Closed, Woken ─              ─ Post ─► channel ─► the other tabs' SharedSockets
//! ```
//!
//! Each tab has its own session, and a [`SharedSocket`] in place of a socket. The tab that holds the browser's lock
//! leads: it opens the socket and forwards its frames. The others follow: to their sessions the shared socket looks
//! like their own. A session fetches what it misses on the way, as it would from a socket.
//!
//! When a tab ends, however it ends, the browser grants its lock to the next tab in the queue. The lock of a leader
//! that does not answer is stolen, and a leader that has been hidden for long hands over to a visible tab. Without a
//! lock or a channel, or where they do not work, each tab opens a socket.

mod activity;
mod answer_wait;
mod io;
mod message;
mod peers;
mod pings;
mod scopes;

use self::{
    activity::Activity,
    answer_wait::{AnswerWait, Unanswered},
    peers::PeerTabs,
    pings::UnansweredPings,
    scopes::Scopes,
};
pub use self::{
    answer_wait::ANSWER_MS,
    io::{SharedSocketEffect, SharedSocketInput},
    message::{TabEnvelope, TabMessage},
};
use crate::{TabId, wire::ClientFrame};

/// A leader hidden for this long hands over to a visible tab, in milliseconds.
pub const HIDDEN_MS: u64 = 300_000;
/// The close code of a socket that was not closed but broke.
const ABNORMAL: u16 = 1006;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TabRole {
    /// The tab shares nothing.
    Alone,
    Following,
    Leading,
}

/// A tab's end of one shared connection. Times are in milliseconds of a clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct SharedSocket {
    me: TabId,
    role: TabRole,
    /// Whether the session believes it has a socket.
    attached: bool,
    /// Whether this tab has the real socket.
    socket: bool,
    /// Whether that socket has delivered a frame: anything sent before is lost.
    has_frame: bool,
    answer: AnswerWait,
    hidden_since: Option<u64>,
    frozen: bool,
    /// Whether this tab stopped sharing because its session was refused.
    ended: bool,
    peers: PeerTabs,
    activity: Activity,
    scopes: Scopes,
    pings: UnansweredPings,
}

impl SharedSocket {
    /// The end of the tab `me`. `shared` tells whether the browser has locks and channels. The first input is
    /// [`SharedSocketInput::Visible`].
    pub fn new(me: TabId, shared: bool) -> Self {
        Self {
            me,
            role: if shared { TabRole::Following } else { TabRole::Alone },
            attached: false,
            socket: false,
            has_frame: false,
            answer: AnswerWait::default(),
            hidden_since: None,
            frozen: false,
            ended: false,
            peers: PeerTabs::default(),
            activity: Activity::default(),
            scopes: Scopes::default(),
            pings: UnansweredPings::default(),
        }
    }

    /// The effects to start with.
    pub fn begin(&self) -> Vec<SharedSocketEffect> {
        if self.role == TabRole::Alone { Vec::new() } else { vec![SharedSocketEffect::Ask { steal: false }] }
    }

    /// Whether this tab opens the socket.
    pub fn leads(&self) -> bool {
        self.role != TabRole::Following
    }

    /// Whether this tab's own socket has delivered a frame.
    fn is_connected(&self) -> bool {
        self.socket && self.has_frame
    }

    /// When the next [`SharedSocketInput::Tick`] is due.
    pub fn wake_at(&self) -> Option<u64> {
        let hand_over = self.hidden_since.map(|since| since + HIDDEN_MS);
        let hand_over = hand_over.filter(|_| self.role == TabRole::Leading && self.peers.in_sight().is_some());
        [self.answer.wake_at(), hand_over].into_iter().flatten().min()
    }

    /// Handles an input and returns the effects to carry out, in order.
    pub fn handle(&mut self, input: SharedSocketInput, now: u64) -> Vec<SharedSocketEffect> {
        let mut effects = Vec::new();
        match input {
            SharedSocketInput::Connect => self.connect(now, &mut effects),
            SharedSocketInput::Close => {
                self.attached = false;
                self.answer.cancel();
                self.shut(&mut effects);
            }
            SharedSocketInput::Send(frame) => self.send(frame, &mut effects),
            SharedSocketInput::Woken if self.role == TabRole::Following => {
                self.post(None, TabMessage::Wake, &mut effects)
            }
            SharedSocketInput::Retry if self.role == TabRole::Following => {
                self.post(None, TabMessage::Retry, &mut effects)
            }
            SharedSocketInput::Frame(text) if self.socket => {
                self.pings.frame_received(&text, now);
                self.post(None, TabMessage::Frame(text.clone()), &mut effects);
                effects.push(SharedSocketEffect::Frame(text));
                // A new leader's socket is told the activity of all tabs, whose sessions did not notice the change.
                self.has_frame = true;
                self.send_activity(&mut effects);
            }
            SharedSocketInput::Closed(code) if self.socket => {
                self.socket = false;
                self.attached = false;
                self.post(None, TabMessage::Closed(code), &mut effects);
                effects.push(SharedSocketEffect::Closed(code));
            }
            SharedSocketInput::Message(message)
                if message.from != self.me && message.to.is_none_or(|to| to == self.me) =>
            {
                self.receive(message.from, message.said, now, &mut effects);
            }
            SharedSocketInput::Granted => self.lead(&mut effects),
            SharedSocketInput::LockStolen => {
                self.follow(&mut effects);
                self.join(now, &mut effects);
            }
            SharedSocketInput::Visible(visible) => {
                self.hidden_since = (!visible).then_some(now);
                self.post(None, TabMessage::Here { visible }, &mut effects);
            }
            SharedSocketInput::End if self.role != TabRole::Alone => {
                self.post(None, TabMessage::Gone, &mut effects);
                self.follow(&mut effects);
                self.role = TabRole::Alone;
                self.ended = true;
                self.answer.cancel();
                effects.push(SharedSocketEffect::Release);
            }
            SharedSocketInput::Frozen if self.role != TabRole::Alone => {
                self.frozen = true;
                self.follow(&mut effects);
                self.answer.cancel();
                effects.push(SharedSocketEffect::Release);
            }
            SharedSocketInput::Thawed if std::mem::take(&mut self.frozen) => self.join(now, &mut effects),
            SharedSocketInput::Ended(tab) => self.forget(tab, &mut effects),
            SharedSocketInput::Tick => self.tick(now, &mut effects),
            _ => {}
        }
        effects
    }

    fn connect(&mut self, now: u64, effects: &mut Vec<SharedSocketEffect>) {
        self.attached = true;
        if std::mem::take(&mut self.ended) {
            self.role = TabRole::Following;
            self.post(None, TabMessage::Here { visible: self.hidden_since.is_none() }, effects);
            self.join(now, effects);
        } else if self.leads() {
            self.open(effects);
        } else {
            self.attach(now, effects);
        }
    }

    fn open(&mut self, effects: &mut Vec<SharedSocketEffect>) {
        self.socket = true;
        self.has_frame = false;
        self.activity.reset_sent();
        self.scopes = Scopes::default();
        self.pings.clear();
        effects.push(SharedSocketEffect::Open);
    }

    fn attach(&mut self, now: u64, effects: &mut Vec<SharedSocketEffect>) {
        self.answer.start(now);
        self.post(None, TabMessage::Attach, effects);
    }

    fn shut(&mut self, effects: &mut Vec<SharedSocketEffect>) {
        if std::mem::take(&mut self.socket) {
            effects.push(SharedSocketEffect::Shut);
            self.post(None, TabMessage::Closed(ABNORMAL), effects);
        }
    }

    fn lead(&mut self, effects: &mut Vec<SharedSocketEffect>) {
        self.role = TabRole::Leading;
        self.answer.arrived();
        // A live session stays live: the new socket starts at its cursor.
        if self.attached {
            self.open(effects);
        } else {
            effects.push(SharedSocketEffect::Woken);
        }
    }

    fn follow(&mut self, effects: &mut Vec<SharedSocketEffect>) {
        self.role = TabRole::Following;
        if std::mem::take(&mut self.socket) {
            effects.push(SharedSocketEffect::Shut);
        }
    }

    /// Queues for the lock again, behind the others.
    fn join(&mut self, now: u64, effects: &mut Vec<SharedSocketEffect>) {
        effects.push(SharedSocketEffect::Ask { steal: false });
        if self.attached {
            self.attach(now, effects);
        }
        if let Some(ClientFrame::Presence { task_id, mode }) = self.activity.of(self.me) {
            self.post(None, TabMessage::Doing { task_id: *task_id, mode: *mode }, effects);
        }
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<SharedSocketEffect>) {
        match self.answer.timed_out(now) {
            Some(Unanswered::StealLock) => effects.push(SharedSocketEffect::Ask { steal: true }),
            Some(Unanswered::Alone) => {
                self.role = TabRole::Alone;
                effects.push(SharedSocketEffect::Release);
                self.open(effects);
            }
            None => {}
        }
        if self.role == TabRole::Leading
            && self.hidden_since.is_some_and(|since| since + HIDDEN_MS <= now)
            && let Some(tab) = self.peers.in_sight()
        {
            self.hidden_since = Some(now);
            self.post(Some(tab), TabMessage::Lead, effects);
        }
    }
}

#[cfg(test)]
mod tests;
