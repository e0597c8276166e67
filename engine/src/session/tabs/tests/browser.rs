//! A browser in virtual time: tabs with bells, a lock, a channel, and a server that counts sockets.

use std::collections::VecDeque;

use uuid::Uuid;

use crate::{
    TabId,
    session::{
        Bell, BellEffect, BellInput, Link, SharedSocket, SharedSocketEffect, SharedSocketInput,
        tabs::{TabEnvelope, TabMessage},
    },
    wire::{ClientFrame, PING_INTERVAL_MS, ServerFrame},
};

pub(super) struct Tab {
    pub(super) id: TabId,
    pub(super) shared: SharedSocket,
    pub(super) bell: Bell,
    /// When its socket opened.
    pub(super) socket: Option<u64>,
    pub(super) alive: bool,
    /// The browser does not run it.
    pub(super) frozen: bool,
}

#[derive(Default)]
pub(super) struct Browser {
    pub(super) now: u64,
    pub(super) tabs: Vec<Tab>,
    /// The holder of the lock, and the queue for it.
    lock: VecDeque<usize>,
    held: bool,
    mail: VecDeque<TabEnvelope>,
    pub(super) server_up: bool,
    /// Upgrades get no answer.
    pub(super) hangs: bool,
    /// The socket answers no ping.
    pub(super) half_open: bool,
    pub(super) unread: u64,
    pub(super) written: Vec<ClientFrame>,
}

pub(super) fn tab(n: usize) -> TabId {
    TabId::new(Uuid::from_u128(n as u128 + 1))
}

impl Browser {
    pub(super) fn new(tabs: usize) -> Self {
        let mut browser = Self { server_up: true, unread: 1, ..Self::default() };
        for _ in 0..tabs {
            browser.open(true);
        }
        browser
    }

    pub(super) fn open(&mut self, shared: bool) -> usize {
        let n = self.tabs.len();
        let id = tab(n);
        let (shared, bell) = (SharedSocket::new(id, shared), Bell::new(self.now));
        let begin = shared.begin();
        self.tabs.push(Tab { id, shared, bell, socket: None, alive: true, frozen: false });
        self.carry_out(n, begin);
        self.shared(n, SharedSocketInput::Visible(true));
        self.bell(n, BellInput::Tick);
        self.settle();
        n
    }

    /// The tab crashes.
    pub(super) fn kill(&mut self, n: usize) {
        self.tabs[n].alive = false;
        self.tabs[n].socket = None;
        for other in 0..self.tabs.len() {
            self.shared(other, SharedSocketInput::Ended(tab(n)));
        }
        self.unlock(n);
        self.settle();
    }

    pub(super) fn stop_server(&mut self) {
        self.server_up = false;
        for n in 0..self.tabs.len() {
            if self.tabs[n].socket.take().is_some() {
                self.shared(n, SharedSocketInput::Closed(1006));
            }
        }
        self.settle();
    }

    pub(super) fn sockets(&self) -> usize {
        self.tabs.iter().filter(|tab| tab.socket.is_some()).count()
    }

    pub(super) fn links(&self) -> Vec<Link> {
        self.tabs.iter().filter(|tab| tab.alive && !tab.frozen).map(|tab| tab.bell.link()).collect()
    }

    pub(super) fn all_live(&self) -> bool {
        self.links().iter().all(|link| *link == Link::Live)
    }

    pub(super) fn leader(&self) -> usize {
        self.tabs.iter().position(|tab| tab.socket.is_some()).expect("a leader")
    }

