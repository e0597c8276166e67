//! A board's driver: carries out its session's effects, and updates the page.

mod background;
mod persistence;
mod signals;

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

/// Connection state as the page last got it: link, number of unconfirmed ops, whether one is slow.
type ConnectionReport = (Link, usize, bool);

struct Driver {
    project: ProjectId,
    me: UserId,
    session: RefCell<Session>,
    connection: Rc<TabConnection>,
    /// The page, while there is one.
    sink: RefCell<Arc<dyn Sink>>,
    inbox: RefCell<VecDeque<SessionInput>>,
    /// Whether a caller further up the stack is draining the inbox.
    busy: Cell<bool>,
    /// Whether to update the page without waiting for the next frame.
    urgent: Cell<bool>,
    reported: Cell<Option<ConnectionReport>>,
    next_frame: NextFrame,
    store: Rc<OfflineStore>,
    /// Whether the service worker was asked to cache this board's page.
    page_cached: Cell<bool>,
    /// The stored snapshot's position, and when it was stored.
    stored: Cell<Option<(LogPosition, u64)>>,
    /// Whether it is still looking for stored ops that wait to be sent.
    searching: Cell<bool>,
    this: Weak<Driver>,
}

impl LiveBoard {
    /// Connects, and updates `sink` until it is dropped.
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
        if blocked::remembered() {
            driver.session.borrow_mut().expect_blocked();
        }
        driver.handle(SessionInput::Visible(!page_lifecycle::is_hidden()));
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

    fn resubmit(&self, op_id: OpId) {
        self.0.set_clock();
        self.0.handle(SessionInput::Resubmit { op_id, fresh: random::op_id() });
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

    /// Ops are dated by the server's clock.
    fn set_clock(&self) {
        self.inbox.borrow_mut().push_back(SessionInput::Clock { ahead: clock::ahead() });
    }

    fn handle(&self, input: SessionInput) {
        // The user's own gesture shows in the same frame. Other changes wait for the next frame, in which they are
        // drawn together; a hidden page has no frames.
        let own = matches!(
            input,
            SessionInput::Submit { .. }
                | SessionInput::Resubmit { .. }
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

    /// Drains the inbox. The page may submit inputs while it is being updated; they go into the inbox, too.
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

    /// Whether there are, or may be, ops that can still be sent.
    fn is_at_work(&self) -> bool {
        let session = self.session.borrow();
        !session.link().is_final() && (self.searching.get() || session.has_unanswered())
    }

    fn carry_out(&self, effect: SessionEffect) {
        match effect {
            // The address is computed when the socket opens.
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
                // First the card moves back, then a toast says why.
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

    /// Passes the session's changes to the page.
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
            blocked::remember(link.0 == Link::Polling);
            user::set_other(false);
            ended_access::allow(self.me, self.project);
            if !self.page_cached.replace(true) {
                worker::cache_page(self.project, self.me);
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
            user::set_other(true);
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
            page.rejected(&rejected, unreadable);
        }
        if let Some(people) = people {
            page.presence(&people);
        }
    }
}

impl Drop for LiveBoard {
    /// The page shows another board now. The user's ops are still sent, now or once there is a connection.
    fn drop(&mut self) {
        background::hide(&self.0);
        self.0.run();
    }
}
