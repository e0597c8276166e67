//! The bell's driver: carries out its effects, and updates the page.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    sync::Arc,
};

use app::backend::{BellSink, LiveBell};
use engine::{
    NotificationId, TaskId, UserId,
    session::{Bell, BellEffect, BellInput, Link},
    wire::ServerFrame,
};
use gloo_timers::callback::Timeout;
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::spawn_local;

use crate::{
    alerts::DesktopNotifier,
    blocked,
    board::{self, send_waiting},
    build, clock, http, page_lifecycle, random,
    session_doubt::{self, SessionDoubt},
    tab_connection::{Owner, Signal, TabConnection},
    user,
};

/// Minimum time between two updates of the page, in milliseconds: each copies the list.
const PACE_MS: u64 = 100;

/// The handle that the page holds.
pub(crate) struct BellHandle(SendWrapper<Rc<Driver>>);

struct Driver {
    me: UserId,
    bell: RefCell<Bell>,
    connection: Rc<TabConnection>,
    sink: Arc<dyn BellSink>,
    notifier: Rc<DesktopNotifier>,
    /// The connection state that the page shows.
    shown_link: Cell<Option<Link>>,
    /// The revision of the bell that the page shows.
    shown: Cell<Option<u64>>,
    shown_at: Cell<u64>,
    /// The timer for a postponed update.
    later: RefCell<Option<Timeout>>,
    this: Weak<Driver>,
}

impl BellHandle {
    /// Connects the bell of `me`, and updates `sink` until it is dropped.
    pub(crate) fn new(me: UserId, sink: Arc<dyn BellSink>) -> Self {
        let driver = Rc::new_cyclic(|this: &Weak<Driver>| {
            let owner: Weak<dyn Owner> = this.clone();
            Driver {
                me,
                bell: RefCell::new(Bell::new(clock::now())),
                connection: TabConnection::new(&format!("{me}:bell"), owner),
                sink,
                notifier: {
                    let this = this.clone();
                    DesktopNotifier::new(me, move |task| {
                        this.upgrade().iter().for_each(|driver: &Rc<Driver>| driver.handle(BellInput::Looks(task)));
                    })
                },
                shown_link: Cell::new(None),
                shown: Cell::new(None),
                shown_at: Cell::new(0),
                later: RefCell::new(None),
                this: this.clone(),
            }
        });
        driver.connection.begin();
        if blocked::remembered() {
            driver.bell.borrow_mut().expect_blocked();
        }
        driver.handle(BellInput::Visible(!page_lifecycle::is_hidden()));
        if !page_lifecycle::is_online() {
            driver.handle(BellInput::Network(false));
        }
        driver.handle(BellInput::Tick);
        Self(SendWrapper::new(driver))
    }
}

impl LiveBell for BellHandle {
    fn retry(&self) {
        page_lifecycle::retry();
    }

    fn more(&self, unread: bool, below: Option<NotificationId>) {
        self.0.handle(BellInput::More { unread, below });
    }

    fn read(&self, id: NotificationId) {
        self.0.handle(BellInput::Read(id));
    }

    fn read_all(&self) {
        self.0.handle(BellInput::ReadAll);
    }

    fn set_open_task(&self, task: Option<TaskId>) {
        self.0.notifier.set_task(task);
    }

    fn oversee(&self, on: bool) {
        self.0.handle(BellInput::Oversee(on));
    }
}

