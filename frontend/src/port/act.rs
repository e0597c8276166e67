//! What a line wants of the browser, done.

use std::rc::Weak;

use engine::{
    TabId,
    session::{
        LineEffect, LineInput,
        tabs::{Message, Said},
    },
};

use super::{Port, Signal};
use crate::{
    lock::{self, LockRequest},
    socket::{self, Socket},
    tab,
};

impl Port {
    pub(super) fn carry_out(&self, effects: Vec<LineEffect>) {
        for effect in effects {
            match effect {
                LineEffect::Ask { steal } => self.ask(if steal { LockRequest::Steal } else { LockRequest::Wait }),
                LineEffect::Release => {
                    self.asked.update(|asked| asked + 1);
                    drop(self.held.take());
                }
                LineEffect::Open => self.open(),
                LineEffect::Shut => drop(self.socket.take()),
                LineEffect::Write(frame) => {
                    if let (Some(socket), Ok(text)) = (&*self.socket.borrow(), serde_json::to_string(&frame)) {
                        socket.send(text);
                    }
                }
                LineEffect::Post(to, said) => self.post(to, said),
                LineEffect::Greet(to) => {
                    let greeting = self.owner.upgrade().and_then(|owner| owner.greeting());
                    self.post(Some(to), greeting.map_or(Said::Opening, Said::Frame));
                }
                LineEffect::Watch(tab) => self.watch(tab),
                LineEffect::Frame(text) => self.tell(Signal::Frame(text)),
                LineEffect::Closed(code) => self.tell(Signal::Closed(code)),
                LineEffect::Woken => self.tell(Signal::Woken),
                LineEffect::Retry => self.tell(Signal::Retry),
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
                    port.line(LineInput::Granted);
                }
            },
            move || {
                if let Some(port) = mine(&robbed) {
                    drop(port.held.take());
                    port.line(LineInput::Robbed);
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
                    socket::SocketEvent::Frame(text) => LineInput::Frame(text),
                    socket::SocketEvent::Closed(code) => LineInput::Closed(code),
                });
            }
        });
        if let Some(before) = self.socket.replace(Some(socket)) {
            before.abandon();
        }
    }

    fn post(&self, to: Option<TabId>, said: Said) {
        if let Some(channel) = &self.channel {
            channel.say(&Message { from: tab::id(), to, said });
        }
    }

    fn watch(&self, tab: TabId) {
        let port = Weak::clone(&self.this);
        tab::when_gone(tab, move |_| {
            if let Some(port) = port.upgrade() {
                port.line(LineInput::Ended(tab));
            }
        });
        self.tell(Signal::Tab(tab));
    }
}
