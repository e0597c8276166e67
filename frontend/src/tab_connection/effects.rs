//! Carries out the effects of a shared socket.

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
                SharedSocketEffect::Post(to, message) => self.post(to, message),
                SharedSocketEffect::Greet(to) => {
                    let greeting = self.owner.upgrade().and_then(|owner| owner.greeting());
                    self.post(Some(to), greeting.map_or(TabMessage::Opening, TabMessage::Frame));
                }
                SharedSocketEffect::Watch(tab) => self.watch(tab),
                SharedSocketEffect::Frame(text) => self.signal(Signal::Frame(text)),
                SharedSocketEffect::Closed(code) => self.signal(Signal::Closed(code)),
                SharedSocketEffect::Woken => self.signal(Signal::Woken),
                SharedSocketEffect::Retry => self.signal(Signal::Retry),
            }
        }
    }

    fn ask(&self, how: LockRequest) {
        let request = self.asked.get() + 1;
        self.asked.set(request);
        let (granted, stolen) = (Weak::clone(&self.this), Weak::clone(&self.this));
        let current =
            move |connection: &Weak<Self>| connection.upgrade().filter(|connection| connection.asked.get() == request);
        lock::request(
            &self.name,
            how,
            move |held| {
                if let Some(connection) = current(&granted) {
                    connection.held.replace(Some(held));
                    connection.input(SharedSocketInput::Granted);
                }
            },
            move || {
                if let Some(connection) = current(&stolen) {
                    drop(connection.held.take());
                    connection.input(SharedSocketInput::LockStolen);
                }
            },
        );
    }

    fn open(&self) {
        let Some(owner) = self.owner.upgrade() else { return };
        let connection = Weak::clone(&self.this);
        let socket = Socket::open(&owner.address(), move |message| {
            if let Some(connection) = connection.upgrade() {
                connection.input(match message {
                    socket::SocketEvent::Frame(text) => SharedSocketInput::Frame(text),
                    socket::SocketEvent::Closed(code) => SharedSocketInput::Closed(code),
                });
            }
        });
        if let Some(before) = self.socket.replace(Some(socket)) {
            before.abandon();
        }
    }

    fn post(&self, to: Option<TabId>, message: TabMessage) {
        if let Some(channel) = &self.channel {
            channel.post(&TabEnvelope { from: tab::id(), to, said: message });
        }
    }

    fn watch(&self, tab: TabId) {
        let connection = Weak::clone(&self.this);
        tab::when_gone(tab, move |_| {
            if let Some(connection) = connection.upgrade() {
                connection.input(SharedSocketInput::Ended(tab));
            }
        });
        self.signal(Signal::Tab(tab));
    }
}
