//! The few questions that the board asks the document. Browser only: event handlers and effects.

use engine::{StatusId, TaskId, Timestamp};
use leptos::prelude::*;
use uuid::{Builder, Uuid};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::due::Day;

/// A new UUIDv7. `None` where the browser has no source of randomness.
pub(super) fn fresh_id() -> Option<Uuid> {
    let mut random = [0; 10];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut random).ok()?;
    Some(Builder::from_unix_timestamp_millis(js_sys::Date::now() as u64, &random).into_uuid())
}

/// The reader's date at a moment.
pub(super) fn local_day(moment: Timestamp) -> Day {
    // The offset counts how far UTC is ahead.
    let behind = js_sys::Date::new(&(moment.millis() as f64).into()).get_timezone_offset();
    Day::local(moment, -(behind as i64))
}

/// Runs `then` after the DOM has taken what was just set, and before it is painted.
pub(super) fn next_frame(then: impl FnOnce() + 'static) {
    request_animation_frame(then);
}

/// Whether the reader wants things to stand still.
pub(super) fn reduced_motion() -> bool {
    window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|query| query.matches())
}

/// The board's element.
pub(super) fn board() -> Option<HtmlElement> {
    find("[data-board]")
}

/// A card's link.
pub(super) fn card(id: TaskId) -> Option<HtmlElement> {
    find(&format!("[data-task-id=\"{id}\"]"))
}

/// The scrolling list of a column.
pub(super) fn list(id: StatusId) -> Option<HtmlElement> {
    find(&format!("[data-cards-of=\"{id}\"]"))
}

/// Shows the last card of a column.
pub(super) fn scroll_to_foot(id: StatusId) {
    if let Some(list) = list(id) {
        list.set_scroll_top(list.scroll_height());
    }
}

/// Puts the focus on a card, without scrolling.
pub(super) fn focus_card(id: TaskId) {
    if let Some(card) = card(id) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = card.focus_with_options(&options);
    }
}

/// The card that an event happened on.
pub(super) fn card_of(target: Option<web_sys::EventTarget>) -> Option<TaskId> {
    id_of(target, "[data-task-id]", "data-task-id")?.parse().ok()
}

/// The id in `attribute` of the nearest element around an event that matches `selector`.
pub(super) fn id_of(target: Option<web_sys::EventTarget>, selector: &str, attribute: &str) -> Option<String> {
    target?.dyn_into::<Element>().ok()?.closest(selector).ok()??.get_attribute(attribute)
}

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}
