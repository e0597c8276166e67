//! The copy that floats over the page while its original is dragged.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{DomRect, HtmlElement};

use crate::ui::dom::find;

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
