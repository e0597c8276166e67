//! The board's elements in the document. Browser only: event handlers and effects.

use engine::{StatusId, TaskId};
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, HtmlElement, KeyboardEvent};

use leptos::prelude::window;

use crate::ui::dom::{find, focus, id_of, scroll_to};
use crate::ui::drag::KeyMove;

/// Whether the columns run from right to left.
fn is_right_to_left() -> bool {
    let style = board().and_then(|board| window().get_computed_style(&board).ok().flatten());
    style.and_then(|style| style.get_property_value("direction").ok()).is_some_and(|direction| direction == "rtl")
}

/// The board's element.
pub(super) fn board() -> Option<HtmlElement> {
    find("[data-board]")
}

/// A card's link.
pub(super) fn card(id: TaskId) -> Option<HtmlElement> {
    find(&format!("[data-task-id=\"{id}\"]"))
}

/// A card's slot in its column.
pub(super) fn slot(id: TaskId) -> Option<HtmlElement> {
    card(id)?.parent_element()?.dyn_into().ok()
}

/// The scrolling list of a column.
pub(super) fn list(id: StatusId) -> Option<HtmlElement> {
    find(&format!("[data-cards-of=\"{id}\"]"))
}

/// A column.
pub(super) fn column(id: StatusId) -> Option<HtmlElement> {
    find(&format!("[data-status-id=\"{id}\"]"))
}

/// The name in a column's head, which drags the column by key.
pub(super) fn handle(id: StatusId) -> Option<HtmlElement> {
    find(&format!("[data-column-handle=\"{id}\"]"))
}

/// The column whose name is the target of an event.
pub(super) fn handle_of(target: Option<EventTarget>) -> Option<StatusId> {
    id_of(target, "[data-column-handle]", "data-column-handle")?.parse().ok()
}

/// Scrolls to the last card of a column.
pub(super) fn scroll_to_foot(id: StatusId) {
    if let Some(list) = list(id) {
        list.set_scroll_top(list.scroll_height());
    }
}

/// Scrolls to the end of the board.
pub(super) fn scroll_to_end() {
    if let Some(board) = board() {
        board.set_scroll_left(board.scroll_width());
    }
}

/// Focuses a card, without scrolling.
pub(super) fn focus_card(id: TaskId) {
    if let Some(card) = card(id) {
        focus(&card);
    }
}

/// Focuses the button of the collapsed column that a card is in, if it is in one.
pub(super) fn focus_strip(id: TaskId) {
    let strip = card(id).and_then(|card| card.closest("[data-collapsed]").ok().flatten());
    if let Some(button) = strip.and_then(|strip| strip.query_selector("[data-collapse]").ok().flatten()) {
        focus(&button);
    }
}

/// Scrolls a card into view.
pub(super) fn reveal(id: TaskId) {
    if let Some(card) = card(id) {
        scroll_to(&card);
    }
}

/// The card that is the target of an event.
pub(super) fn card_of(target: Option<EventTarget>) -> Option<TaskId> {
    id_of(target, "[data-task-id]", "data-task-id")?.parse().ok()
}

/// The move of a key on the board. Left and right are those of the screen, in either writing direction.
pub(super) fn key_move(event: &KeyboardEvent) -> Option<KeyMove> {
    KeyMove::of(event, is_right_to_left)
}
