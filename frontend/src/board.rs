//! A board's live connection: carries out what its session wants, and tells the page what changed.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::Future,
    rc::{Rc, Weak},
    sync::Arc,
};

use app::backend::{Live, Sink};
use engine::{
    Method, Op, OpId, ProjectId, Request, Snapshot, TaskId, UserId,
    session::{Effect, Input, Link, Session},
    wire::{PresenceMode, ServerFrame},
};
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::spawn_local;

use crate::{
    clock,
    frame::NextFrame,
    http,
    port::{Port, Signal},
    random, wake,
};

/// The handle that the page holds.
pub(crate) struct LiveBoard(SendWrapper<Rc<Driver>>);

struct Driver {
    project: ProjectId,
    session: RefCell<Session>,
    port: Port,
    sink: Arc<dyn Sink>,
    inbox: RefCell<VecDeque<Input>>,
    /// Whether the inbox is being worked on, further up in the stack.
    busy: Cell<bool>,
    /// Whether the page is to be told at once.
    urgent: Cell<bool>,
    told: Cell<Option<(Link, usize)>>,
    next_frame: NextFrame,
    this: Weak<Driver>,
}

impl LiveBoard {
    /// Connects, and tells `sink` until it is dropped.
    pub(crate) fn new(snapshot: Snapshot, me: UserId, sink: Arc<dyn Sink>) -> Self {
        let driver = Rc::new_cyclic(|this: &Weak<Driver>| Driver {
            project: snapshot.project.id,
            session: RefCell::new(Session::new(snapshot, me, clock::now())),
            port: Port::new({
                let this = this.clone();
                move |signal| {
                    if let Some(driver) = this.upgrade() {
                        driver.heard(signal);
                    }
                }
            }),
            sink,
            inbox: RefCell::default(),
            busy: Cell::new(false),
            urgent: Cell::new(false),
            told: Cell::new(None),
            next_frame: NextFrame::new({
                let this = this.clone();
                move || {
                    if let Some(driver) = this.upgrade() {
                        driver.urgent.set(true);
                        driver.run();
                    }
                }
            }),
            this: this.clone(),
        });
        driver.handle(Input::Tick);
        Self(SendWrapper::new(driver))
    }
}

impl Live for LiveBoard {
    fn submit(&self, op: Op) -> OpId {
        let op_id = random::op_id();
        self.0.handle(Input::Submit { op_id, op });
        op_id
    }

    fn retry(&self) {
        self.0.handle(Input::Retry);
    }

    fn presence(&self, task_id: Option<TaskId>, mode: PresenceMode) {
        self.0.handle(Input::Presence { task_id, mode });
    }
}

impl Driver {
    fn heard(&self, signal: Signal) {
        self.handle(match signal {
            Signal::Tick => Input::Tick,
            Signal::Woken => Input::Woken,
            Signal::Frame(text) => ServerFrame::parse(&text).map_or(Input::Unreadable, Input::Frame),
            Signal::Closed(code) => Input::Closed { code },
        });
    }

    fn handle(&self, input: Input) {
        // The own gesture shows in the same frame of the screen. What others do waits for the next one, in which it
        // is drawn together, unless there are none because the page is hidden.
        if matches!(input, Input::Submit { .. } | Input::Retry) || wake::is_hidden() {
            self.urgent.set(true);
        }
        self.inbox.borrow_mut().push_back(input);
        self.run();
    }

    /// Works on the inbox until it is empty. The page may ask for something from within what it is told: that
    /// comes into the inbox, too.
    fn run(&self) {
        if self.busy.replace(true) {
            return;
        }
        loop {
            let input = self.inbox.borrow_mut().pop_front();
            if let Some(input) = input {
                let effects = self.session.borrow_mut().handle(input, clock::now(), random::number());
                effects.into_iter().for_each(|effect| self.carry_out(effect));
            } else if self.urgent.take() {
                self.tell();
            } else {
                break;
            }
        }
        self.busy.set(false);
        self.next_frame.ask();
        let wake_at = self.session.borrow().wake_at();
        self.port.wake_at(wake_at);
    }

    fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Connect { epoch, since } => {
                self.port.connect(&format!("/ws/projects/{}?epoch={epoch}&since={since}", self.project));
            }
            Effect::Close => self.port.close(),
            Effect::Send(frame) => self.port.send(&frame),
            Effect::Submit { op_id, request } => {
                self.ask(async move { Input::Answered { op_id, result: http::send(&request, Some(op_id)).await } });
            }
            Effect::FetchEvents { epoch, since } => {
                let path = format!("/api/projects/{}/events?epoch={epoch}&since={since}", self.project);
                self.ask(async { Input::Events(http::send(&Request::new(Method::Get, path), None).await) });
            }
            Effect::FetchSnapshot => {
                let path = format!("/api/projects/{}/board", self.project);
                self.ask(async { Input::Snapshot(http::send(&Request::new(Method::Get, path), None).await) });
            }
            Effect::Refused { op, error } => {
                // The card goes back first, then the toast says why.
                self.tell();
                self.sink.refused(&op, &error);
            }
        }
    }

    fn ask(&self, answer: impl Future<Output = Input> + 'static) {
        let this = self.this.clone();
        spawn_local(async move {
            let answer = answer.await;
            if let Some(driver) = this.upgrade() {
                driver.handle(answer);
            }
        });
    }

    /// Tells the page what is new.
    fn tell(&self) {
        let (changes, people) = {
            let mut session = self.session.borrow_mut();
            (session.take_changes(), session.take_people().map(<[_]>::to_vec))
        };
        let session = self.session.borrow();
        if !changes.is_empty() {
            self.sink.changed(session.view(), &changes, &|task| session.is_pending(task));
        }
        let link = (session.link(), session.unconfirmed());
        if self.told.replace(Some(link)) != Some(link) {
            self.sink.link(link.0, link.1);
        }
        if let Some(people) = people {
            self.sink.presence(&people);
        }
    }
}

impl Drop for LiveBoard {
    /// The page goes on to another one. What the user did here and the server has not heard of is sent
    /// without a board to show it on; what it has heard of answers to the same op id.
    fn drop(&mut self) {
        let requests = self.0.session.borrow().requests();
        spawn_local(async move {
            for (op_id, request) in requests {
                let _ = http::send_any(&request, op_id).await;
            }
        });
    }
}
