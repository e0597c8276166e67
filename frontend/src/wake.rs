//! The moments at which a page should look at its connection without waiting for a timer.

use std::rc::Rc;

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::EventTarget;

/// Fires on the window: the network changed, or the page came to the front or out of the back-forward cache.
const OF_WINDOW: [&str; 4] = ["online", "offline", "focus", "pageshow"];
/// Fires on the document: the tab was shown or hidden, or thawed after the browser had frozen it.
const OF_DOCUMENT: [&str; 2] = ["visibilitychange", "resume"];

/// Listens until it is dropped.
pub(crate) struct Wake {
    heard: Closure<dyn Fn()>,
}

impl Wake {
    /// Calls `woken` at each of these moments, but not when the tab is being hidden.
    pub(crate) fn new(woken: Rc<dyn Fn()>) -> Self {
        let heard = Closure::new(move || {
            if !is_hidden() {
                woken();
            }
        });
        let wake = Self { heard };
        wake.each(|target, kind, listener| {
            let _ = target.add_event_listener_with_callback(kind, listener);
        });
        wake
    }

    fn each(&self, act: impl Fn(&EventTarget, &str, &js_sys::Function)) {
        let Some(window) = web_sys::window() else { return };
        let listener = self.heard.as_ref().unchecked_ref();
        for kind in OF_WINDOW {
            act(&window, kind, listener);
        }
        if let Some(document) = window.document() {
            for kind in OF_DOCUMENT {
                act(&document, kind, listener);
            }
        }
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        self.each(|target, kind, listener| {
            let _ = target.remove_event_listener_with_callback(kind, listener);
        });
    }
}

/// Whether nobody can see the page.
pub(crate) fn is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}
