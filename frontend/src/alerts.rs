//! Notifications of the browser, outside of the page: each one once over all tabs, and none about a task that is
//! being looked at.
//!
//! Every tab hears of each notification. They take turns by a lock; the first one shows it, and leaves a note for
//! the others: a lock of the notification's own at once, and one in the store, which reaches the other tabs later.
//! The tab in front holds a lock that names the task which it shows.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use app::backend::Alerts;
use engine::{Notification, NotificationId, TaskId, UserId};
use gloo_timers::callback::Timeout;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{NotificationOptions, NotificationPermission};

use crate::{
    local,
    lock::{self, Held, LockRequest},
    worker,
};

/// The lock by which tabs take turns.
const LOCK: &str = "lockstep:alerts";
/// Where it is stored that a user wants none in this browser, after they wanted them.
const OFF: &str = "alerts-off";
/// So many of the last ones are remembered as shown.
const REMEMBERED: usize = 50;
/// After so long every tab reads what one has written into the store, in milliseconds.
const STORED_MS: u32 = 10_000;
/// The tab came to the front, or went from it.
const OF_WINDOW: [&str; 3] = ["focus", "blur", "visibilitychange"];

/// Whether this browser shows them.
pub(crate) fn state() -> Alerts {
    // Asked by name: where there are none at all, naming the type would be an error.
    if !Reflect::has(&js_sys::global(), &"Notification".into()).unwrap_or_default() {
        return Alerts::Unavailable;
    }
    match web_sys::Notification::permission() {
        NotificationPermission::Granted if is_off() => Alerts::Off,
        NotificationPermission::Granted => Alerts::On,
        NotificationPermission::Denied => Alerts::Blocked,
        _ => Alerts::Off,
    }
}

/// Turns them on, for which the browser asks where it has not, or off.
pub(crate) async fn set(on: bool) -> Alerts {
    local::set(OFF, (!on).then_some("1"));
    if on
        && state() == Alerts::Off
        && let Ok(asked) = web_sys::Notification::request_permission()
    {
        // The answer is in the permission.
        let _ = JsFuture::from(asked).await;
    }
    state()
}

/// Where a lock lies once it is granted.
type LockSlot = Rc<RefCell<Option<Held>>>;

/// What one user's bell shows outside of the page.
pub(crate) struct DesktopNotifier {
    me: UserId,
    /// The task that this tab shows.
    task: Cell<Option<TaskId>>,
    /// Held, or asked for, while this tab is in front and shows that task.
    front: RefCell<Option<(TaskId, LockSlot)>>,
    /// Told when the user begins to look at a task here, or no longer does.
    on_look: Box<dyn Fn(Option<TaskId>)>,
    listener: Closure<dyn Fn()>,
}

impl DesktopNotifier {
    /// `on_look` is told which task its user looks at, when that changes.
    pub(crate) fn new(me: UserId, on_look: impl Fn(Option<TaskId>) + 'static) -> Rc<Self> {
        let notifier = Rc::new_cyclic(|this: &Weak<Self>| {
            let this = Weak::clone(this);
            let listener =
                Closure::<dyn Fn()>::new(move || this.upgrade().iter().for_each(|notifier| notifier.update_front()));
            Self { me, task: Cell::default(), front: RefCell::default(), on_look: Box::new(on_look), listener }
        });
        if let Some(window) = web_sys::window() {
            for kind in OF_WINDOW {
                let _ = window.add_event_listener_with_callback(kind, notifier.listener.as_ref().unchecked_ref());
            }
        }
        notifier
    }

    /// This tab shows this task now.
    pub(crate) fn set_task(&self, task: Option<TaskId>) {
        self.task.set(task);
        self.update_front();
    }

