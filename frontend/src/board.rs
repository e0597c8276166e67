//! A board's live connection: carries out what its session wants, and tells the page what changed.

mod background;
mod keep;
mod owner;

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::Future,
    rc::{Rc, Weak},
    sync::Arc,
};

use app::backend::{Live, Sink};
use engine::{
    Method, Op, OpId, ProjectId, Request, Snapshot, TaskId, Timestamp, UserId,
    session::{Link, Session, SessionEffect, SessionInput, ThreadInput},
    wire::{LogPosition, PresenceMode},
};
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::spawn_local;

use crate::{
    blocked, build, clock, copies, ended_access,
    frame::NextFrame,
    http,
    offline_store::{OfflineStore, OfflineStoreNotice},
    page_lifecycle, random,
    session_doubt::{self, SessionDoubt},
    tab_connection::{Owner, TabConnection},
    user, worker,
};

pub(crate) use background::{forget, is_safe, send_waiting, submit_behind, watch};

/// The handle that the page holds.
pub(crate) struct LiveBoard(SendWrapper<Rc<Driver>>);

/// What the page was told of the connection: how it stands, how many ops wait, and whether one waits for too long.
type ConnectionReport = (Link, usize, bool);

struct Driver {
    project: ProjectId,
    me: UserId,
    session: RefCell<Session>,
    connection: Rc<TabConnection>,
    /// The page, for as long as there is one.
    sink: RefCell<Arc<dyn Sink>>,
    inbox: RefCell<VecDeque<SessionInput>>,
    /// Whether the inbox is being worked on, further up in the stack.
    busy: Cell<bool>,
    /// Whether the page is to be told at once.
    urgent: Cell<bool>,
    reported: Cell<Option<ConnectionReport>>,
    next_frame: NextFrame,
    store: Rc<OfflineStore>,
    /// Whether the page of this board was given to the service worker.
    page_cached: Cell<bool>,
    /// Which board is stored, and since when.
    stored: Cell<Option<(LogPosition, u64)>>,
    /// Whether it has yet to find out what waits for it.
    searching: Cell<bool>,
    this: Weak<Driver>,
}

impl LiveBoard {
    /// Connects, and tells `sink` until it is dropped.
    pub(crate) fn new(snapshot: Snapshot, me: UserId, sink: Arc<dyn Sink>) -> Self {
        background::show(me, snapshot.project.id);
        Self(SendWrapper::new(Driver::begin(snapshot, me, sink)))
    }
}

impl Driver {
    fn begin(snapshot: Snapshot, me: UserId, sink: Arc<dyn Sink>) -> Rc<Self> {
        let driver = Rc::new_cyclic(|this: &Weak<Driver>| Driver {
            project: snapshot.project.id,
            me,
            page_cached: Cell::new(false),
            connection: TabConnection::new(&format!("{me}:{}", snapshot.project.id), {
                let owner: Weak<dyn Owner> = this.clone();
                owner
            }),
            sink: RefCell::new(sink),
            inbox: RefCell::default(),
            busy: Cell::new(false),
            urgent: Cell::new(false),
            reported: Cell::new(None),
            next_frame: NextFrame::new({
                let this = this.clone();
                move || {
                    if let Some(driver) = this.upgrade() {
                        driver.urgent.set(true);
                        driver.run();
                    }
                }
            }),
            store: OfflineStore::new(me, snapshot.project.id, {
                let this = this.clone();
                move |notice| {
                    let Some(driver) = this.upgrade() else { return false };
                    match notice {
                        OfflineStoreNotice::Found(queue) => driver.restore(queue),
                        OfflineStoreNotice::NotStored => driver.page().not_stored(),
                    }
                    true
                }
            }),
            stored: Cell::new(None),
            searching: Cell::new(false),
            session: RefCell::new(Session::new(snapshot, me, clock::now())),
            this: this.clone(),
        });
        background::begun(&driver.this);
        driver.connection.begin();
        if blocked::were() {
            driver.session.borrow_mut().expect_blocked();
        }
        driver.handle(SessionInput::Seen(!page_lifecycle::is_hidden()));
        if !page_lifecycle::is_online() {
            driver.handle(SessionInput::Network(false));
        }
        driver.handle(SessionInput::Tick);
        driver.find_board();
        driver
    }
}

impl Live for LiveBoard {
    fn submit(&self, op: Op) -> OpId {
        self.0.submit(op)
    }

    fn retry(&self) {
        page_lifecycle::retry();
    }

    fn presence(&self, task_id: Option<TaskId>, mode: PresenceMode) {
        self.0.handle(SessionInput::Presence { task_id, mode });
    }

    fn thread(&self, input: ThreadInput) {
        self.0.handle(SessionInput::Thread(input));
    }

    fn again(&self, op_id: OpId) {
        self.0.set_clock();
        self.0.handle(SessionInput::Again { op_id, fresh: random::op_id() });
    }

    fn discard(&self, op_id: OpId) {
        self.0.handle(SessionInput::Discard { op_id });
    }

    fn discard_unreadable(&self) {
        self.0.handle(SessionInput::DiscardUnreadable);
    }
}

impl Driver {
    fn submit(&self, op: Op) -> OpId {
        let op_id = random::op_id();
        self.set_clock();
        self.handle(SessionInput::Submit { op_id, op });
        op_id
    }

    /// What the user does is dated by the server's clock.
    fn set_clock(&self) {
        self.inbox.borrow_mut().push_back(SessionInput::Clock { ahead: clock::ahead() });
    }

