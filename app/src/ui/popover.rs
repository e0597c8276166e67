//! A popover that many buttons of a page open, one at a time: one for all cards, one for all columns.

use std::rc::Rc;

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use web_sys::{Event, HtmlElement};

use super::{
    dom,
    dom_listener::{DomListener, Phase},
    focus::nothing_has_focus,
};

/// Between the button and the popover, and from the window's edge, in CSS pixels.
const APART: f64 = 4.0;

/// A popover of the page. The browser closes it on Escape, and on a press elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Popover {
    /// The attribute that marks the popover.
    pub(crate) mark: &'static str,
    /// The attribute of its buttons, with the id of what each is for.
    pub(crate) opener: &'static str,
}

impl Popover {
    /// Opens it beside the button of `of`.
    pub(crate) fn show(self, of: &str) -> Option<HtmlElement> {
        let popover = self.element()?;
        // Fails when it is already open.
        let _ = popover.show_popover();
        self.fold_buttons();
        if let Some(button) = self.button(of) {
            let _ = button.set_attribute("aria-expanded", "true");
        }
        let _ = popover.set_attribute("data-for", of);
        self.place(of);
        self.follow(of.to_owned(), None);
        Some(popover)
    }

    /// The id of what it is open for.
    pub(crate) fn open_for(self) -> Option<String> {
        dom::find(&format!("[{}]:popover-open", self.mark))?.get_attribute("data-for")
    }

    /// Keeps it beside its button while it is open: the button moves, lists scroll, windows are resized.
    fn follow(self, of: String, before: Option<[f64; 4]>) {
        dom::next_frame(move || {
            if self.open_for().as_ref() != Some(&of) {
                return;
            }
            let frame = self.button(&of).map(|button| button.get_bounding_client_rect());
            // The button is hidden, or gone.
            let Some(frame) = frame.filter(|frame| frame.width() > 0.0) else { return self.hide() };
            let now = Some([frame.left(), frame.top(), viewport().0, viewport().1]);
            if now != before {
                self.place(&of);
            }
            self.follow(of, now);
        });
    }

    /// Places it beside the button of `of`, which may have moved.
    pub(crate) fn place(self, of: &str) {
        let (Some(popover), Some(button)) = (self.element(), self.button(of)) else { return };
        if button.get_attribute("aria-expanded").as_deref() != Some("true") {
            // A button that moved to another column is another element.
            let _ = button.set_attribute("aria-expanded", "true");
        }
        let (at, size) = (button.get_bounding_client_rect(), popover.get_bounding_client_rect());
        let (width, height) = viewport();
        let below = at.bottom() + APART;
        let top = if below + size.height() + APART > height { at.top() - APART - size.height() } else { below };
        let left = at.left().min(width - size.width() - 2.0 * APART);
        let style = popover.style();
        let _ = style.set_property("left", &format!("{}px", left.max(APART)));
        let _ = style.set_property("top", &format!("{}px", top.max(APART)));
    }

    /// Closes it. The focus returns to the button.
    pub(crate) fn hide(self) {
        if let Some(popover) = self.element() {
            // Fails when it is already closed.
            let _ = popover.hide_popover();
        }
    }

    /// Clears `of` once the popover is closed, by whatever means.
    pub(crate) fn clear_when_closed<T: Send + Sync + 'static>(self, of: RwSignal<Option<T>>) {
        Effect::new(move |_| {
            let Some(popover) = self.element() else { return };
            let popover_of = popover.clone();
            let closed = move |_: &Event| {
                if dom::find(&format!("[{}]:popover-open", self.mark)).is_none() {
                    self.fold_buttons();
                    of.set(None);
                    // The browser returned the focus to the button of the opening, which may be gone.
                    let button = popover_of.get_attribute("data-for").and_then(|of| self.button(&of));
                    if let Some(button) = button.filter(|_| nothing_has_focus()) {
                        dom::focus(&button);
                    }
                }
            };
            let listener = SendWrapper::new(Rc::new(DomListener::on(&popover, "toggle", Phase::Bubble, closed)));
            on_cleanup(move || drop(listener));
        });
    }

    /// The popover's element.
    pub(crate) fn element(self) -> Option<HtmlElement> {
        dom::find(&format!("[{}]", self.mark))
    }

    fn button(self, of: &str) -> Option<HtmlElement> {
        dom::find(&format!("[{}=\"{of}\"]", self.opener))
    }

    fn fold_buttons(self) {
        if let Some(button) = dom::find(&format!("[{}][aria-expanded=\"true\"]", self.opener)) {
            let _ = button.set_attribute("aria-expanded", "false");
        }
    }
}

/// The size of the window, in CSS pixels.
fn viewport() -> (f64, f64) {
    let length = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64());
    let or_any = |value| length(value).unwrap_or(f64::MAX);
    (or_any(window().inner_width()), or_any(window().inner_height()))
}
