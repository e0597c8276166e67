//! Shows the browser's complaint about a field beside the field. The browser's own bubble covers the next field, is in
//! another language, and disappears by itself.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement};

use crate::ui::dom::focus;

/// The reason beside a field of a form, until something is typed.
#[derive(Clone, Copy)]
pub(super) struct Missing {
    reason: RwSignal<Option<&'static str>>,
}

impl Missing {
    /// No complaint yet.
    pub(super) fn new() -> Self {
        Self { reason: RwSignal::new(None) }
    }

    /// Takes the browser's complaint. The first such field of a form gets the focus, as it would without this.
    pub(super) fn found(self, event: &Event) {
        event.prevent_default();
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        self.reason.set(Some(reason(&input)));
        let first = input.form().and_then(|form| form.query_selector("input:invalid").ok().flatten());
        if first.is_some_and(|first| first == **input) {
            focus(&input);
        }
    }

    /// Clears the reason when something is typed.
    pub(super) fn clear(self) {
        self.reason.maybe_update(|reason| reason.take().is_some());
    }

    /// Tracks the reason.
    pub(super) fn get(self) -> Option<String> {
        self.reason.get().map(str::to_owned)
    }
}

fn reason(input: &HtmlInputElement) -> &'static str {
    // The server judges the length: browsers check it only where no script has set the value.
    if input.value().trim().is_empty() {
        "This can't be empty."
    } else {
        "Enter an e-mail address, like name@example.org."
    }
}
