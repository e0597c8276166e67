//! One connection for all tabs of a browser.
//!
//! ```text
//! Session ─ Connect, Close, Send ─► Line ─ Open, Shut, Write ─► socket            (the tab that leads)
//!         ◄─ Frame, Closed, Woken ─      ─ Post ─► channel ─► the Lines of the other tabs
//! ```
//!
//! Each tab has a session of its own, and a [`Line`] in the place of its socket. The tab that has the browser's lock
//! leads: it opens the socket, and passes on what it says. The others follow: to their sessions it looks as if they had
//! that socket themselves. What a session misses on the way it fetches, as it would from a socket.
//!
//! The browser gives the lock of a tab that ends to the next one in line, however it ended. A leader that does not
//! answer is robbed of it, and one that nobody has looked at for long hands it to one that somebody looks at.
//! Without a lock or a channel, or where they do not work, each tab opens a socket.

mod answer;
mod conversation;
mod doing;
mod message;
mod peers;
mod port;
mod scopes;

pub use self::{
    answer::ANSWER_MS,
    message::{Message, Said},
    port::{LineEffect, LineInput},
};
use self::{
    answer::{Answer, Unanswered},
    doing::Doing,
    peers::Peers,
    scopes::Scopes,
};
use crate::{TabId, wire::ClientFrame};

/// After this long out of sight a leader hands over to a tab in sight, in milliseconds.
pub const HIDDEN_MS: u64 = 300_000;
/// The close code of a socket that was not closed but broke.
const ABNORMAL: u16 = 1006;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// There is no sharing.
    Alone,
    Following,
    Leading,
}

/// A tab's end of one shared connection. Times are in milliseconds of a clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct Line {
    me: TabId,
    role: Role,
    /// Whether the session believes that it has a socket.
    attached: bool,
    /// Whether there is a socket of this tab's own.
    socket: bool,
    /// Whether it has said something: what it is told before goes nowhere.
    speaks: bool,
    answer: Answer,
    hidden_since: Option<u64>,
    frozen: bool,
    /// Whether this tab shares nothing any more because its session was refused.
    ended: bool,
    peers: Peers,
    doing: Doing,
    scopes: Scopes,
}

impl Line {
    /// A line of the tab `me`. `shared` tells whether the browser has what sharing takes. It begins with
    /// [`LineInput::Seen`].
    pub fn new(me: TabId, shared: bool) -> Self {
        Self {
            me,
            role: if shared { Role::Following } else { Role::Alone },
            attached: false,
            socket: false,
            speaks: false,
            answer: Answer::default(),
            hidden_since: None,
            frozen: false,
            ended: false,
            peers: Peers::default(),
            doing: Doing::default(),
            scopes: Scopes::default(),
        }
    }

    /// What to do first.
    pub fn begin(&self) -> Vec<LineEffect> {
        if self.role == Role::Alone { Vec::new() } else { vec![LineEffect::Ask { steal: false }] }
    }

    /// Whether this tab has the socket.
    pub fn leads(&self) -> bool {
        self.role != Role::Following
    }

    /// Whether there is a socket of this tab's own that has said something.
    fn is_connected(&self) -> bool {
        self.socket && self.speaks
    }

    /// When the next [`LineInput::Tick`] is due.
    pub fn wake_at(&self) -> Option<u64> {
        let hand_over = self.hidden_since.map(|since| since + HIDDEN_MS);
        let hand_over = hand_over.filter(|_| self.role == Role::Leading && self.peers.in_sight().is_some());
        [self.answer.wake_at(), hand_over].into_iter().flatten().min()
    }