    /// Advances time second by second: each tab ticks, and the server pings.
    pub(super) fn pass(&mut self, millis: u64) {
        let until = self.now + millis;
        while self.now < until {
            self.now += 500;
            for n in 0..self.tabs.len() {
                if self.tabs[n].shared.wake_at().is_some_and(|at| at <= self.now) {
                    self.shared(n, SharedSocketInput::Tick);
                }
                if self.tabs[n].bell.wake_at().is_some_and(|at| at <= self.now) {
                    self.bell(n, BellInput::Tick);
                }
                let since = self.tabs[n].socket.map(|since| self.now - since);
                if since.is_some_and(|since| since > 0 && since % PING_INTERVAL_MS == 0) && !self.tabs[n].frozen {
                    self.shared(n, SharedSocketInput::Frame(r#"{"type":"ping"}"#.into()));
                }
            }
            self.settle();
        }
    }

    pub(super) fn shared(&mut self, n: usize, input: SharedSocketInput) {
        if self.tabs[n].alive && !self.tabs[n].frozen {
            let effects = self.tabs[n].shared.handle(input, self.now);
            self.carry_out(n, effects);
        }
    }

    pub(super) fn bell(&mut self, n: usize, input: BellInput) {
        if !self.tabs[n].alive || self.tabs[n].frozen {
            return;
        }
        for effect in self.tabs[n].bell.handle(input, self.now, 7) {
            match effect {
                BellEffect::Connect => self.shared(n, SharedSocketInput::Connect),
                BellEffect::Close => self.shared(n, SharedSocketInput::Close),
                BellEffect::Send(frame) => self.shared(n, SharedSocketInput::Send(frame)),
                // HTTP is not simulated here.
                BellEffect::FetchPage { .. } | BellEffect::Poll | BellEffect::Mark(_) | BellEffect::Refused(_) => {}
            }
        }
        if matches!(self.tabs[n].bell.link(), Link::SignedOut | Link::Outdated) {
            self.shared(n, SharedSocketInput::End);
        }
    }

    fn carry_out(&mut self, n: usize, effects: Vec<SharedSocketEffect>) {
        for effect in effects {
            match effect {
                SharedSocketEffect::Ask { steal: false } => self.lock.push_back(n),
                SharedSocketEffect::Ask { steal: true } => {
                    let robbed = if std::mem::take(&mut self.held) { self.lock.pop_front() } else { None };
                    self.lock.retain(|waiting| *waiting != n);
                    self.lock.push_front(n);
                    if let Some(robbed) = robbed.filter(|robbed| *robbed != n) {
                        self.shared(robbed, SharedSocketInput::LockStolen);
                    }
                }
                SharedSocketEffect::Release => self.unlock(n),
                SharedSocketEffect::Open if self.hangs => self.tabs[n].socket = Some(self.now),
                SharedSocketEffect::Open if self.server_up => {
                    self.tabs[n].socket = Some(self.now);
                    let text = self.sync();
                    self.shared(n, SharedSocketInput::Frame(text));
                }
                SharedSocketEffect::Open => self.shared(n, SharedSocketInput::Closed(1006)),
                SharedSocketEffect::Shut => self.tabs[n].socket = None,
                SharedSocketEffect::Write(frame) => {
                    if frame == ClientFrame::Ping && !self.half_open {
                        self.shared(n, SharedSocketInput::Frame(r#"{"type":"pong"}"#.into()));
                    }
                    self.written.push(frame);
                }
                SharedSocketEffect::Post(to, message) => {
                    self.mail.push_back(TabEnvelope { from: self.tabs[n].id, to, said: message })
                }
                SharedSocketEffect::Greet(to) => {
                    let said = match self.tabs[n].bell.link() {
                        Link::Live => TabMessage::Frame(self.sync()),
                        _ => TabMessage::Opening,
                    };
                    self.mail.push_back(TabEnvelope { from: self.tabs[n].id, to: Some(to), said });
                }
                SharedSocketEffect::Watch(_) => {}
                SharedSocketEffect::Frame(text) => self.bell(n, BellInput::Frame(ServerFrame::parse(&text).ok())),
                SharedSocketEffect::Closed(code) => self.bell(n, BellInput::Closed { code }),
                SharedSocketEffect::Woken => self.bell(n, BellInput::Woken),
                SharedSocketEffect::Retry => self.bell(n, BellInput::Retry),
            }
        }
    }

    pub(super) fn sync(&self) -> String {
        format!(r#"{{"type":"unread_sync","notifications":[],"unread":{}}}"#, self.unread)
    }

    fn unlock(&mut self, n: usize) {
        if self.held && self.lock.front() == Some(&n) {
            self.held = false;
        }
        self.lock.retain(|waiting| *waiting != n);
    }

    /// Delivers messages, and grants the lock.
    pub(super) fn settle(&mut self) {
        loop {
            if let Some(message) = self.mail.pop_front() {
                for n in 0..self.tabs.len() {
                    self.shared(n, SharedSocketInput::Message(message.clone()));
                }
            } else if let Some(next) = self.lock.front().copied().filter(|_| !self.held) {
                self.held = true;
                self.shared(next, SharedSocketInput::Granted);
            } else {
                break;
            }
        }
    }
}
