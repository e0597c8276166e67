//! What is carried: a card or a column.

use engine::{StatusId, TaskId};

use super::{
    card_drag::{CardDrag, Frame},
    column_drag::ColumnDrag,
    geometry::KeyMove,
};
use crate::{board::board_state::BoardState, ui::drag::gesture::Point};

/// What can be dragged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item {
    Card(TaskId),
    Column(StatusId),
}

/// A card or a column on its way.
pub(super) enum DraggedItem {
    Card(Box<CardDrag>),
    Column(Box<ColumnDrag>),
}

impl DraggedItem {
    pub(super) fn lift(desk: BoardState, item: Item, pointer: Option<(i32, Point)>) -> Option<Self> {
        match item {
            Item::Card(task) => CardDrag::lift(desk, task, pointer).map(|carry| Self::Card(Box::new(carry))),
            Item::Column(status) => ColumnDrag::lift(desk, status, pointer).map(|carry| Self::Column(Box::new(carry))),
        }
    }

    pub(super) fn track(&mut self, at: Point) {
        match self {
            Self::Card(carry) => carry.track(at),
            Self::Column(carry) => carry.track(at),
        }
    }

    pub(super) fn step(&mut self, step: KeyMove) {
        match self {
            Self::Card(carry) => carry.step(step),
            Self::Column(carry) => carry.step(step),
        }
    }

    pub(super) fn frame(&mut self, now: f64) -> Frame {
        match self {
            Self::Card(carry) => carry.frame(now),
            Self::Column(carry) => carry.frame(now),
        }
    }

    pub(super) fn put(self) {
        match self {
            Self::Card(carry) => carry.put(),
            Self::Column(carry) => carry.put(),
        }
    }

    pub(super) fn give_up(self, why: Frame) {
        match self {
            Self::Card(carry) => carry.give_up(why),
            Self::Column(carry) => carry.give_up(why),
        }
    }
}
