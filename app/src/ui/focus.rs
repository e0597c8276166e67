//! Keeps the focus on the page: when the focused element is removed, the nearest one gets the focus.
//!
//! Browsers move the focus to the body then, and users of a keyboard or a screen reader start at the top again. A part
//! of the page that knows a better target focuses it first: this module checks a frame later, and only when nothing has
//! the focus.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, FocusEvent, HtmlInputElement, MutationObserver, MutationObserverInit};

use super::{
    dom::{find, focus},
    dom_listener::{DomListener, Phase},
};

/// What can receive the focus. No text fields: they would open a phone's keyboard, and receive the next keys.
const TAKES_FOCUS: &str = "a[href], button, select, summary, [tabindex]";
/// Layers above the page, which return the focus to where it came from.
const LAYER: &str = "dialog, [popover], .toasts";
/// Siblings on each side that are remembered for an element: those next to it may be removed with it.
const NEAR: usize = 3;
/// How long a disabled element can come back and keep the focus: as long as most requests take.
const DISABLED: Duration = Duration::from_millis(1_500);

/// The focused element, and the elements that get the focus when it is removed.
#[derive(Clone)]
struct Trail {
    element: Element,
    /// Nearest first.
    fallbacks: Vec<Element>,
}

thread_local! {
    static TRAIL: RefCell<Option<Trail>> = const { RefCell::new(None) };
    /// The open layers, each with where the focus came from.
    static OPENERS: RefCell<Vec<(Element, Vec<Element>)>> = const { RefCell::new(Vec::new()) };
    static CHECK_PENDING: Cell<bool> = const { Cell::new(false) };
}

/// Starts watching. Called once; lasts as long as the page.
pub(crate) fn watch() {
    let window = window();
    let came = DomListener::on(&window, "focusin", Phase::Capture, |event: &FocusEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let from = event.related_target().and_then(|from| from.dyn_into::<Element>().ok());
        if let Some(target) = target.filter(|target| target.tag_name() != "BODY") {
            remember(&target, from.as_ref());
        }
    });
    let went = DomListener::on(&window, "focusout", Phase::Capture, |event: &FocusEvent| {
        if event.related_target().is_none() {
            queue_microtask(|| {
                forget_blurred();
                check_soon();
            });
        }
    });
    let changed = Closure::<dyn FnMut()>::new(check_soon);
    if let Ok(observer) = MutationObserver::new(changed.as_ref().unchecked_ref()) {
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        what.set_subtree(true);
        let names = ["hidden", "disabled", "open"].map(wasm_bindgen::JsValue::from_str);
        what.set_attribute_filter(&js_sys::Array::from_iter(names));
        if let Some(body) = document().body() {
            // Fails only for contradictory options.
            let _ = observer.observe_with_options(&body, &what);
        }
        std::mem::forget(observer);
    }
    changed.forget();
    // Closing a popover changes no attribute.
    let closed = DomListener::on(&window, "toggle", Phase::Capture, |_: &web_sys::Event| check_soon());
    std::mem::forget((came, went, closed));
}

fn remember(target: &Element, from: Option<&Element>) {
    let before = TRAIL.take();
    if let Some(layer) = layer_of(target)
        && from.is_none_or(|from| !layer.contains(Some(from)))
        && let Some(before) = before.filter(|before| !layer.contains(Some(&before.element)))
    {
        OPENERS.with_borrow_mut(|openers| {
            openers.retain(|(other, _)| *other != layer && other.is_connected());
            openers.push((layer, std::iter::once(before.element).chain(before.fallbacks).collect()));
        });
    }
    TRAIL.set(Some(Trail { element: target.clone(), fallbacks: fallbacks(target) }));
}

