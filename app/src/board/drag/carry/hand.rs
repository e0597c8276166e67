//! What floats under a pointer that carries a card.

use engine::TaskId;
use web_sys::HtmlElement;

use super::Point;
use crate::board::page;

/// A card in the hand of a pointer.
pub(super) struct Hand {
    pub(super) pointer: i32,
    pub(super) at: Point,
    /// From the card's corner to where it was taken.
    grip: Point,
    pub(super) copy: HtmlElement,
}

impl Hand {
    /// A copy of the card, floating where the card is.
    pub(super) fn take(task: TaskId, pointer: i32, at: Point) -> Option<Self> {
        let card = page::card(task)?;
        let rect = card.get_bounding_client_rect();
        let copy = page::float(&card, &rect, "drag-card")?;
        let hand = Self { pointer, at, grip: Point { x: at.x - rect.left(), y: at.y - rect.top() }, copy };
        hand.draw();
        Some(hand)
    }

    pub(super) fn draw(&self) {
        let (x, y) = (self.at.x - self.grip.x, self.at.y - self.grip.y);
        let _ = self.copy.style().set_property("transform", &format!("translate({x}px, {y}px)"));
    }
}
