//! The bell's connection, and what it brought. Of the whole app: it stays connected from page to page.

use std::{sync::Arc, time::Duration};

use engine::{
    ApiError, Notification, NotificationId, TaskId, Timestamp, UserId,
    session::{Bell, Link},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{announce::Announcer, zone};
use crate::{
    backend::{Alerts, Backend, BellSink, LiveBell},
    message::sentence,
    session::backend,
    ui::toast::{Toast, Toasts, use_toasts},
};

/// One of the bell's two lists: all, or what is unread.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// Newest first. What was read shows it, also where the server does not know yet.
    pub(super) notifications: Vec<Notification>,
    /// Where the list ends: older ones are not loaded.
    floor: Option<NotificationId>,
    /// Whether there are older ones.
    pub(super) more: bool,
    /// Whether they are under way.
    pub(super) fetching: bool,
}

/// The bell of whoever is signed in.
#[derive(Clone, Copy)]
pub struct BellState {
    /// All, and what is unread.
    lists: [RwSignal<Shown>; 2],
    /// Whether anything was brought yet.
    pub(super) loaded: RwSignal<bool>,
    pub(super) link: RwSignal<Link>,
    /// Whether the list shows unread ones only.
    pub(super) unread_only: RwSignal<bool>,
    /// Why older ones could not be had.
    pub(super) failed: RwSignal<Option<ApiError>>,
    /// The clock, by the minute. Of no meaning before anything was brought.
    pub(super) now: RwSignal<Timestamp>,
    /// Whether this browser shows notifications outside of the page.
    pub(super) alerts: RwSignal<Alerts>,
    pub(super) backend: StoredValue<Option<Arc<dyn Backend>>>,
    pub(super) announcer: Announcer,
    unread: RwSignal<u64>,
    /// Counts how often the figures of oversight may have changed.
    oversight_revision: RwSignal<u64>,
    /// Whether this page shows them.
    watches_oversight: StoredValue<bool>,
    live: StoredValue<Option<Arc<dyn LiveBell>>>,
}

impl BellState {
    /// Puts a bell that is not connected yet into the context.
    pub(crate) fn provide() -> Self {
        let state = Self {
            lists: [RwSignal::new(Shown::default()), RwSignal::new(Shown::default())],
            loaded: RwSignal::new(false),
            link: RwSignal::new(Link::Connecting),
            unread_only: RwSignal::new(false),
            failed: RwSignal::new(None),
            now: RwSignal::new(Timestamp::from_millis(0)),
            alerts: RwSignal::new(Alerts::default()),
            backend: StoredValue::new(None),
            announcer: Announcer::new(),
            unread: RwSignal::new(0),
            oversight_revision: RwSignal::new(0),
            watches_oversight: StoredValue::new(false),
            live: StoredValue::new(None),
        };
        provide_context(state);
        state
    }

    /// Tracks how many are unread; none once the app is gone.
    pub fn unread(self) -> u64 {
        self.unread.try_get().unwrap_or_default()
    }

    /// Tracks which list is shown.
    pub(super) fn shown(self) -> RwSignal<Shown> {
        self.lists[usize::from(self.unread_only.get())]
    }

