//! The bell's connection and its signals. They belong to the whole app: the connection lasts from page to page.

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

/// One of the bell's two lists: all notifications, or the unread ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// Newest first. A notification that was read shows it, even before the server knows.
    pub(super) notifications: Vec<Notification>,
    /// The oldest notification that is loaded.
    floor: Option<NotificationId>,
    /// Whether the server has older ones.
    pub(super) more: bool,
    /// Whether older ones are being fetched.
    pub(super) fetching: bool,
}

/// The bell of the signed-in user.
#[derive(Clone, Copy)]
pub struct BellState {
    /// All notifications, and the unread ones.
    lists: [RwSignal<Shown>; 2],
    /// Whether the first notifications were loaded.
    pub(super) loaded: RwSignal<bool>,
    pub(super) link: RwSignal<Link>,
    /// Whether the list shows only unread ones.
    pub(super) unread_only: RwSignal<bool>,
    /// Why older ones could not be fetched.
    pub(super) failed: RwSignal<Option<ApiError>>,
    /// The clock, by the minute. Meaningless before the first load.
    pub(super) now: RwSignal<Timestamp>,
    /// Whether this browser shows desktop notifications.
    pub(super) alerts: RwSignal<Alerts>,
    pub(super) backend: StoredValue<Option<Arc<dyn Backend>>>,
    pub(super) announcer: Announcer,
    unread: RwSignal<u64>,
    /// Increases whenever the oversight figures may have changed.
    oversight_revision: RwSignal<u64>,
    /// Whether this page shows oversight figures.
    watches_oversight: StoredValue<bool>,
    live: StoredValue<Option<Arc<dyn LiveBell>>>,
}

impl BellState {
    /// Provides a bell that is not connected yet in the context.
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

    /// Tracks the number of unread notifications; 0 once the app is gone.
    pub fn unread(self) -> u64 {
        self.unread.try_get().unwrap_or_default()
    }

    /// Tracks the list that is shown.
    pub(super) fn shown(self) -> RwSignal<Shown> {
        self.lists[usize::from(self.unread_only.get())]
    }

    /// Connects, unless already connected. In the browser, within a page.
    pub(super) fn connect(self, me: UserId) {
        if self.live.with_value(Option::is_some) {
            return;
        }
        let backend = backend();
        let navigate = use_navigate();
        // Not a `Callback`: that would be disposed with the page that connected.
        let go = Arc::new(move |path: String| {
            navigate(&path, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        });
        self.backend.set_value(Some(backend.clone()));
        let sink = BellEvents { state: self, toasts: use_toasts(), go };
        self.live.set_value(Some(Arc::from(backend.listen(me, Arc::new(sink)))));
        // The page may have called `oversee` before.
        if self.watches_oversight.get_value() {
            self.oversee(true);
        }
        self.alerts.set(backend.alerts());
        zone::set_from_browser(backend, me);
        self.tick();
        // Runs as long as the app, which lasts as long as the document.
        let _ = set_interval_with_handle(move || self.tick(), Duration::from_secs(60));
    }

    /// Sets whether this page shows oversight figures.
    pub(crate) fn oversee(self, on: bool) {
        self.watches_oversight.set_value(on);
        self.with_live(|live| live.oversee(on));
    }

    /// Tracks a counter that increases whenever the oversight figures may have changed.
    pub(crate) fn oversight_revision(self) -> u64 {
        self.oversight_revision.try_get().unwrap_or_default()
    }

    /// Updates the clock, and whether the browser shows notifications: its settings or another tab may have changed
    /// that.
    pub(crate) fn tick(self) {
        if let Some(backend) = self.backend.get_value() {
            self.now.set(backend.now());
            let alerts = backend.alerts();
            self.alerts.maybe_update(|shown| std::mem::replace(shown, alerts) != alerts);
        }
    }

    /// Sets the task that this page shows: its notifications need no desktop notification.
    pub(super) fn set_open_task(self, task: Option<TaskId>) {
        self.with_live(|live| live.set_open_task(task));
    }

    /// Connects now, and fetches again what failed.
    pub(super) fn retry(self) {
        self.failed.set(None);
        self.with_live(|live| live.retry());
        self.load();
    }

    /// Fetches older ones, if there are any. After a failure, only [`BellState::retry`] does.
    pub(super) fn load(self) {
        let unread = self.unread_only.get_untracked();
        let wanted = self.lists[usize::from(unread)]
            .with_untracked(|shown| (shown.more && !shown.fetching).then_some(shown.floor));
        if let Some(below) = wanted.filter(|_| self.failed.with_untracked(Option::is_none)) {
            self.with_live(|live| live.more(unread, below));
        }
    }

    /// Marks one as read.
    pub(super) fn read(self, id: NotificationId) {
        self.with_live(|live| live.read(id));
    }

    /// Marks all that are listed now as read.
    pub(super) fn read_all(self) {
        self.with_live(|live| live.read_all());
    }

    // The handle is cloned out of its lock, because it may call back into this state.
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
        // An open board shows its own notice.
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
            let seen = |notification: &Notification| {
                let read_at =
                    notification.read_at.or_else(|| bell.is_read(notification).then(|| state.now.get_untracked()));
                Notification { read_at, ..notification.clone() }
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
