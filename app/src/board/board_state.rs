//! The state that the parts of a board page share, beside the board itself.

use engine::{StatusId, TaskId};
use leptos::prelude::*;

use super::{collapsed::CollapsedColumns, order::ColumnOrder, store::BoardStore};
use crate::ui::field::Drafts;

/// What is open on a board page, its drafts, and its announcements. Passed to the parts of [`super::BoardView`].
#[derive(Clone, Copy)]
pub(super) struct BoardState {
    pub(super) store: BoardStore,
    /// Opens a card.
    pub(super) open: Callback<TaskId>,
    /// The address of a card.
    pub(super) address: Callback<TaskId, String>,
    /// Whether the reader can change cards.
    pub(super) can_edit: Memo<bool>,
    /// The column whose field for a new card is open.
    pub(super) composing: RwSignal<Option<StatusId>>,
    /// The card whose menu is open.
    pub(super) menu: RwSignal<Option<TaskId>>,
    /// The column whose menu is open.
    pub(super) column_menu: RwSignal<Option<StatusId>>,
    /// The card that "Move to…" is open for.
    pub(super) moving: RwSignal<Option<TaskId>>,
    /// The card that Tab leads to: see [`super::roving`].
    pub(super) tab_stop: RwSignal<Option<TaskId>>,
    /// The column whose name is being edited.
    pub(super) renaming: RwSignal<Option<StatusId>>,
    /// The order of the columns.
    pub(super) order: ColumnOrder,
    /// The columns that are collapsed.
    pub(super) collapsed: CollapsedColumns,
    /// Titles of new cards that were typed and not added.
    pub(super) drafts: Drafts,
    announcement: RwSignal<String>,
}

impl BoardState {
    pub(super) fn new(store: BoardStore, open: Callback<TaskId>, address: Callback<TaskId, String>) -> Self {
        Self {
            store,
            open,
            address,
            can_edit: Memo::new(move |_| store.can_edit()),
            composing: RwSignal::new(None),
            menu: RwSignal::new(None),
            column_menu: RwSignal::new(None),
            moving: RwSignal::new(None),
            tab_stop: RwSignal::new(first_card(store)),
            renaming: RwSignal::new(None),
            order: ColumnOrder::new(store),
            collapsed: CollapsedColumns::new(store),
            drafts: Drafts::new(store.me(), "card", store.project_id()),
            announcement: RwSignal::new(String::new()),
        }
    }

    /// Announces a sentence to screen readers at once, also when it repeats the last one.
    pub(super) fn announce(&self, sentence: impl Into<String>) {
        let mut sentence = sentence.into();
        // A live region whose text does not change stays silent: a space makes it differ.
        if self.announcement.try_with_untracked(|announcement| *announcement == sentence) == Some(true) {
            sentence.push('\u{a0}');
        }
        self.announcement.try_set(sentence);
    }
}

/// The first card of the first column that has one.
fn first_card(store: BoardStore) -> Option<TaskId> {
    let statuses = store.statuses().get_untracked();
    statuses.iter().find_map(|status| store.column(status.id).with_untracked(|cards| cards.first().copied()))
}

/// The live region of [`BoardState::announce`].
pub(super) fn live_region(state: BoardState) -> impl IntoView {
    view! {
        <div class="visually-hidden" role="status" aria-live="assertive" aria-atomic="true">
            {move || state.announcement.get()}
        </div>
    }
}
