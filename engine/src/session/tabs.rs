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

mod port;

use std::collections::{BTreeMap, BTreeSet};

pub use self::port::{LineEffect, LineInput, Message, Said};
use crate::{
    TabId,
    wire::{ClientFrame, PresenceMode},
};

/// How long a leader may take to answer, in milliseconds.
pub const ANSWER_MS: u64 = 3_000;
/// After this long out of sight a leader hands over to a tab in sight, in milliseconds.
pub const HIDDEN_MS: u64 = 300_000;
/// How often a leader that does not answer is robbed before each tab is taken to be on its own.
const ROBBERIES: u8 = 2;
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
    /// When a leader that has not answered is given up.
    answer_by: Option<u64>,
    unanswered: u8,
    hidden_since: Option<u64>,
    frozen: bool,
    /// Whether this tab shares nothing any more because its session was refused.
    ended: bool,
    /// Other tabs.
    known: BTreeSet<TabId>,
    /// Those of them in sight.
    visible: BTreeSet<TabId>,
    /// What each tab's user does, and the order in which they began.
    doing: BTreeMap<TabId, (ClientFrame, u64)>,
    count: u64,
    /// What the socket was last told of it.
    told: Option<ClientFrame>,
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
            answer_by: None,
            unanswered: 0,
            hidden_since: None,
            frozen: false,
            ended: false,
            known: BTreeSet::new(),
            visible: BTreeSet::new(),
            doing: BTreeMap::new(),
            count: 0,
            told: None,
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

    /// When the next [`LineInput::Tick`] is due.
    pub fn wake_at(&self) -> Option<u64> {
        let hand_over = self.hidden_since.map(|since| since + HIDDEN_MS);
        let hand_over = hand_over.filter(|_| self.role == Role::Leading && !self.visible.is_empty());
        [self.answer_by, hand_over].into_iter().flatten().min()
    }

    /// Takes in what happened, and says what to do.
    pub fn handle(&mut self, input: LineInput, now: u64) -> Vec<LineEffect> {
        let mut effects = Vec::new();
        match input {
            LineInput::Connect => self.connect(now, &mut effects),
            LineInput::Close => {
                self.attached = false;
                self.answer_by = None;
                self.shut(&mut effects);
            }
            LineInput::Send(frame) => self.send(frame, &mut effects),
            LineInput::Woken if self.role == Role::Following => self.post(None, Said::Wake, &mut effects),
            LineInput::Frame(text) if self.socket => {
                self.post(None, Said::Frame(text.clone()), &mut effects);
                effects.push(LineEffect::Frame(text));
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
                self.answer_by = None;
                effects.push(LineEffect::Release);
            }
            LineInput::Frozen if self.role != Role::Alone => {
                self.frozen = true;
                self.follow(&mut effects);
                self.answer_by = None;
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
        self.told = None;
        effects.push(LineEffect::Open);
    }

    fn attach(&mut self, now: u64, effects: &mut Vec<LineEffect>) {
        self.answer_by = Some(now + ANSWER_MS);
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
        self.answer_by = None;
        self.unanswered = 0;
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
        if let Some((ClientFrame::Presence { task_id, mode }, _)) = self.doing.get(&self.me) {
            let doing = Said::Doing { task_id: *task_id, mode: *mode };
            self.post(None, doing, effects);
        }
    }

    fn send(&mut self, frame: ClientFrame, effects: &mut Vec<LineEffect>) {
        match frame {
            ClientFrame::Presence { task_id, mode } => {
                self.does(self.me, frame, effects);
                if self.role == Role::Following {
                    self.post(None, Said::Doing { task_id, mode }, effects);
                }
            }
            frame if self.socket => effects.push(LineEffect::Write(frame)),
            ClientFrame::Ping if self.role == Role::Following => self.post(None, Said::Ping, effects),
            // The leader answers for all.
            _ => {}
        }
    }

    fn heard(&mut self, from: TabId, said: Said, effects: &mut Vec<LineEffect>) {
        let leading = self.role == Role::Leading;
        let following = self.role == Role::Following;
        if !matches!(said, Said::Gone) && self.known.insert(from) {
            effects.push(LineEffect::Watch(from));
            self.post(Some(from), Said::Here { visible: self.hidden_since.is_none() }, effects);
        }
        match said {
            Said::Here { visible: true } => {
                self.visible.insert(from);
            }
            Said::Here { visible: false } => {
                self.visible.remove(&from);
            }
            Said::Gone => self.forget(from, effects),
            Said::Attach if leading && self.socket => effects.push(LineEffect::Greet(from)),
            Said::Attach if leading => self.post(Some(from), Said::Closed(ABNORMAL), effects),
            Said::Opening if following => self.answered(),
            Said::Frame(text) if following && self.attached => {
                self.answered();
                effects.push(LineEffect::Frame(text));
            }
            // There is a connection again, earlier than this session would have looked, or its user is signed in again.
            Said::Frame(_) if following || self.ended => effects.push(LineEffect::Woken),
            Said::Closed(code) if following && self.attached => {
                self.answered();
                self.attached = false;
                effects.push(LineEffect::Closed(code));
            }
            Said::Ping if leading && self.socket => effects.push(LineEffect::Write(ClientFrame::Ping)),
            Said::Wake if leading && !self.socket => effects.push(LineEffect::Woken),
            Said::Doing { task_id, mode } => self.does(from, ClientFrame::Presence { task_id, mode }, effects),
            Said::Lead if following => effects.push(LineEffect::Ask { steal: true }),
            _ => {}
        }
    }

    fn answered(&mut self) {
        self.answer_by = None;
        self.unanswered = 0;
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<LineEffect>) {
        if self.answer_by.is_some_and(|by| by <= now) {
            self.unanswered += 1;
            if self.unanswered > ROBBERIES {
                self.role = Role::Alone;
                self.answer_by = None;
                effects.push(LineEffect::Release);
                self.open(effects);
            } else {
                self.answer_by = Some(now + ANSWER_MS);
                effects.push(LineEffect::Ask { steal: true });
            }
        }
        if self.role == Role::Leading
            && self.hidden_since.is_some_and(|since| since + HIDDEN_MS <= now)
            && let Some(tab) = self.visible.first().copied()
        {
            self.hidden_since = Some(now);
            self.post(Some(tab), Said::Lead, effects);
        }
    }

    fn does(&mut self, tab: TabId, what: ClientFrame, effects: &mut Vec<LineEffect>) {
        self.count += 1;
        self.doing.insert(tab, (what, self.count));
        self.tell(effects);
    }

    fn forget(&mut self, tab: TabId, effects: &mut Vec<LineEffect>) {
        self.known.remove(&tab);
        self.visible.remove(&tab);
        if self.doing.remove(&tab).is_some() {
            self.tell(effects);
        }
    }

    /// One socket tells of one thing: that of the busiest tab, and among those of the latest.
    fn tell(&mut self, effects: &mut Vec<LineEffect>) {
        let busy = |frame: &ClientFrame| match frame {
            ClientFrame::Presence { mode: PresenceMode::Drag, .. } => 3,
            ClientFrame::Presence { mode: PresenceMode::Edit, .. } => 2,
            ClientFrame::Presence { task_id: Some(_), .. } => 1,
            _ => 0,
        };
        let busiest = self.doing.values().max_by_key(|(frame, since)| (busy(frame), *since));
        let Some((frame, _)) = busiest.filter(|(frame, _)| self.socket && self.told.as_ref() != Some(frame)) else {
            return;
        };
        self.told = Some(frame.clone());
        effects.push(LineEffect::Write(frame.clone()));
    }

    fn post(&self, to: Option<TabId>, said: Said, effects: &mut Vec<LineEffect>) {
        if self.role != Role::Alone {
            effects.push(LineEffect::Post(to, said));
        }
    }
}

#[cfg(test)]
mod tests;
