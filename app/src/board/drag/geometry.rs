//! Where a dragged card would go. Pure: no DOM, no clock.
//!
//! Lengths are CSS pixels. Columns are measured across, in the coordinates of the board's content; cards are measured
//! down, in the coordinates of their column's content. Scrolling changes neither, so one measurement lasts until the
//! board itself changes.

use engine::{Placement, StatusId, TaskId};

use crate::ui::drag::KeyMove;

/// The box of a visible card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CardBox {
    pub(crate) id: TaskId,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// A column, with its visible cards from top to bottom. The dragged card stays among them until it is dropped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lane {
    pub(crate) status: StatusId,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) rows: Vec<CardBox>,
}

/// A gap between cards: above card number `index` of a lane, not counting the dragged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) lane: usize,
    pub(crate) index: usize,
}

/// Distances within a column, from its style sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spacing {
    /// Between two cards.
    pub(crate) gap: f64,
    /// Above the first card.
    pub(crate) top: f64,
}

/// The measured lanes, and the card that is dragged over them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) lanes: Vec<Lane>,
    pub(crate) dragged: TaskId,
    pub(crate) spacing: Spacing,
}

impl Plan {
    /// The gap that the dragged card came from. `None` when it is in no lane.
    pub(crate) fn origin(&self) -> Option<Slot> {
        self.lanes.iter().enumerate().find_map(|(lane, column)| {
            let index = column.rows.iter().position(|row| row.id == self.dragged)?;
            Some(Slot { lane, index })
        })
    }

    /// The lane at or nearest to `x`.
    pub(crate) fn lane_at(&self, x: f64) -> Option<usize> {
        let distance = |lane: &Lane| (lane.left - x).max(x - lane.right).max(0.0);
        let nearest = self.lanes.iter().enumerate().min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)));
        nearest.map(|(lane, _)| lane)
    }

    /// The gap in a lane for a card whose upper edge is at `top`: below every card whose middle is above that edge.
    ///
    /// Cards are compared as they are without the dragged one, so that the gap does not change with the room made for
    /// it.
    pub(crate) fn slot_at(&self, lane: usize, top: f64) -> Slot {
        Slot { lane, index: self.others(lane).filter(|row| (row.top + row.bottom) / 2.0 < top).count() }
    }

    /// The gap that a key leads to. At an end, the same one.
    pub(crate) fn step(&self, from: Slot, step: KeyMove) -> Slot {
        let lane = match step {
            KeyMove::Left => from.lane.saturating_sub(1),
            KeyMove::Right => (from.lane + 1).min(self.lanes.len().saturating_sub(1)),
            _ => from.lane,
        };
        let most = self.size(lane);
        let index = match step {
            KeyMove::Up => from.index.saturating_sub(1),
            KeyMove::Down => from.index + 1,
            KeyMove::First => 0,
            KeyMove::Last => most,
            KeyMove::Left | KeyMove::Right => from.index,
        };
        Slot { lane, index: index.min(most) }
    }

    /// A gap named by the cards around it, as the server receives it.
    pub(crate) fn placement(&self, slot: Slot) -> Option<Placement> {
        let status_id = self.lanes.get(slot.lane)?.status;
        let after = slot.index.checked_sub(1).and_then(|above| self.others(slot.lane).nth(above));
        let before = self.others(slot.lane).nth(slot.index);
        Some(Placement { status_id, after_id: after.map(|row| row.id), before_id: before.map(|row| row.id) })
    }

    /// The upper edge of a gap.
    pub(crate) fn top(&self, slot: Slot) -> f64 {
        let above = slot.index.checked_sub(1).and_then(|above| self.others(slot.lane).nth(above));
        above.map_or(self.spacing.top, |above| above.bottom + self.spacing.gap)
    }

    /// The height of the gap: that of the dragged card.
    pub(crate) fn height(&self) -> f64 {
        self.dragged_row().map_or(0.0, |row| row.bottom - row.top)
    }

    /// How far each card of a lane moves down (negative: up) to make room for a gap. In the lane that the card came
    /// from, its own place closes when the gap is there, and stays when it is elsewhere.
    pub(crate) fn shifts(&self, lane: usize, slot: Slot) -> Vec<(TaskId, f64)> {
        let rows = self.lanes.get(lane).map(|lane| lane.rows.as_slice()).unwrap_or_default();
        let measured = rows.iter().filter(|row| row.id != self.dragged);
        let room = self.height() + self.spacing.gap;
        let shift = |(index, (measured, row)): (usize, (&CardBox, CardBox))| {
            let opened = if index >= slot.index { room } else { 0.0 };
            (row.id, if lane == slot.lane { row.top + opened - measured.top } else { 0.0 })
        };
        measured.zip(self.others(lane)).enumerate().map(shift).collect()
    }

    /// The number of cards in a lane, not counting the dragged one.
    pub(crate) fn size(&self, lane: usize) -> usize {
        self.others(lane).count()
    }

    /// The cards of a lane as they are without the dragged one.
    fn others(&self, lane: usize) -> impl Iterator<Item = CardBox> {
        let rows = self.lanes.get(lane).map(|lane| lane.rows.as_slice()).unwrap_or_default();
        let place = rows.iter().find(|row| row.id == self.dragged);
        let (below, room) =
            place.map_or((f64::INFINITY, 0.0), |place| (place.top, place.bottom - place.top + self.spacing.gap));
        rows.iter().filter(|row| row.id != self.dragged).map(move |row| {
            let closed = if row.top > below { room } else { 0.0 };
            CardBox { top: row.top - closed, bottom: row.bottom - closed, ..*row }
        })
    }

    fn dragged_row(&self) -> Option<CardBox> {
        self.lanes.iter().flat_map(|lane| &lane.rows).find(|row| row.id == self.dragged).copied()
    }
}

#[cfg(test)]
mod tests;
