//! Which card comes before and after the open one: down its column as it is shown, then on in the next column.

use engine::TaskId;
use leptos::prelude::*;

use super::OpenCard;
use crate::board::filter::BoardFilter;

/// Which of the two cards beside another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Neighbour {
    /// The one before it.
    Before,
    /// The one after it.
    After,
}

/// Tracks the card that comes before or after the open one, of those that the filter shows. `None` at the ends, and where
/// the open one is gone.
pub(super) fn neighbour(open: OpenCard, filter: Option<BoardFilter>, step: Neighbour) -> Option<TaskId> {
    let store = open.store;
    let columns = store.statuses().with(|all| all.iter().map(|status| store.column(status.id)).collect::<Vec<_>>());
    let cards: Vec<TaskId> = columns.iter().flat_map(|column| column.get()).collect();
    let at = cards.iter().position(|id| *id == open.id)?;
    let is_shown = |id: &&TaskId| {
        filter.is_none_or(|filter| {
            !filter.is_active() || store.card(**id).is_some_and(|card| card.with(|card| filter.shows(&card.task)))
        })
    };
    match step {
        Neighbour::Before => cards[..at].iter().rev().find(is_shown),
        Neighbour::After => cards[at + 1..].iter().find(is_shown),
    }
    .copied()
}
