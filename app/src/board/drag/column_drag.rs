//! A column on its way to another place.

use engine::StatusId;
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::{card_drag::Frame, geometry::KeyMove, measure, row::ColumnRow};
use crate::{
    board::{board_state::BoardState, elements, motion::glide_columns},
    ui::{
        dom,
        drag::{edge_speed, gesture::Point},
    },
};

/// A frame that took longer than this (a hidden tab) does not scroll further than this, in milliseconds.
const LONGEST_FRAME: f64 = 64.0;

/// One column, from the lift to the drop. It moves itself, by style alone, and the others make room for it.
pub(super) struct ColumnDrag {
    desk: BoardState,
    column: StatusId,
    name: String,
    row: ColumnRow,
    /// The place that it would take.
    index: usize,
    pointer: Option<Grip>,
    board: HtmlElement,
    drawn_at: Option<f64>,
}

struct Grip {
    id: i32,
    at: Point,
    /// From the column's left edge to where it was taken, in the board's content.
    offset: f64,
}

impl ColumnDrag {
    /// Lifts a column. `None` when it is not on the page, or stands alone.
    pub(super) fn lift(desk: BoardState, column: StatusId, pointer: Option<(i32, Point)>) -> Option<Self> {
        let board = elements::board()?;
        let row = measure::columns(column).filter(|row| row.len() > 1)?;
        let name = untrack(|| desk.store.status(column))?.name;
        let pointer = pointer.map(|(id, at)| Grip { id, at, offset: across(&board, at) - row.dragged().left });
        if let Some(grip) = &pointer {
            // Fails for a pointer that is gone already.
            let _ = board.set_pointer_capture(grip.id);
        }
        let _ = board.set_attribute("data-dragging", "");
        if let Some(element) = elements::column(column) {
            let how = if pointer.is_some() { "pointer" } else { "key" };
            let _ = element.set_attribute("data-carried", how);
        }
        let index = row.home();
        let carry = Self { desk, column, name, row, index, pointer, board, drawn_at: None };
        desk.say(format!("Picked up column {}. {}.", carry.name, carry.place()));
        Some(carry)
    }

    /// The pointer is here now. The next frame draws it.
    pub(super) fn track(&mut self, at: Point) {
        if let Some(grip) = &mut self.pointer {
            grip.at = at;
        }
    }

    /// A key moves it.
    pub(super) fn step(&mut self, step: KeyMove) {
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
            self.desk.say(self.place());
        }
        self.reveal();
    }

    /// Draws one frame at `now` (milliseconds).
    pub(super) fn frame(&mut self, now: f64) -> Frame {
        let passed = self.drawn_at.map_or(0.0, |before| (now - before).min(LONGEST_FRAME)) / 1_000.0;
        self.drawn_at = Some(now);
        if !self.refresh() {
            return Frame::Gone;
        }
        self.follow(passed);
        Frame::On
    }

    /// Leaves it where it is now.
    pub(super) fn put(mut self) {
        if self.refresh() && self.index != self.row.home() && self.desk.can_edit.get_untracked() {
            self.desk.order.place(self.column, self.row.order(self.index));
            self.desk.say(format!("Dropped column {}. {}.", self.name, self.place()));
        } else {
            self.desk.say(format!("Dropped column {} where it was.", self.name));
        }
    }

    /// Puts it back.
    pub(super) fn give_up(self, why: Frame) {
        self.desk.say(match why {
            Frame::On => format!("Column {} is back where it was.", self.name),
            Frame::Gone => format!("Column {} was deleted. Nothing was moved.", self.name),
        });
    }

    /// Measures again when others have changed the columns. False once it is gone.
    fn refresh(&mut self) -> bool {
        if self.desk.order.ids_untracked() == self.row.ids() {
            return true;
        }
        let Some(row) = measure::columns(self.column) else { return false };
        self.row = row;
        self.index = self.index.min(self.row.len() - 1);
        self.draw();
        true
    }

    /// Follows the pointer, and finds the place that it is over.
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

    /// Moves the others out of the way, and by keys the column itself to its place.
    fn draw(&self) {
        for (id, by) in self.row.shifts(self.index) {
            if id != self.column || self.pointer.is_none() {
                shift(id, by);
            }
        }
    }

    /// Brings its place into view.
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

impl Drop for ColumnDrag {
    fn drop(&mut self) {
        // From where they are now, also to the order that the drop has made of them.
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

/// Where a point of the window is across the board's content.
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
