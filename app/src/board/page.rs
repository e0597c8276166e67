//! The few questions that the board asks the document. Browser only: event handlers and effects.

use engine::{StatusId, TaskId};
use leptos::prelude::*;
use uuid::{Builder, Uuid};
use wasm_bindgen::JsCast;
use web_sys::{
    DomRect, Element, EventTarget, FocusOptions, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition, SvgElement,
};

/// A new UUIDv7. `None` where the browser has no source of randomness.
pub(crate) fn fresh_id() -> Option<Uuid> {
    let mut random = [0; 10];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut random).ok()?;
    Some(Builder::from_unix_timestamp_millis(js_sys::Date::now() as u64, &random).into_uuid())
}

/// Runs `then` after the DOM has taken what was just set, and before it is painted.
pub(crate) fn next_frame(then: impl FnOnce() + 'static) {
    request_animation_frame(then);
}

/// Runs `then` after the DOM has taken what was just set, in this frame still: effects run in a
/// microtask that is already waiting, and what they set in the one after it.
pub(crate) fn after_render(then: impl FnOnce() + 'static) {
    queue_microtask(move || queue_microtask(then));
}

/// Whether the reader wants things to stand still.
pub(super) fn reduced_motion() -> bool {
    window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|query| query.matches())
}

/// Whether columns follow each other from right to left.
pub(super) fn is_right_to_left() -> bool {
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

/// A card's place in its column.
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

/// The name in a column's head, by which keys take it.
pub(super) fn handle(id: StatusId) -> Option<HtmlElement> {
    find(&format!("[data-column-handle=\"{id}\"]"))
}

/// The column whose name has an event.
pub(super) fn handle_of(target: Option<EventTarget>) -> Option<StatusId> {
    id_of(target, "[data-column-handle]", "data-column-handle")?.parse().ok()
}

/// Shows the last card of a column.
pub(super) fn scroll_to_foot(id: StatusId) {
    if let Some(list) = list(id) {
        list.set_scroll_top(list.scroll_height());
    }
}

/// Shows the end of the board.
pub(super) fn scroll_to_end() {
    if let Some(board) = board() {
        board.set_scroll_left(board.scroll_width());
    }
}

/// Puts the focus on a card, without scrolling.
pub(super) fn focus_card(id: TaskId) {
    if let Some(card) = card(id) {
        focus(&card);
    }
}

/// Puts the focus on the button of the collapsed column that a card is in, if it is in one.
pub(super) fn focus_strip(id: TaskId) {
    let strip = card(id).and_then(|card| card.closest("[data-collapsed]").ok().flatten());
    if let Some(button) = strip.and_then(|strip| strip.query_selector("[data-collapse]").ok().flatten()) {
        focus(&button);
    }
}

/// Puts the focus on an element, without scrolling.
pub(crate) fn focus(element: &Element) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // Fails only for an element that cannot have the focus.
    let _ = match element.dyn_ref::<SvgElement>() {
        Some(drawn) => drawn.focus_with_options(&options),
        None => element.unchecked_ref::<HtmlElement>().focus_with_options(&options),
    };
}

/// Shows a card that is out of view.
pub(super) fn reveal(id: TaskId) {
    if let Some(card) = card(id) {
        scroll_to(&card);
    }
}

/// Scrolls no more than it takes to show an element.
pub(super) fn scroll_to(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_inline(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

// Scroll offsets are whole pixels: the slowest scrolling is one a frame.
fn whole(by: f64) -> i32 {
    if by == 0.0 { 0 } else { (by.abs().max(1.0) * by.signum()).round() as i32 }
}

/// Scrolls sideways by some pixels.
pub(crate) fn scroll_left(view: &Element, by: f64) {
    if by != 0.0 {
        view.set_scroll_left(view.scroll_left() + whole(by));
    }
}

/// Scrolls down by some pixels.
pub(super) fn scroll_top(view: &Element, by: f64) {
    if by != 0.0 {
        view.set_scroll_top(view.scroll_top() + whole(by));
    }
}

/// The card that an event happened on.
pub(super) fn card_of(target: Option<EventTarget>) -> Option<TaskId> {
    id_of(target, "[data-task-id]", "data-task-id")?.parse().ok()
}

/// The id in `attribute` of the nearest element around an event that matches `selector`.
pub(super) fn id_of(target: Option<EventTarget>, selector: &str, attribute: &str) -> Option<String> {
    closest(target, selector)?.get_attribute(attribute)
}

/// The nearest element around an event that fits a selector.
pub(crate) fn closest(target: Option<EventTarget>, selector: &str) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// An element that floats over the page: a copy of a card, where the card is. It is nothing but a
/// picture: no marks, no links.
pub(crate) fn float(card: &HtmlElement, at: &DomRect, class: &str) -> Option<HtmlElement> {
    let copy: HtmlElement = card.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    for attribute in ["data-testid", "data-task-id", "data-pending", "href", "aria-describedby", "tabindex"] {
        let _ = copy.remove_attribute(attribute);
    }
    let frame: HtmlElement = document().create_element("div").ok()?.dyn_into().ok()?;
    frame.set_class_name(class);
    let style = frame.style();
    let _ = style.set_property("width", &format!("{}px", at.width()));
    let _ = style.set_property("transform", &format!("translate({}px, {}px)", at.left(), at.top()));
    frame.append_child(&copy).ok()?;
    find("[data-drag-layer]")?.append_child(&frame).ok()?;
    Some(frame)
}

/// The first element that fits a selector.
pub(crate) fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}
