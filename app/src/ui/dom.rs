//! Finds, focuses and scrolls elements of the document. Browser only: for event handlers and effects.

use leptos::prelude::*;
use uuid::{Builder, Uuid};
use wasm_bindgen::JsCast;
use web_sys::{
    Element, EventTarget, FocusOptions, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition, SvgElement,
};

/// The first element that matches a selector.
pub(crate) fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// The nearest element around an event's target that matches a selector.
pub(crate) fn closest(target: Option<EventTarget>, selector: &str) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// The id in `attribute` of the nearest element around an event's target that matches `selector`.
pub(crate) fn id_of(target: Option<EventTarget>, selector: &str, attribute: &str) -> Option<String> {
    closest(target, selector)?.get_attribute(attribute)
}

/// Focuses an element, without scrolling.
pub(crate) fn focus(element: &Element) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // Fails only for an element that cannot be focused.
    let _ = match element.dyn_ref::<SvgElement>() {
        Some(drawn) => drawn.focus_with_options(&options),
        None => element.unchecked_ref::<HtmlElement>().focus_with_options(&options),
    };
}

/// Scrolls an element into view, by no more than necessary.
pub(crate) fn scroll_to(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_inline(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

// Scroll offsets are whole pixels: the slowest scrolling is one pixel per frame.
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
pub(crate) fn scroll_top(view: &Element, by: f64) {
    if by != 0.0 {
        view.set_scroll_top(view.scroll_top() + whole(by));
    }
}

/// Runs `then` in the next frame: after the DOM has been updated, and before it is painted.
pub(crate) fn next_frame(then: impl FnOnce() + 'static) {
    request_animation_frame(then);
}

/// Runs `then` after the DOM has been updated, still in this frame: effects run in a microtask that is already queued,
/// and what they set in the one after it.
pub(crate) fn after_render(then: impl FnOnce() + 'static) {
    queue_microtask(move || queue_microtask(then));
}

/// Whether the reader prefers reduced motion.
pub(crate) fn reduced_motion() -> bool {
    window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|query| query.matches())
}

/// A new UUIDv7. `None` in a browser without a source of randomness.
pub(crate) fn fresh_id() -> Option<Uuid> {
    let mut random = [0; 10];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut random).ok()?;
    Some(Builder::from_unix_timestamp_millis(js_sys::Date::now() as u64, &random).into_uuid())
}
