//! Desktop notifications: each once across all tabs, and none about a task that the user is viewing.
//!
//! Every tab receives each notification. They take a lock in turn; the first one shows the notification and leaves
//! marks for the others: a lock named after it, effective at once, and an entry in local storage, which reaches other
//! tabs later. The tab in front holds a lock that names the task that it shows.

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

/// The lock that tabs take in turn.
const LOCK: &str = "lockstep:alerts";
/// Key: the user has turned desktop notifications off in this browser.
const OFF: &str = "alerts-off";
/// Notifications remembered as shown.
const REMEMBERED: usize = 50;
/// How long a write to local storage may take to reach every tab, in milliseconds.
const STORED_MS: u32 = 10_000;
/// Window events by which a tab comes to the front or leaves it.
const OF_WINDOW: [&str; 3] = ["focus", "blur", "visibilitychange"];

/// Whether this browser shows desktop notifications.
pub(crate) fn state() -> Alerts {
    // Checked by name: in browsers without them, using the type would throw.
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

/// Turns them on or off. Turning them on may make the browser ask for permission.
pub(crate) async fn set(on: bool) -> Alerts {
    local::set(OFF, (!on).then_some("1"));
    if on
        && state() == Alerts::Off
        && let Ok(asked) = web_sys::Notification::request_permission()
    {
        // `state` reads the permission.
        let _ = JsFuture::from(asked).await;
    }
    state()
}

/// Slot for a lock, filled when it is granted.
type LockSlot = Rc<RefCell<Option<Held>>>;

/// Shows the notifications of one user's bell on the desktop.
pub(crate) struct DesktopNotifier {
    me: UserId,
    /// The task that this tab shows.
    task: Cell<Option<TaskId>>,
    /// The lock held, or requested, while this tab is in front and shows that task.
    front: RefCell<Option<(TaskId, LockSlot)>>,
    /// Called when the user starts or stops viewing a task here.
    on_look: Box<dyn Fn(Option<TaskId>)>,
    listener: Closure<dyn Fn()>,
}

impl DesktopNotifier {
    /// `on_look` is called when the viewed task changes.
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

    /// Sets the task that this tab shows.
    pub(crate) fn set_task(&self, task: Option<TaskId>) {
        self.task.set(task);
        self.update_front();
    }

    /// Shows a notification if it is needed. `chosen` is called when the user clicks it.
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
        if lock::available() {
            lock::request(LOCK, LockRequest::Wait, |held| show_once(Some(held)), || ());
        } else {
            show_once(None);
        }
    }

    /// Requests or releases the lock of the tab in front.
    fn update_front(&self) {
        let wanted = self.task.get().filter(|_| in_front());
        if self.front.borrow().as_ref().map(|(task, _)| *task) == wanted {
            return;
        }
        (self.on_look)(wanted);
        self.front.replace(wanted.map(|task| {
            let slot = LockSlot::default();
            let granted = Rc::downgrade(&slot);
            // Released at once if it is not wanted any more.
            let take = move |held| drop(granted.upgrade().map(|slot| slot.replace(Some(held))));
            lock::request(&front(self.me, task), LockRequest::Wait, take, || ());
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
        // Android supports only notifications of service workers.
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

/// Name of the lock held by the tab in front that shows a task.
fn front(me: UserId, task: TaskId) -> String {
    format!("lockstep:front:{me}:{task}")
}

/// Name of the lock that marks a notification as shown.
fn shown(me: UserId, id: NotificationId) -> String {
    format!("lockstep:shown:{me}:{id}")
}

/// Takes that lock, releases the common one, and holds it until the write to local storage has reached every tab: tabs
/// in other processes read a copy, and no standard says how old it may be.
fn remember(own: &str, lock: Held) {
    let granted = move |held: Held| {
        drop(lock);
        Timeout::new(STORED_MS, move || drop(held)).forget();
    };
    lock::request(own, LockRequest::Wait, granted, || ());
}

fn in_front() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.has_focus().unwrap_or_default() && !document.hidden())
}

/// Whether no tab has shown it yet; marks it as shown. Without storage, only the tag prevents repeats.
fn is_first(me: UserId, id: NotificationId) -> bool {
    let (key, id) = (format!("alerted:{me}"), id.to_string());
    let shown = local::get(&key).unwrap_or_default();
    if shown.split(' ').any(|other| other == id) {
        return false;
    }
    let recent: Vec<&str> = [id.as_str()].into_iter().chain(shown.split(' ')).take(REMEMBERED).collect();
    local::set(&key, Some(&recent.join(" ")));
    true
}

fn is_off() -> bool {
    local::get(OFF).is_some()
}