/// The siblings of an element and of its ancestors, up to the layer or the page. The layer comes last.
fn fallbacks(target: &Element) -> Vec<Element> {
    let layer = layer_of(target);
    let mut found = Vec::new();
    let mut at = target.clone();
    while Some(&at) != layer.as_ref() && at.tag_name() != "BODY" {
        let next = std::iter::successors(at.next_element_sibling(), Element::next_element_sibling);
        found.extend(next.take(NEAR));
        let before = std::iter::successors(at.previous_element_sibling(), Element::previous_element_sibling);
        found.extend(before.take(NEAR));
        match at.parent_element() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    found.extend(layer);
    found
}

fn layer_of(element: &Element) -> Option<Element> {
    element.closest(LAYER).ok().flatten()
}

/// Forgets an element that still exists when its user blurs it: the focus is meant to go nowhere.
fn forget_blurred() {
    if body_has_focus() {
        let there = TRAIL.with_borrow(|trail| trail.as_ref().is_some_and(|trail| is_shown(&trail.element)));
        if there {
            TRAIL.set(None);
        }
    }
}

fn check_soon() {
    if body_has_focus() && TRAIL.with_borrow(Option::is_some) && !CHECK_PENDING.replace(true) {
        request_animation_frame(|| {
            CHECK_PENDING.set(false);
            check(false);
        });
    }
}

fn check(late: bool) {
    let Some(trail) = TRAIL.with_borrow(Clone::clone).filter(|_| nothing_has_focus()) else { return };
    let element = &trail.element;
    if is_shown(element) {
        // It was disabled for a while, during its request.
        focus(element);
    } else if !late && element.is_connected() && element.has_attribute("disabled") {
        set_timeout(|| check(true), DISABLED);
    } else {
        TRAIL.set(None);
        focus_fallback(&trail);
    }
}

fn focus_fallback(trail: &Trail) {
    let ends_in_layer =
        |fallbacks: &[Element]| fallbacks.last().filter(|last| last.matches(LAYER) == Ok(true)).cloned();
    let layer = layer_of(&trail.element).or_else(|| ends_in_layer(&trail.fallbacks));
    let opener = OPENERS.with_borrow(|openers| {
        let found = openers.iter().find(|(other, _)| Some(other) == layer.as_ref());
        found.map(|(_, from)| from.clone()).unwrap_or_default()
    });
    // First the same thing elsewhere: a card in another column is another element.
    let near = |fallbacks: &[Element]| fallbacks.iter().any(try_focus_within);
    let _ = replacement(&trail.element).is_some_and(|again| try_focus(&again))
        || near(&trail.fallbacks)
        || opener
            .first()
            .is_some_and(|from| try_focus(from) || replacement(from).is_some_and(|again| try_focus(&again)))
        || near(&opener)
        || find("main").is_some_and(|main| try_focus_within(&main));
}

/// The element that shows the same thing now.
fn replacement(element: &Element) -> Option<Element> {
    ["data-task-id", "data-menu-of", "data-column-menu-of", "id"].into_iter().find_map(|name| {
        let value = element.get_attribute(name).filter(|value| !value.is_empty())?;
        find(&format!("[{name}=\"{value}\"]")).map(Into::into)
    })
}

/// Focuses an element, or the first in it that takes the focus. Returns whether one did.
fn try_focus_within(fallback: &Element) -> bool {
    if !fallback.is_connected() {
        return false;
    }
    if fallback.matches(TAKES_FOCUS) == Ok(true) && try_focus(fallback) {
        return true;
    }
    let Ok(inside) = fallback.query_selector_all(TAKES_FOCUS) else { return false };
    (0..inside.length())
        .filter_map(|index| inside.item(index)?.dyn_into::<Element>().ok())
        .any(|element| try_focus(&element))
}

fn try_focus(element: &Element) -> bool {
    is_shown(element) && {
        focus(element);
        document().active_element().as_ref() == Some(element)
    }
}

fn is_shown(element: &Element) -> bool {
    let frame = element.get_bounding_client_rect();
    element.is_connected() && (frame.width() > 0.0 || frame.height() > 0.0) && !element.has_attribute("disabled")
}

/// Whether the focus is on the body, or on a hidden element: browsers take it from there a little later.
pub(crate) fn nothing_has_focus() -> bool {
    let hidden = |active: Element| {
        let frame = active.get_bounding_client_rect();
        frame.width() == 0.0 && frame.height() == 0.0
    };
    body_has_focus() || document().active_element().is_some_and(hidden)
}

/// Whether the focus is on the body. Needs no layout, because it runs at each change of the page.
fn body_has_focus() -> bool {
    document().active_element().is_none_or(|active| active.tag_name() == "BODY")
}

/// Focuses the first empty field of a form once the page is there, unless the focus is elsewhere already.
pub(crate) fn focus_first_field(form: &'static str) {
    Effect::new(move || {
        request_animation_frame(move || {
            let Ok(fields) = document().query_selector_all(&format!("{form} input")) else { return };
            let fields =
                (0..fields.length()).filter_map(|index| fields.item(index)?.dyn_into::<HtmlInputElement>().ok());
            let mut empty = fields.filter(|field| field.value().is_empty());
            if nothing_has_focus()
                && let Some(field) = empty.next()
            {
                focus(&field);
            }
        });
    });
}

/// Calls `then`, which moves the focus, in the next frame, unless the user has moved the focus by then. Frames can be
/// long: on a busy machine the next key is pressed before one is drawn.
pub(crate) fn restore_focus(then: impl FnOnce() + 'static) {
    let before = document().active_element();
    request_animation_frame(move || {
        if nothing_has_focus() || document().active_element() == before {
            then();
        }
    });
}
