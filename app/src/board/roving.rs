//! Roving tab index: one tab stop for all cards, the card that last had the focus, with its button.
//!
//! Held by the document, not by signals: a filter, a move or a deletion changes it without a call from elsewhere, and
//! an arrow key changes two cards, however many there are.

use std::{cell::Cell, rc::Rc};

use engine::TaskId;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, FocusEvent, HtmlElement, MutationObserver, MutationObserverInit};

use super::{board_state::BoardState, elements};
use crate::ui::{
    dom,
    dom_listener::{DomListener, Phase},
};

/// Maintains the tab stop of one board while it exists.
pub(super) struct TabStop {
    _focus: DomListener,
    observer: MutationObserver,
    _changed: Closure<dyn FnMut()>,
}

/// The value of a card's `tabindex`.
pub(super) fn tab_index(state: BoardState, card: TaskId) -> &'static str {
    if state.tab_stop.get_untracked() == Some(card) { "0" } else { "-1" }
}

impl TabStop {
    /// Follows the focus on `board`, and moves the stop when its card is gone or hidden.
    pub(super) fn install(state: BoardState, board: &HtmlElement) -> Option<Self> {
        let focus = DomListener::on(board, "focusin", Phase::Bubble, move |event: &FocusEvent| {
            if let Some(slot) = dom::closest(event.target(), ".slot") {
                move_to(state, &slot);
            }
        });
        let waiting = Rc::new(Cell::new(false));
        let changed = Closure::<dyn FnMut()>::new(move || {
            // Once per frame, when the layout is known anyway.
            if !waiting.replace(true) {
                let waiting = waiting.clone();
                dom::next_frame(move || {
                    waiting.set(false);
                    update(state);
                });
            }
        });
        let observer = MutationObserver::new(changed.as_ref().unchecked_ref()).ok()?;
        let options = MutationObserverInit::new();
        options.set_child_list(true);
        options.set_subtree(true);
        options.set_attribute_filter(&js_sys::Array::of2(&JsValue::from("hidden"), &JsValue::from("class")));
        observer.observe_with_options(board, &options).ok()?;
        update(state);
        Some(Self { _focus: focus, observer, _changed: changed })
    }
}

impl Drop for TabStop {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Focuses the card with the tab stop, or else the first button of the board.
pub(crate) fn focus() {
    let stop = dom::find("[data-board] .card[tabindex=\"0\"]");
    if let Some(target) = stop.or_else(|| dom::find("[data-board] button")) {
        let _ = target.focus();
    }
}

/// Whether the card of a slot is drawn: neither filtered out nor in a collapsed column.
pub(super) fn is_shown(slot: &Element) -> bool {
    slot.dyn_ref::<HtmlElement>().is_some_and(|slot| slot.offset_parent().is_some())
}

fn update(state: BoardState) {
    let Some(Some(now)) = state.tab_stop.try_get_untracked() else { return move_to_first(state) };
    match elements::slot(now) {
        // A card in another column is a new element, rendered with the stop.
        Some(slot) if is_shown(&slot) => {}
        _ => move_to_first(state),
    }
}

/// Gives the stop to the first visible card.
fn move_to_first(state: BoardState) {
    let Some(board) = elements::board() else { return };
    let Ok(slots) = board.query_selector_all(".slot") else { return };
    let mut slots = (0..slots.length()).filter_map(|at| slots.item(at)?.dyn_into::<Element>().ok());
    if let Some(slot) = slots.find(is_shown) {
        move_to(state, &slot);
    }
}

fn move_to(state: BoardState, slot: &Element) {
    let card = slot.query_selector(".card").ok().flatten();
    let Some(card) = card.and_then(|card| card.get_attribute("data-task-id")?.parse::<TaskId>().ok()) else { return };
    if state.tab_stop.try_get_untracked().flatten() == Some(card) {
        return;
    }
    state.tab_stop.try_set(Some(card));
    if let Some(board) = elements::board()
        && let Ok(old) = board.query_selector_all(".slot > [tabindex=\"0\"]")
    {
        for at in 0..old.length() {
            set_tab_index(old.item(at).and_then(|node| node.dyn_into().ok()), "-1");
        }
    }
    for selector in [".card", ".card-menu-button"] {
        set_tab_index(slot.query_selector(selector).ok().flatten(), "0");
    }
}

fn set_tab_index(element: Option<Element>, tab_index: &str) {
    if let Some(element) = element {
        // Cannot fail: the name is valid.
        let _ = element.set_attribute("tabindex", tab_index);
    }
}
