//! The keys of an Undo: Ctrl+Z undoes the last change, and one press of Tab leads to its button.

use std::cell::RefCell;

use leptos::{ev, prelude::*};
use web_sys::{Element, KeyboardEvent};

use super::{Toast, Toasts};
use crate::ui::{
    dom::{closest, find, focus},
    field::{is_typing, undoes},
};

thread_local! {
    /// The element that Tab left for the toast.
    static ORIGIN: RefCell<Option<Element>> = const { RefCell::new(None) };
}

/// Starts listening to the keys, for as long as the page lives.
pub(super) fn listen(toasts: Toasts) {
    // The last toast that Tab led to: it does so once.
    let visited = StoredValue::new(None::<u64>);
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            if event.default_prevented() || modal() {
                return;
            }
            if undoes(&event) {
                undo_last(toasts, &event);
            } else if event.key() == "Tab" && !(event.ctrl_key() || event.alt_key() || event.meta_key()) {
                tab(toasts, visited, &event);
            }
        });
        on_cleanup(move || handle.remove());
    });
}

fn undo_last(toasts: Toasts, event: &KeyboardEvent) {
    if let Some(toast) = last(toasts) {
        event.prevent_default();
        toasts.close(toast.id);
        if let Some(action) = toast.action {
            (action.run)();
        }
    }
}

fn tab(toasts: Toasts, visited: StoredValue<Option<u64>>, event: &KeyboardEvent) {
    if closest(event.target(), ".toast").is_some() {
        leave(event);
        return;
    }
    if event.shift_key() || is_typing(event.target()) {
        return;
    }
    let fresh = last(toasts).filter(|toast| visited.get_value().is_none_or(|visited| visited < toast.id));
    let Some(toast) = fresh else { return };
    if let Some(button) = find(&format!("[data-undo=\"{}\"]", toast.id)) {
        event.prevent_default();
        visited.set_value(Some(toast.id));
        ORIGIN.set(document().active_element());
        focus(&button);
    }
}

/// Continues from the element that Tab left, when the focus leaves the toast.
fn leave(event: &KeyboardEvent) {
    let end = if event.shift_key() { ".toast-action" } else { ".toast-close" };
    let at_end = closest(event.target(), end).is_some();
    let origin = ORIGIN.with_borrow_mut(|origin| origin.take_if(|_| at_end));
    if let Some(origin) = origin.filter(|origin| origin.is_connected()) {
        focus(&origin);
        // Backwards, that element gets the focus; forwards, the browser goes on from it.
        if event.shift_key() {
            event.prevent_default();
        }
    }
}

fn last(toasts: Toasts) -> Option<Toast> {
    toasts.0.with_untracked(|all| all.iter().rev().find(|toast| toast.undo).cloned())
}

fn modal() -> bool {
    find("dialog:modal").is_some()
}
