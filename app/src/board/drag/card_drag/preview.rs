//! What floats while a card is carried: a copy of it.

use engine::TaskId;
use web_sys::HtmlElement;

use super::Point;
use crate::{board::elements, ui::drag};

/// The copy of a carried card, under the pointer that carries it, or in the gap that the keys have chosen.
pub(super) struct DragPreview {
    pub(super) copy: HtmlElement,
    pub(super) pointer: Option<Grip>,
}

/// A pointer that carries a card.
pub(super) struct Grip {
    pub(super) id: i32,
    pub(super) at: Point,
    /// From the card's corner to where it was taken.
    offset: Point,
}

impl Grip {
    /// Where the card's corner is.
    pub(super) fn corner(&self) -> Point {
        Point { x: self.at.x - self.offset.x, y: self.at.y - self.offset.y }
    }
}

impl DragPreview {
    /// A copy of the card, floating where the card is.
    pub(super) fn take(task: TaskId, pointer: Option<(i32, Point)>) -> Option<Self> {
        let card = elements::card(task)?;
        let rect = card.get_bounding_client_rect();
        let copy = drag::float(&card, &rect, "drag-card")?;
        if pointer.is_none() {
            let _ = copy.set_attribute("data-by-key", "");
        }
        let pointer = pointer.map(|(id, at)| {
            let offset = Point { x: at.x - rect.left(), y: at.y - rect.top() };
            Grip { id, at, offset }
        });
        let hand = Self { copy, pointer };
        hand.draw(Point { x: rect.left(), y: rect.top() });
        Some(hand)
    }

    /// Puts the copy's corner at a place of the window.
    pub(super) fn draw(&self, corner: Point) {
        let _ = self.copy.style().set_property("transform", &format!("translate({}px, {}px)", corner.x, corner.y));
    }
}
