//! The copy that floats over the page while its original is dragged.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{DomRect, HtmlElement};

use super::gesture::Point;
use crate::ui::dom::find;

/// A floating copy of the dragged item: under the pointer, or where the keys have moved it.
pub(crate) struct DragPreview {
    pub(crate) copy: HtmlElement,
    pub(crate) pointer: Option<PointerGrip>,
}

/// The pointer of a drag.
pub(crate) struct PointerGrip {
    pub(crate) id: i32,
    pub(crate) at: Point,
    /// From the original's corner to where it was pressed.
    offset: Point,
}

impl PointerGrip {
    /// Where the copy's corner belongs.
    pub(crate) fn corner(&self) -> Point {
        Point { x: self.at.x - self.offset.x, y: self.at.y - self.offset.y }
    }
}

impl DragPreview {
    /// Floats a copy of `original` over it.
    pub(crate) fn new(original: &HtmlElement, class: &str, pointer: Option<(i32, Point)>) -> Option<Self> {
        let rect = original.get_bounding_client_rect();
        let copy = float(original, &rect, class)?;
        if pointer.is_none() {
            let _ = copy.set_attribute("data-by-key", "");
        }
        let pointer = pointer.map(|(id, at)| {
            let offset = Point { x: at.x - rect.left(), y: at.y - rect.top() };
            PointerGrip { id, at, offset }
        });
        let preview = Self { copy, pointer };
        preview.draw(Point { x: rect.left(), y: rect.top() });
        Some(preview)
    }

    /// Takes the pointer's position.
    pub(crate) fn track(&mut self, at: Point) {
        if let Some(grip) = &mut self.pointer {
            grip.at = at;
        }
    }

    /// Puts the copy's corner at a point of the window.
    pub(crate) fn draw(&self, corner: Point) {
        let _ = self.copy.style().set_property("transform", &format!("translate({}px, {}px)", corner.x, corner.y));
    }
}

/// Floats a copy of an element over the page at `at`. The copy has no link, no id of a card and no test id.
pub(crate) fn float(original: &HtmlElement, at: &DomRect, class: &str) -> Option<HtmlElement> {
    let copy: HtmlElement = original.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
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