    /// Connects, unless it is connected. For the browser, in a page.
    pub(super) fn connect(self, me: UserId) {
        if self.live.with_value(Option::is_some) {
            return;
        }
        let world = backend();
        let navigate = use_navigate();
        // No `Callback`: it would be gone with the page that connected.
        let go = Arc::new(move |path: String| {
            navigate(&path, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        });
        self.backend.set_value(Some(world.clone()));
        let sink = BellEvents { state: self, toasts: use_toasts(), go };
        self.live.set_value(Some(Arc::from(world.listen(me, Arc::new(sink)))));
        // The page below may have said so before.
        if self.watches_oversight.get_value() {
            self.oversee(true);
        }
        self.alerts.set(world.alerts());
        zone::set_from_browser(world, me);
        self.tick();
        // As long as the app, which ends with the page.
        let _ = set_interval_with_handle(move || self.tick(), Duration::from_secs(60));
    }

    /// This page shows figures of oversight, or no longer.
    pub(crate) fn oversee(self, on: bool) {
        self.watches_oversight.set_value(on);
        self.with_live(|live| live.oversee(on));
    }

    /// Tracks how often those may have changed.
    pub(crate) fn oversight_revision(self) -> u64 {
        self.oversight_revision.try_get().unwrap_or_default()
    }

    /// Moves the clock, and looks again whether the browser shows notifications: its settings or another tab may say so.
    pub(crate) fn tick(self) {
        if let Some(backend) = self.backend.get_value() {
            self.now.set(backend.now());
            let alerts = backend.alerts();
            self.alerts.maybe_update(|shown| std::mem::replace(shown, alerts) != alerts);
        }
    }

    /// Tells which task this page shows: its notifications need not be shown outside of it.
    pub(super) fn shows(self, task: Option<TaskId>) {
        self.with_live(|live| live.shows(task));
    }

    /// Connects now, and asks again for what could not be had.
    pub(super) fn retry(self) {
        self.failed.set(None);
        self.with_live(|live| live.retry());
        self.load();
    }

    /// Asks for older ones, where there are any. What could not be had is asked for by [`BellState::retry`] only.
    pub(super) fn load(self) {
        let unread = self.unread_only.get_untracked();
        let wanted = self.lists[usize::from(unread)]
            .with_untracked(|shown| (shown.more && !shown.fetching).then_some(shown.floor));
        if let Some(below) = wanted.filter(|_| self.failed.with_untracked(Option::is_none)) {
            self.with_live(|live| live.more(unread, below));
        }
    }

    /// One was read.
    pub(super) fn read(self, id: NotificationId) {
        self.with_live(|live| live.read(id));
    }

    /// All were read that are there now.
    pub(super) fn read_all(self) {
        self.with_live(|live| live.read_all());
    }

    // The handle is cloned out of its lock: what it does may come back to this state.
    fn with_live(self, act: impl FnOnce(&dyn LiveBell)) {
        if let Some(live) = self.live.try_get_value().flatten() {
            act(&*live);
        }
    }
}

struct BellEvents {
    state: BellState,
    toasts: Toasts,
    go: Arc<dyn Fn(String) + Send + Sync>,
}

impl BellSink for BellEvents {
    fn link(&self, link: Link) {
        self.state.link.set(link);
        // A board says it itself, and for as long as it is so.
        let on_board = || document().query_selector("[data-board]").is_ok_and(|board| board.is_some());
        if link == Link::Outdated && !on_board() {
            let reload = || {
                let _ = window().location().reload();
            };
            self.toasts.show(Toast::done("Update available.").with("Reload", reload));
        }
    }

    fn changed(&self, bell: &Bell) {
        let state = self.state;
        state.tick();
        for (list, unread) in state.lists.into_iter().zip([false, true]) {
            let seen = |told: &Notification| {
                let read_at = told.read_at.or_else(|| bell.is_read(told).then(|| state.now.get_untracked()));
                Notification { read_at, ..told.clone() }
            };
            list.set(Shown {
                notifications: bell.notifications(unread).map(seen).collect(),
                floor: bell.floor(unread),
                more: bell.more(unread),
                fetching: bell.fetching(unread),
            });
        }
        state.loaded.set(bell.loaded());
        state.unread.maybe_update(|shown| {
            let changed = *shown != bell.unread();
            *shown = bell.unread();
            changed
        });
    }

    fn oversight_changed(&self) {
        self.state.oversight_revision.maybe_update(|times| {
            *times += 1;
            true
        });
    }

    fn fresh(&self, notifications: &[Notification]) {
        self.state.announcer.add(notifications);
    }

    fn failed(&self, error: &ApiError) {
        self.state.failed.set(Some(error.clone()));
    }

    fn refused(&self, error: &ApiError) {
        self.toasts.show(Toast::problem(format!("Couldn't mark as read. {}", sentence(error))));
    }

    fn chosen(&self, notification: &Notification) {
        self.state.read(notification.id);
        (self.go)(notification.address());
    }
}