impl Owner for Driver {
    fn on_signal(&self, signal: Signal) {
        self.handle(match signal {
            Signal::Tick => BellInput::Tick,
            Signal::Woken => BellInput::Woken,
            Signal::Network(online) => BellInput::Network(online),
            Signal::UserActive => BellInput::UserActive,
            Signal::Retry => BellInput::Retry,
            Signal::OtherUser => BellInput::OtherUser,
            Signal::Visible(visible) => BellInput::Visible(visible),
            Signal::Frame(text) => BellInput::Frame(ServerFrame::parse(&text).ok()),
            Signal::Closed(code) => BellInput::Closed { code },
            Signal::Tab(tab) => return board::watch(self.me, tab),
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
    fn handle(&self, input: BellInput) {
        let effects = self.bell.borrow_mut().handle(input, clock::now(), random::number());
        effects.into_iter().for_each(|effect| self.carry_out(effect));
        let wake_at = self.bell.borrow().wake_at();
        self.connection.wake_at(wake_at);
        self.update_page();
    }

    fn carry_out(&self, effect: BellEffect) {
        match effect {
            BellEffect::Connect => self.connection.connect(),
            BellEffect::Close => self.connection.close(),
            BellEffect::Send(frame) => self.connection.send(frame),
            BellEffect::FetchPage { unread, before } => {
                let sink = Arc::clone(&self.sink);
                self.ask(async move {
                    let result = http::send(&BellEffect::page(unread, before), None).await;
                    if let Err(error) = &result {
                        sink.failed(error);
                    }
                    BellInput::Page { unread, before, result }
                });
            }
            BellEffect::Poll => self.ask(async {
                let result = http::send(&BellEffect::page(false, None), None).await;
                BellInput::Page { unread: false, before: None, result }
            }),
            BellEffect::Mark(mark) => {
                self.ask(
                    async move { BellInput::Marked(http::send_any(&mark.request(), random::op_id()).await.map(drop)) },
                )
            }
            BellEffect::Refused(error) => {
                // First it shows as unread again, then a toast says why.
                self.show();
                self.sink.refused(&error);
            }
        }
    }

    fn ask(&self, answer: impl Future<Output = BellInput> + 'static) {
        let this = self.this.clone();
        spawn_local(async move {
            let answer = answer.await;
            if let Some(driver) = this.upgrade() {
                driver.handle(answer);
            }
        });
    }

    /// Passes changes to the page, and new notifications to the desktop notifier.
    fn update_page(&self) {
        let link = self.bell.borrow().link();
        if self.shown_link.replace(Some(link)) != Some(link) {
            self.sink.link(link);
            if link == Link::Outdated {
                build::renew(|| true);
            }
            if link.is_current() {
                blocked::remember(link == Link::Polling);
                user::set_other(false);
                send_waiting(self.me);
            }
            if link == Link::SignedOut {
                session_doubt::raise(SessionDoubt::SignedOut);
            }
            if link == Link::OtherUser {
                user::set_other(true);
            }
            if link.is_final() {
                self.connection.end();
            }
        }
        self.show_soon();
        let changed = self.bell.borrow_mut().take_oversight_changed();
        if changed {
            self.sink.oversight_changed();
        }
        let fresh = self.bell.borrow_mut().take_fresh();
        if !fresh.is_empty() {
            self.sink.fresh(&fresh);
        }
        for notification in fresh {
            let sink = Arc::clone(&self.sink);
            self.notifier.notify(notification, move |chosen| sink.chosen(chosen));
        }
    }

    /// Shows a change at once, or together with those that follow closely. Not with the next frame: a hidden page has
    /// none, and its title shows the count.
    fn show_soon(&self) {
        if self.later.borrow().is_some() {
            return;
        }
        let wait = (self.shown_at.get() + PACE_MS).saturating_sub(clock::now());
        if wait == 0 {
            self.show();
        } else if self.shown.get() != Some(self.bell.borrow().revision()) {
            let this = self.this.clone();
            let timer = Timeout::new(wait as u32, move || {
                if let Some(driver) = this.upgrade() {
                    driver.show();
                }
            });
            self.later.replace(Some(timer));
        }
    }

    fn show(&self) {
        drop(self.later.take());
        let revision = self.bell.borrow().revision();
        if self.shown.replace(Some(revision)) != Some(revision) {
            self.shown_at.set(clock::now());
            self.sink.changed(&self.bell.borrow());
        }
    }
}
