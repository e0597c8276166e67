//! What a line wants of the browser, done.

use std::rc::Weak;

use engine::{
    TabId,
    session::{
        SharedSocketEffect, SharedSocketInput,
        tabs::{TabEnvelope, TabMessage},
    },
};

use super::{Signal, TabConnection};
use crate::{
    lock::{self, LockRequest},
    socket::{self, Socket},
    tab,
};

impl TabConnection {
    pub(super) fn carry_out(&self, effects: Vec<SharedSocketEffect>) {
        for effect in effects {
            match effect {
                SharedSocketEffect::Ask { steal } => {
                    self.ask(if steal { LockRequest::Steal } else { LockRequest::Wait })
                }
                SharedSocketEffect::Release => {
                    self.asked.update(|asked| asked + 1);
                    drop(self.held.take());
                }
                SharedSocketEffect::Open => self.open(),
                SharedSocketEffect::Shut => drop(self.socket.take()),
                SharedSocketEffect::Write(frame) => {
                    if let (Some(socket), Ok(text)) = (&*self.socket.borrow(), serde_json::to_string(&frame)) {
                        socket.send(text);
                    }
                }
                SharedSocketEffect::Post(to, said) => self.post(to, said),
                SharedSocketEffect::Greet(to) => {
                    let greeting = self.owner.upgrade().and_then(|owner| owner.greeting());
                    self.post(Some(to), greeting.map_or(TabMessage::Opening, TabMessage::Frame));
                }
                SharedSocketEffect::Watch(tab) => self.watch(tab),
                SharedSocketEffect::Frame(text) => self.tell(Signal::Frame(text)),
                SharedSocketEffect::Closed(code) => self.tell(Signal::Closed(code)),
                SharedSocketEffect::Woken => self.tell(Signal::Woken),
                SharedSocketEffect::Retry => self.tell(Signal::Retry),
            }
        }
    }

    fn ask(&self, how: LockRequest) {
        let turn = self.asked.get() + 1;
        self.asked.set(turn);
        let (granted, robbed) = (Weak::clone(&self.this), Weak::clone(&self.this));
        let mine = move |port: &Weak<Self>| port.upgrade().filter(|port| port.asked.get() == turn);
        lock::ask(
            &self.name,
            how,
            move |held| {
                if let Some(port) = mine(&granted) {
                    port.held.replace(Some(held));
                    port.line(SharedSocketInput::Granted);
                }
            },
            move || {
                if let Some(port) = mine(&robbed) {
                    drop(port.held.take());
                    port.line(SharedSocketInput::Robbed);
                }
            },
        );
    }

    fn open(&self) {
        let Some(owner) = self.owner.upgrade() else { return };
        let port = Weak::clone(&self.this);
        let socket = Socket::open(&owner.address(), move |said| {
            if let Some(port) = port.upgrade() {
                port.line(match said {
                    socket::SocketEvent::Frame(text) => SharedSocketInput::Frame(text),
                    socket::SocketEvent::Closed(code) => SharedSocketInput::Closed(code),
                });
            }
        });
        if let Some(before) = self.socket.replace(Some(socket)) {
            before.abandon();
        }
    }

    fn post(&self, to: Option<TabId>, said: TabMessage) {
        if let Some(channel) = &self.channel {
            channel.say(&TabEnvelope { from: tab::id(), to, said });
        }
    }

    fn watch(&self, tab: TabId) {
        let port = Weak::clone(&self.this);
        tab::when_gone(tab, move |_| {
            if let Some(port) = port.upgrade() {
                port.line(SharedSocketInput::Ended(tab));
            }
        });
        self.tell(Signal::Tab(tab));
    }
}
