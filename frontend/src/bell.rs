//! The bell's live connection.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    sync::Arc,
};

use app::backend::{BellSink, Live};
use engine::{
    Op, OpId, TaskId, UserId,
    session::{Bell, BellEffect, BellInput, Link},
    wire::{PresenceMode, ServerFrame},
};
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::spawn_local;

use crate::{
    build, clock, http,
    port::{Owner, Port, Signal},
    random,
};

/// The handle that the page holds.
pub(crate) struct LiveBell(SendWrapper<Rc<Driver>>);

struct Driver {
    me: Weak<Driver>,
    bell: RefCell<Bell>,
    port: Rc<Port>,
    sink: Arc<dyn BellSink>,
    told: Cell<Option<(Link, u64)>>,
}

impl LiveBell {
    /// Connects the bell of `me`, and tells `sink` until it is dropped.
    pub(crate) fn new(me: UserId, sink: Arc<dyn BellSink>) -> Self {
        let driver = Rc::new_cyclic(|driver: &Weak<Driver>| {
            let owner: Weak<dyn Owner> = driver.clone();
            Driver {
                me: driver.clone(),
                bell: RefCell::new(Bell::new(clock::now())),
                port: Port::new(&format!("{me}:bell"), owner),
                sink,
                told: Cell::new(None),
            }
        });
        driver.port.begin();
        driver.handle(BellInput::Tick);
        Self(SendWrapper::new(driver))
    }
}

impl Live for LiveBell {
    fn submit(&self, _op: Op) -> OpId {
        // The bell has no board to change.
        random::op_id()
    }

    fn retry(&self) {
        self.0.handle(BellInput::Retry);
        self.0.port.wake();
    }

    fn presence(&self, _task: Option<TaskId>, _mode: PresenceMode) {}

    fn again(&self, _op: OpId) {}

    fn discard(&self, _op: OpId) {}
}

impl Owner for Driver {
    fn heard(&self, signal: Signal) {
        self.handle(match signal {
            Signal::Tick => BellInput::Tick,
            Signal::Woken => BellInput::Woken,
            Signal::Frame(text) => BellInput::Frame(ServerFrame::parse(&text).ok()),
            Signal::Closed(code) => BellInput::Closed { code },
            Signal::Tab(_) => return,
        });
    }

    fn address(&self) -> String {
        "/ws/notifications".to_owned()
    }

    fn greeting(&self) -> Option<String> {
        self.bell.borrow().greeting()
    }
}

impl Driver {
    fn ask(&self, answer: impl Future<Output = BellInput> + 'static) {
        let driver = self.me.clone();
        spawn_local(async move {
            let input = answer.await;
            if let Some(driver) = driver.upgrade() {
                driver.handle(input);
            }
        });
    }

    fn handle(&self, input: BellInput) {
        let effects = self.bell.borrow_mut().handle(input, clock::now(), random::number());
        for effect in effects {
            match effect {
                BellEffect::Connect => self.port.connect(),
                BellEffect::Close => self.port.close(),
                BellEffect::Send(frame) => self.port.send(frame),
                BellEffect::FetchPage { unread, before } => self.ask(async move {
                    let result = http::send(&BellEffect::page(unread, before), None).await;
                    BellInput::Page { unread, before, result }
                }),
                BellEffect::Mark(mark) => self.ask(async move {
                    let answer = http::send_any(&mark.request(), random::op_id()).await;
                    BellInput::Marked(answer.map(drop))
                }),
                BellEffect::Refused(_) => {}
            }
        }
        let (link, unread, wake_at) = {
            let bell = self.bell.borrow();
            (bell.link(), bell.unread(), bell.wake_at())
        };
        self.port.wake_at(wake_at);
        let told = self.told.replace(Some((link, unread)));
        if told.is_none_or(|told| told.0 != link) {
            self.sink.link(link);
            if link == Link::Outdated {
                build::renew(|| true);
            }
            if link.is_final() {
                self.port.end();
            }
        }
        if told.is_none_or(|told| told.1 != unread) {
            self.sink.unread(unread);
        }
    }
}