    /// Takes in what happened, and says what to do.
    pub fn handle(&mut self, input: LineInput, now: u64) -> Vec<LineEffect> {
        let mut effects = Vec::new();
        match input {
            LineInput::Connect => self.connect(now, &mut effects),
            LineInput::Close => {
                self.attached = false;
                self.answer.unwanted();
                self.shut(&mut effects);
            }
            LineInput::Send(frame) => self.send(frame, &mut effects),
            LineInput::Woken if self.role == Role::Following => self.post(None, Said::Wake, &mut effects),
            LineInput::Retry if self.role == Role::Following => self.post(None, Said::Retry, &mut effects),
            LineInput::Frame(text) if self.socket => {
                self.post(None, Said::Frame(text.clone()), &mut effects);
                effects.push(LineEffect::Frame(text));
                // A new leader's socket hears of all tabs, although their sessions did not notice the change.
                self.speaks = true;
                self.tell(&mut effects);
            }
            LineInput::Closed(code) if self.socket => {
                self.socket = false;
                self.attached = false;
                self.post(None, Said::Closed(code), &mut effects);
                effects.push(LineEffect::Closed(code));
            }
            LineInput::Heard(message) if message.from != self.me && message.to.is_none_or(|to| to == self.me) => {
                self.heard(message.from, message.said, &mut effects);
            }
            LineInput::Granted => self.lead(&mut effects),
            LineInput::Robbed => {
                self.follow(&mut effects);
                self.join(now, &mut effects);
            }
            LineInput::Seen(visible) => {
                self.hidden_since = (!visible).then_some(now);
                self.post(None, Said::Here { visible }, &mut effects);
            }
            LineInput::End if self.role != Role::Alone => {
                self.post(None, Said::Gone, &mut effects);
                self.follow(&mut effects);
                self.role = Role::Alone;
                self.ended = true;
                self.answer.unwanted();
                effects.push(LineEffect::Release);
            }
            LineInput::Frozen if self.role != Role::Alone => {
                self.frozen = true;
                self.follow(&mut effects);
                self.answer.unwanted();
                effects.push(LineEffect::Release);
            }
            LineInput::Thawed if std::mem::take(&mut self.frozen) => self.join(now, &mut effects),
            LineInput::Ended(tab) => self.forget(tab, &mut effects),
            LineInput::Tick => self.tick(now, &mut effects),
            _ => {}
        }
        effects
    }

    fn connect(&mut self, now: u64, effects: &mut Vec<LineEffect>) {
        self.attached = true;
        if std::mem::take(&mut self.ended) {
            self.role = Role::Following;
            self.post(None, Said::Here { visible: self.hidden_since.is_none() }, effects);
            self.join(now, effects);
        } else if self.leads() {
            self.open(effects);
        } else {
            self.attach(now, effects);
        }
    }

    fn open(&mut self, effects: &mut Vec<LineEffect>) {
        self.socket = true;
        self.speaks = false;
        self.doing.retell();
        self.scopes = Scopes::default();
        effects.push(LineEffect::Open);
    }

    fn attach(&mut self, now: u64, effects: &mut Vec<LineEffect>) {
        self.answer.awaits(now);
        self.post(None, Said::Attach, effects);
    }

    fn shut(&mut self, effects: &mut Vec<LineEffect>) {
        if std::mem::take(&mut self.socket) {
            effects.push(LineEffect::Shut);
            self.post(None, Said::Closed(ABNORMAL), effects);
        }
    }

    fn lead(&mut self, effects: &mut Vec<LineEffect>) {
        self.role = Role::Leading;
        self.answer.came();
        // A session that is live stays so: the new socket begins at its cursor.
        if self.attached {
            self.open(effects);
        } else {
            effects.push(LineEffect::Woken);
        }
    }

    fn follow(&mut self, effects: &mut Vec<LineEffect>) {
        self.role = Role::Following;
        if std::mem::take(&mut self.socket) {
            effects.push(LineEffect::Shut);
        }
    }

    /// Stands in line again behind the others.
    fn join(&mut self, now: u64, effects: &mut Vec<LineEffect>) {
        effects.push(LineEffect::Ask { steal: false });
        if self.attached {
            self.attach(now, effects);
        }
        if let Some(ClientFrame::Presence { task_id, mode }) = self.doing.of(self.me) {
            self.post(None, Said::Doing { task_id: *task_id, mode: *mode }, effects);
        }
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<LineEffect>) {
        match self.answer.missing(now) {
            Some(Unanswered::Rob) => effects.push(LineEffect::Ask { steal: true }),
            Some(Unanswered::Alone) => {
                self.role = Role::Alone;
                effects.push(LineEffect::Release);
                self.open(effects);
            }
            None => {}
        }
        if self.role == Role::Leading
            && self.hidden_since.is_some_and(|since| since + HIDDEN_MS <= now)
            && let Some(tab) = self.peers.in_sight()
        {
            self.hidden_since = Some(now);
            self.post(Some(tab), Said::Lead, effects);
        }
    }
}

#[cfg(test)]
mod tests;
