//! Dragging cards and columns: what `ui::drag` drives on the board.
//!
//! ```text
//! card_drag    a card: its preview, the gap, scrolling, the drop     column_drag  a column
//! geometry     where the card would go (pure)                        row          where the column would go (pure)
//! pager        scrolling by columns, on a phone (pure)               measure      the board's layout, for both
//! ```
//!
//! The DOM of the columns does not change during a drag: the card's slot becomes a ghost, a copy of the card floats, and
//! the cards below the gap move down by style alone. When another user changes the board, the columns are measured again.
//! The gap is named by the cards around it, so that a drop lands where its user saw it land.

mod card_drag;
mod column_drag;
mod geometry;
mod measure;
mod pager;
mod row;

use engine::{StatusId, TaskId};
use leptos::prelude::*;
use web_sys::{Event, HtmlElement, KeyboardEvent, PointerEvent};

use super::{board_state::BoardState, elements};
use crate::ui::{
    dom::closest,
    dom_listener::{DomListener, Phase},
    drag::{ActiveDrag, DragSource, KeyMove, Point},
};
use card_drag::CardDrag;
use column_drag::ColumnDrag;
pub(super) use measure::plan;

/// What can be dragged on a board.
#[derive(Clone, Copy, Debug, PartialEq)]
enum BoardItem {
    Card(TaskId),
    Column(StatusId),
}

/// Lets the cards and columns of `board` be dragged for as long as the listeners are kept.
pub(super) fn listen(state: BoardState, board: &HtmlElement) -> Vec<DomListener> {
    let mut listeners = crate::ui::drag::listen(BoardDragSource(state), board);
    // The browser's own dragging of links and selections.
    listeners.push(DomListener::on(board, "dragstart", Phase::Bubble, |event: &Event| event.prevent_default()));
    listeners
}

struct BoardDragSource(BoardState);

impl DragSource for BoardDragSource {
    type Item = BoardItem;

    const TAKES_ALL_KEYS: bool = true;

    fn pressed(&self, event: &PointerEvent) -> Option<BoardItem> {
        if !self.0.can_edit.get_untracked() {
            return None;
        }
        elements::card_of(event.target()).map(BoardItem::Card).or_else(|| pressed_column(event))
    }

    fn lifted_by_key(&self, event: &KeyboardEvent) -> Option<BoardItem> {
        let card = elements::card_of(event.target()).map(BoardItem::Card);
        let item = card.or_else(|| elements::handle_of(event.target()).map(BoardItem::Column))?;
        event.prevent_default();
        if !self.0.can_edit.get_untracked() {
            self.0.announce("You have view-only access.");
            return None;
        }
        Some(item)
    }

    fn key_move(&self, event: &KeyboardEvent) -> Option<KeyMove> {
        elements::key_move(event)
    }

    fn lift(&self, item: BoardItem, pointer: Option<(i32, Point)>) -> Option<Box<dyn ActiveDrag>> {
        match item {
            BoardItem::Card(task) => CardDrag::lift(self.0, task, pointer).map(|drag| Box::new(drag) as _),
            BoardItem::Column(status) => ColumnDrag::lift(self.0, status, pointer).map(|drag| Box::new(drag) as _),
        }
    }
}

/// The column that a press on its head lifts. A press on a button or on the name's field lifts none.
fn pressed_column(event: &PointerEvent) -> Option<BoardItem> {
    let head = closest(event.target(), ".column-head")?;
    if closest(event.target(), "button, .field-box").is_some() {
        return None;
    }
    let column = head.closest("[data-status-id]").ok()??.get_attribute("data-status-id")?;
    column.parse().ok().map(BoardItem::Column)
}