    fn handle(&self, input: SessionInput) {
        // The own gesture shows in the same frame of the screen. What others do waits for the next one, in which it
        // is drawn together, unless there are none because the page is hidden.
        let own = matches!(
            input,
            SessionInput::Submit { .. }
                | SessionInput::Again { .. }
                | SessionInput::Discard { .. }
                | SessionInput::DiscardUnreadable
                | SessionInput::Retry
        );
        if own || page_lifecycle::is_hidden() {
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
                self.update_page();
            } else {
                break;
            }
        }
        self.busy.set(false);
        self.next_frame.ask();
        self.persist();
        let wake_at = self.session.borrow().wake_at();
        self.connection.wake_at(wake_at);
        if !self.is_at_work() {
            background::leave(self);
        }
    }

    /// Whether there is something to send, or may be, that could be sent one day.
    fn is_at_work(&self) -> bool {
        let session = self.session.borrow();
        !session.link().is_final() && (self.searching.get() || session.has_unanswered())
    }

    fn carry_out(&self, effect: SessionEffect) {
        match effect {
            // The address is that of the session at the moment at which the socket opens.
            SessionEffect::Connect(_) => self.connection.connect(),
            SessionEffect::Close => self.connection.close(),
            SessionEffect::Send(frame) => self.connection.send(frame),
            SessionEffect::Submit { op_id, request } => {
                self.ask(
                    async move { SessionInput::Answered { op_id, result: http::send(&request, Some(op_id)).await } },
                );
            }
            SessionEffect::FetchEvents(from) => {
                let path = format!("/api/projects/{}/events?{from}", self.project);
                self.ask(async { SessionInput::Events(http::send(&Request::new(Method::Get, path), None).await) });
            }
            SessionEffect::FetchSnapshot => {
                let path = format!("/api/projects/{}/board", self.project);
                self.ask(async { SessionInput::Snapshot(http::send(&Request::new(Method::Get, path), None).await) });
            }
            SessionEffect::FetchThread { task, before } => {
                let before_id = before.map_or_else(String::new, |id| format!("?before={id}"));
                let path = format!("/api/tasks/{task}/comments{before_id}");
                self.ask(async move {
                    let result = http::send(&Request::new(Method::Get, path), None).await;
                    SessionInput::Thread(ThreadInput::Page { task, before, result })
                });
            }
            SessionEffect::FetchAround { task, comment } => {
                let path = format!("/api/tasks/{task}/comments?around={comment}");
                self.ask(async move {
                    let result = http::send(&Request::new(Method::Get, path), None).await;
                    SessionInput::Thread(ThreadInput::Around { task, comment, result })
                });
            }
            SessionEffect::Refused { op, error } => {
                // The card goes back first, then the toast says why.
                self.update_page();
                self.page().refused(&op, &error);
            }
        }
    }

    fn ask(&self, answer: impl Future<Output = SessionInput> + 'static) {
        let this = self.this.clone();
        spawn_local(async move {
            let answer = answer.await;
            if let Some(driver) = this.upgrade() {
                driver.handle(answer);
            }
        });
    }

    fn page(&self) -> Arc<dyn Sink> {
        Arc::clone(&self.sink.borrow())
    }

    /// Tells the page what is new.
    fn update_page(&self) {
        let page = self.page();
        let (changes, people, rejected) = {
            let mut session = self.session.borrow_mut();
            let people = session.take_people().map(<[_]>::to_vec);
            (
                session.take_changes(),
                people,
                session.take_rejected().map(|(rejected, unreadable)| (rejected.to_vec(), unreadable)),
            )
        };
        let session = self.session.borrow();
        if !changes.is_empty() {
            page.changed(session.view(), &changes, &|task| session.progress(task));
        }
        if changes.thread {
            page.thread(session.thread());
        }
        let link = (session.link(), session.unconfirmed(), session.is_saving());
        let before = self.reported.replace(Some(link));
        let is_new = before.is_none_or(|before| before.0 != link.0);
        if link.0.is_current() && is_new {
            blocked::are(link.0 == Link::Polling);
            user::is_other(false);
            ended_access::allow(self.me, self.project);
            if !self.page_cached.replace(true) {
                worker::keep(self.project, self.me);
            }
        }
        if link.0 == Link::SignedOut && is_new {
            session_doubt::raise(SessionDoubt::SignedOut);
        }
        if link.0 == Link::NoAccess && is_new {
            let (me, project) = (self.me, self.project);
            spawn_local(async move { copies::drop_project(me, project).await });
        }
        if link.0 == Link::OtherUser && is_new {
            user::is_other(true);
        }
        if link.0 == Link::Outdated {
            let this = self.this.clone();
            build::renew(move || this.upgrade().is_none_or(|driver| driver.session.borrow().unconfirmed() == 0));
        }
        if link.0.is_final() {
            self.connection.end();
        }
        if before != Some(link) {
            let as_of = session.as_of().and_then(|at| i64::try_from(at).ok());
            page.link(link.0, link.1, link.2, as_of.map(|at| Timestamp::from_millis(at).plus(clock::ahead())));
        }
        if let Some((rejected, unreadable)) = rejected {
            page.unmade(&rejected, unreadable);
        }
        if let Some(people) = people {
            page.presence(&people);
        }
    }
}

impl Drop for LiveBoard {
    /// The page goes on to another one. What the user did here is sent all the same, now or when there is a
    /// connection again.
    fn drop(&mut self) {
        background::hide(&self.0);
        self.0.run();
    }
}
