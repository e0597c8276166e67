//! Dragging a column.

use engine::StatusId;
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::{measure, row::ColumnRow};
use crate::{
    board::{board_state::BoardState, elements, motion::glide_columns},
    ui::{
        dom,
        drag::{ActiveDrag, CancelReason, KeyMove, Point, edge_speed},
    },
};

/// A frame that took longer than this (a hidden tab) scrolls no further than this, in milliseconds.
const LONGEST_FRAME: f64 = 64.0;

/// A drag of one column. The column itself moves, by style alone, and the others make room for it.
pub(super) struct ColumnDrag {
    state: BoardState,
    column: StatusId,
    name: String,
    row: ColumnRow,
    /// The position it would take.
    index: usize,
    pointer: Option<ColumnGrip>,
    board: HtmlElement,
    drawn_at: Option<f64>,
}

struct ColumnGrip {
    id: i32,
    at: Point,
    /// From the column's left edge to where it was pressed, in the board's content.
    offset: f64,
}

impl ColumnDrag {
    /// Starts the drag. `None` when the column is not on the page, or is the only one.
    pub(super) fn lift(state: BoardState, column: StatusId, pointer: Option<(i32, Point)>) -> Option<Self> {
        let board = elements::board()?;
        let row = measure::columns(column).filter(|row| row.len() > 1)?;
        let name = untrack(|| state.store.status(column))?.name;
        let pointer = pointer.map(|(id, at)| ColumnGrip { id, at, offset: across(&board, at) - row.dragged().left });
        if let Some(grip) = &pointer {
            // Fails for a pointer that is gone already.
            let _ = board.set_pointer_capture(grip.id);
        }
        let _ = board.set_attribute("data-dragging", "");
        if let Some(element) = elements::column(column) {
            let how = if pointer.is_some() { "pointer" } else { "key" };
            let _ = element.set_attribute("data-carried", how);
        }
        let index = row.origin();
        let drag = Self { state, column, name, row, index, pointer, board, drawn_at: None };
        state.announce(format!("Picked up column {}. {}.", drag.name, drag.place()));
        Some(drag)
    }

    /// Measures the columns again when another user has changed them. `false` once this one is deleted.
    fn refresh(&mut self) -> bool {
        if self.state.order.ids_untracked() == self.row.ids() {
            return true;
        }
        let Some(row) = measure::columns(self.column) else { return false };
        self.row = row;
        self.index = self.index.min(self.row.len() - 1);
        self.draw();
        true
    }

    /// Moves the column with the pointer, and finds the position it is over.
    fn follow(&mut self, passed: f64) {
        let Some(grip) = &self.pointer else { return };
        let view = self.board.get_bounding_client_rect();
        dom::scroll_left(&self.board, edge_speed(grip.at.x, view.left(), view.right()) * passed);
        let left = across(&self.board, grip.at) - grip.offset;
        let index = self.row.index_at(left);
        if index != self.index {
            self.index = index;
            self.draw();
        }
        shift(self.column, left - self.row.dragged().left);
    }

    /// Moves the others out of the way, and in a drag by key the column itself to its position.
    fn draw(&self) {
        for (id, by) in self.row.shifts(self.index) {
            if id != self.column || self.pointer.is_none() {
                shift(id, by);
            }
        }
    }

    /// Scrolls its position into view.
    fn reveal(&self) {
        let (left, dragged) = (self.row.left(self.index), self.row.dragged());
        let right = left + dragged.right - dragged.left;
        let margin = self.row.left(0);
        let (scroll, width) = (f64::from(self.board.scroll_left()), f64::from(self.board.client_width()));
        if left - margin < scroll {
            self.board.set_scroll_left((left - margin) as i32);
        } else if right + margin > scroll + width {
            self.board.set_scroll_left((right + margin - width) as i32);
        }
    }

    /// `Position 2 of 5`.
    fn place(&self) -> String {
        format!("Position {} of {}", self.index + 1, self.row.len())
    }
}

impl ActiveDrag for ColumnDrag {
    fn track(&mut self, at: Point) {
        if let Some(grip) = &mut self.pointer {
            grip.at = at;
        }
    }

    fn step(&mut self, step: KeyMove) {
        let last = self.row.len() - 1;
        let index = match step {
            KeyMove::Left => self.index.saturating_sub(1),
            KeyMove::Right => (self.index + 1).min(last),
            KeyMove::First => 0,
            KeyMove::Last => last,
            KeyMove::Up | KeyMove::Down => return,
        };
        if index != self.index {
            self.index = index;
            self.draw();
            self.state.announce(self.place());
        }
        self.reveal();
    }

    fn frame(&mut self, now: f64) -> bool {
        let passed = self.drawn_at.map_or(0.0, |before| (now - before).min(LONGEST_FRAME)) / 1_000.0;
        self.drawn_at = Some(now);
        if !self.refresh() {
            return false;
        }
        self.follow(passed);
        true
    }

    fn finish(mut self: Box<Self>) {
        if self.refresh() && self.index != self.row.origin() && self.state.can_edit.get_untracked() {
            self.state.order.place(self.column, self.row.order(self.index));
            self.state.announce(format!("Dropped column {}. {}.", self.name, self.place()));
        } else {
            self.state.announce(format!("Dropped column {} where it was.", self.name));
        }
    }

    fn cancel(self: Box<Self>, why: CancelReason) {
        self.state.announce(match why {
            CancelReason::ByUser => format!("Column {} is back where it was.", self.name),
            CancelReason::ItemDeleted => format!("Column {} was deleted. Nothing was moved.", self.name),
        });
    }
}

impl Drop for ColumnDrag {
    fn drop(&mut self) {
        // Before the styles go: the columns glide from where they are to their places in the new order.
        glide_columns();
        let _ = self.board.remove_attribute("data-dragging");
        for id in self.row.ids() {
            shift(id, 0.0);
        }
        if let Some(element) = elements::column(self.column) {
            let _ = element.remove_attribute("data-carried");
        }
        match &self.pointer {
            // Fails for a pointer that is gone already.
            Some(grip) => drop(self.board.release_pointer_capture(grip.id)),
            None => {
                let column = self.column;
                dom::after_render(move || {
                    if let Some(handle) = elements::handle(column) {
                        dom::focus(&handle);
                    }
                });
            }
        }
    }
}

/// The horizontal position of a point of the window in the board's content.
fn across(board: &HtmlElement, at: Point) -> f64 {
    at.x - board.get_bounding_client_rect().left() + f64::from(board.scroll_left())
}

fn shift(column: StatusId, by: f64) {
    let Some(element) = elements::column(column) else { return };
    let style = element.style();
    let _ = match by {
        0.0 => style.remove_property("translate").map(drop),
        _ => style.set_property("translate", &format!("{by}px")),
    };
}
