//! Where a dragged column would go. Pure, like the geometry of cards: offsets across the board's content, in CSS
//! pixels.

use engine::StatusId;

/// The left and the right edge of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) id: StatusId,
    pub(super) left: f64,
    pub(super) right: f64,
}

/// The measured columns, and the one that is dragged.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColumnRow {
    columns: Vec<Span>,
    dragged: usize,
    gap: f64,
}

impl ColumnRow {
    /// `None` when `dragged` is not one of the columns.
    pub(super) fn new(columns: Vec<Span>, dragged: StatusId, gap: f64) -> Option<Self> {
        let dragged = columns.iter().position(|column| column.id == dragged)?;
        Some(Self { columns, dragged, gap })
    }

    /// The index that the dragged column came from.
    pub(super) fn origin(&self) -> usize {
        self.dragged
    }

    /// The number of columns.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The ids, in order.
    pub(super) fn ids(&self) -> Vec<StatusId> {
        self.columns.iter().map(|column| column.id).collect()
    }

    /// The dragged column, as measured.
    pub(super) fn dragged(&self) -> Span {
        self.columns[self.dragged]
    }

    /// The index for a column whose left edge is at `left`: behind every other column whose middle, without the dragged
    /// one, is before that edge.
    pub(super) fn index_at(&self, left: f64) -> usize {
        self.others().filter(|column| f64::midpoint(column.left, column.right) < left).count()
    }

    /// The left edge at an index.
    pub(super) fn left(&self, index: usize) -> f64 {
        let before = index.checked_sub(1).and_then(|before| self.others().nth(before));
        before.map_or_else(|| self.columns[0].left, |before| before.right + self.gap)
    }

    /// How far each column moves right (negative: left) when the dragged one is at `index`.
    pub(super) fn shifts(&self, index: usize) -> Vec<(StatusId, f64)> {
        let room = self.width() + self.gap;
        let measured = self.columns.iter().filter(|column| column.id != self.dragged().id);
        let others = measured.zip(self.others()).enumerate().map(|(at, (measured, column))| {
            let opened = if at >= index { room } else { 0.0 };
            (column.id, column.left + opened - measured.left)
        });
        others.chain([(self.dragged().id, self.left(index) - self.dragged().left)]).collect()
    }

    /// The order of the columns when the dragged one is at `index`.
    pub(super) fn order(&self, index: usize) -> Vec<StatusId> {
        let mut ids: Vec<StatusId> = self.others().map(|column| column.id).collect();
        ids.insert(index.min(ids.len()), self.dragged().id);
        ids
    }

    fn width(&self) -> f64 {
        self.dragged().right - self.dragged().left
    }

    /// The columns as they are without the dragged one.
    fn others(&self) -> impl Iterator<Item = Span> {
        let room = self.width() + self.gap;
        self.columns.iter().enumerate().filter(|(at, _)| *at != self.dragged).map(move |(at, column)| {
            let closed = if at > self.dragged { room } else { 0.0 };
            Span { left: column.left - closed, right: column.right - closed, ..*column }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> StatusId {
        StatusId::new(Uuid::from_u128(n))
    }

    /// Four columns, the second of which is collapsed.
    fn row(dragged: u128) -> ColumnRow {
        let mut left = 16.0;
        let columns = [288.0, 44.0, 288.0, 288.0].iter().zip(0..).map(|(width, n)| {
            let span = Span { id: id(n), left, right: left + width };
            left = span.right + 12.0;
            span
        });
        ColumnRow::new(columns.collect(), id(dragged), 12.0).expect("it is one of them")
    }

    #[test]
    fn the_others_make_exactly_the_room_that_the_column_takes() {
        for dragged in 0..4 {
            let row = row(dragged);
            for index in 0..4 {
                let shifts: HashMap<StatusId, f64> = row.shifts(index).into_iter().collect();
                let mut left = 16.0;
                for id in row.order(index) {
                    let column = row.columns.iter().find(|column| column.id == id).expect("a column");
                    assert!((column.left + shifts[&id] - left).abs() < 1e-6, "{dragged} to {index}");
                    left += column.right - column.left + 12.0;
                }
            }
        }
    }

    #[test]
    fn a_column_over_a_place_drops_there() {
        for dragged in 0..4 {
            let row = row(dragged);
            assert_eq!(row.index_at(row.dragged().left), row.origin());
            for index in 0..4 {
                for off in [-15.0, 0.0, 15.0] {
                    assert_eq!(row.index_at(row.left(index) + off), index, "{dragged} at {index}");
                }
            }
        }
    }

    #[test]
    fn a_missing_column_cannot_be_dragged() {
        assert_eq!(ColumnRow::new(Vec::new(), id(1), 12.0), None);
    }
}