    /// Shows a notification, unless it need not be. `chosen` is called when its user clicks it.
    pub(crate) fn notify(&self, notification: Notification, chosen: impl FnOnce(&Notification) + 'static) {
        let here = in_front() && notification.task_id.is_some() && self.task.get() == notification.task_id;
        if !notification.alert || here || state() != Alerts::On {
            return;
        }
        let me = self.me;
        let show_once = move |lock: Option<Held>| {
            spawn_local(async move {
                let (taken, own) = (lock::names().await, shown(me, notification.id));
                let looked_at = notification.task_id.is_some_and(|task| taken.contains(&front(me, task)));
                if looked_at || taken.contains(&own) || !is_first(me, notification.id) {
                    return;
                }
                show(notification, chosen);
                if let Some(lock) = lock {
                    remember(&own, lock);
                }
            });
        };
        if lock::exist() {
            lock::ask(LOCK, LockRequest::Wait, |held| show_once(Some(held)), || ());
        } else {
            show_once(None);
        }
    }

    /// Takes the lock of the tab in front, or gives it back.
    fn update_front(&self) {
        let wanted = self.task.get().filter(|_| in_front());
        if self.front.borrow().as_ref().map(|(task, _)| *task) == wanted {
            return;
        }
        (self.on_look)(wanted);
        self.front.replace(wanted.map(|task| {
            let slot = LockSlot::default();
            let granted = Rc::downgrade(&slot);
            // Given back at once where it is not wanted any more.
            let take = move |held| drop(granted.upgrade().map(|slot| slot.replace(Some(held))));
            lock::ask(&front(self.me, task), LockRequest::Wait, take, || ());
            (task, slot)
        }));
    }
}

impl Drop for DesktopNotifier {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            for kind in OF_WINDOW {
                let _ = window.remove_event_listener_with_callback(kind, self.listener.as_ref().unchecked_ref());
            }
        }
    }
}

fn show(notification: Notification, chosen: impl FnOnce(&Notification) + 'static) {
    let options = NotificationOptions::new();
    options.set_body(&notification.message);
    options.set_icon("/favicon.svg");
    // The browser shows one for each tag, too.
    options.set_tag(&notification.id.to_string());
    let Ok(shown) = web_sys::Notification::new_with_options(&notification.title, &options) else {
        // Android knows those of service workers only.
        options.set_data(&notification.address().into());
        return worker::show(&notification.title, options);
    };
    let clicked = shown.clone();
    let click = Closure::once_into_js(move || {
        if let Some(window) = web_sys::window() {
            let _ = window.focus();
        }
        clicked.close();
        chosen(&notification);
    });
    shown.set_onclick(Some(click.unchecked_ref()));
}

/// The name of the lock of the tab in front that shows a task.
fn front(me: UserId, task: TaskId) -> String {
    format!("lockstep:front:{me}:{task}")
}

/// The name of the lock that says of a notification that a tab has shown it.
fn shown(me: UserId, id: NotificationId) -> String {
    format!("lockstep:shown:{me}:{id}")
}

/// Takes that lock, ends the turn, and holds it until what was written into the store is there for every tab: tabs
/// with a process of their own read a copy, and no standard says how old.
fn remember(own: &str, lock: Held) {
    let granted = move |held: Held| {
        drop(lock);
        Timeout::new(STORED_MS, move || drop(held)).forget();
    };
    lock::ask(own, LockRequest::Wait, granted, || ());
}

fn in_front() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.has_focus().unwrap_or_default() && !document.hidden())
}

/// Whether no tab has shown it yet. From here on this one has. Without storage the tag is all there is.
fn is_first(me: UserId, id: NotificationId) -> bool {
    let (key, id) = (format!("alerted:{me}"), id.to_string());
    let shown = local::get(&key).unwrap_or_default();
    if shown.split(' ').any(|other| other == id) {
        return false;
    }
    let kept: Vec<&str> = [id.as_str()].into_iter().chain(shown.split(' ')).take(REMEMBERED).collect();
    local::set(&key, Some(&kept.join(" ")));
    true
}

fn is_off() -> bool {
    local::get(OFF).is_some()
}
