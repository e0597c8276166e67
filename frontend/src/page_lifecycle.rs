//! Lifecycle events of the page, among them those after which it should check its connection without waiting for a
//! timer.

use std::cell::Cell;

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget};

/// Events of the window: the network changed, the page came to the front, entered or left the back-forward cache, or
/// its user was active.
const OF_WINDOW: [&str; 10] =
    ["online", "offline", "focus", "pageshow", "pagehide", RETRY, OTHER_USER, "pointerdown", "pointermove", "keydown"];
/// Events of the document: the tab was shown, hidden, frozen or thawed.
const OF_DOCUMENT: [&str; 3] = ["visibilitychange", "freeze", "resume"];

/// Activity within this time counts once, in milliseconds.
const ACTIVITY_MS: f64 = 1_000.0;

/// Event of the window: the user pressed Retry.
const RETRY: &str = "lockstep:retry";
/// Event of the window: another user has signed in.
const OTHER_USER: &str = "lockstep:other-user";

/// A lifecycle event of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageLifecycle {
    /// The page should check its connection.
    Woken,
    /// The browser reports whether there is a network, or that it changed.
    Network(bool),
    /// The user was active.
    UserActive,
    /// Its user wants to be connected now.
    Retry,
    /// The browser is signed in as another user.
    OtherUser,
    /// The page was shown or hidden.
    Visible(bool),
    /// The page ends, or the browser freezes it.
    Frozen,
    /// The page was thawed.
    Thawed,
}

/// Listens until it is dropped.
pub(crate) struct LifecycleListener {
    listener: Closure<dyn Fn(Event)>,
}

impl LifecycleListener {
    /// Calls `on_event` for each event. A hidden page gets no `Woken`.
    pub(crate) fn new(on_event: impl Fn(PageLifecycle) + 'static) -> Self {
        let touched = Cell::new(f64::MIN);
        let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            match event.type_().as_str() {
                "pointerdown" | "pointermove" | "keydown" => {
                    if event.time_stamp() >= touched.get() + ACTIVITY_MS {
                        touched.set(event.time_stamp());
                        on_event(PageLifecycle::UserActive);
                    }
                    return;
                }
                // `change` comes from `navigator.connection`, for example from Wi-Fi to a mobile network.
                "online" | "offline" | "change" => return on_event(PageLifecycle::Network(is_online())),
                RETRY => return on_event(PageLifecycle::Retry),
                OTHER_USER => return on_event(PageLifecycle::OtherUser),
                "freeze" | "pagehide" => return on_event(PageLifecycle::Frozen),
                "resume" | "pageshow" => on_event(PageLifecycle::Thawed),
                "visibilitychange" => on_event(PageLifecycle::Visible(!is_hidden())),
                _ => {}
            }
            if !is_hidden() {
                on_event(PageLifecycle::Woken);
            }
        });
        let wake = Self { listener };
        wake.each(|target, kind, listener| {
            let _ = target.add_event_listener_with_callback(kind, listener);
        });
        wake
    }

    fn each(&self, act: impl Fn(&EventTarget, &str, &js_sys::Function)) {
        let Some(window) = web_sys::window() else { return };
        let listener = self.listener.as_ref().unchecked_ref();
        for kind in OF_WINDOW {
            act(&window, kind, listener);
        }
        let connection = js_sys::Reflect::get(&window.navigator(), &"connection".into());
        if let Some(connection) = connection.ok().and_then(|it| it.dyn_into::<EventTarget>().ok()) {
            act(&connection, "change", listener);
        }
        if let Some(document) = window.document() {
            for kind in OF_DOCUMENT {
                act(&document, kind, listener);
            }
        }
    }
}

impl Drop for LifecycleListener {
    fn drop(&mut self) {
        self.each(|target, kind, listener| {
            let _ = target.remove_event_listener_with_callback(kind, listener);
        });
    }
}

/// Reconnects all connections of the page: a browser opens one socket to a host at a time, so one that hangs blocks the
/// others.
pub(crate) fn retry() {
    fire(RETRY);
}

/// Ends the page's connections: the browser is signed in as another user.
pub(crate) fn other_user() {
    fire(OTHER_USER);
}

fn fire(kind: &str) {
    if let (Some(window), Ok(event)) = (web_sys::window(), Event::new(kind)) {
        let _ = window.dispatch_event(&event);
    }
}

/// Whether there is a network, as far as the browser knows.
pub(crate) fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Whether the page is hidden.
pub(crate) fn is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}
