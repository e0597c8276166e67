//! The card before and after the open one: down its column as shown, then on in the next column.

use engine::TaskId;
use leptos::prelude::*;

use super::OpenCard;
use crate::board::filter::BoardFilter;

/// One of the two neighbours of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Neighbour {
    /// The one before it.
    Before,
    /// The one after it.
    After,
}

/// Tracks a neighbour of the open card, among the cards that the filter shows. `None` at the ends, and when the open
/// card is gone.
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
