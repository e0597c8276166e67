//! What the parts of one board page share besides the board itself: what is open, and what is read out.

use engine::{StatusId, TaskId};
use leptos::prelude::*;

use super::{collapsed::CollapsedColumns, order::ColumnOrder, store::BoardStore};
use crate::ui::field::Drafts;

/// The board page's own state. A context of [`super::BoardView`].
#[derive(Clone, Copy)]
pub(super) struct BoardState {
    pub(super) store: BoardStore,
    /// What a click or Enter on a card does.
    pub(super) open: Callback<TaskId>,
    /// A task's address.
    pub(super) address: Callback<TaskId, String>,
    /// Whether the reader may change tasks.
    pub(super) can_edit: Memo<bool>,
    /// The column whose add-task field is open.
    pub(super) composing: RwSignal<Option<StatusId>>,
    /// The card whose menu is open.
    pub(super) menu: RwSignal<Option<TaskId>>,
    /// The column whose menu is open.
    pub(super) column_menu: RwSignal<Option<StatusId>>,
    /// The card that "Move to…" is open for.
    pub(super) moving: RwSignal<Option<TaskId>>,
    /// The card that Tab leads to: see [`super::roving`].
    pub(super) tab_stop: RwSignal<Option<TaskId>>,
    /// The column whose name is being edited in its head.
    pub(super) renaming: RwSignal<Option<StatusId>>,
    /// The order of the columns.
    pub(super) order: ColumnOrder,
    /// The columns that are collapsed.
    pub(super) collapsed: CollapsedColumns,
    /// What was typed as the title of a new card, and not added.
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

    /// Reads a sentence out, at once. The same sentence again is read again.
    pub(super) fn announce(&self, sentence: impl Into<String>) {
        let mut sentence = sentence.into();
        // A live region whose text does not change stays silent: a space makes the difference.
        if self.announcement.try_with_untracked(|announcement| *announcement == sentence) == Some(true) {
            sentence.push('\u{a0}');
        }
        self.announcement.try_set(sentence);
    }
}

/// The card that one comes to first.
fn first_card(store: BoardStore) -> Option<TaskId> {
    let statuses = store.statuses().get_untracked();
    statuses.iter().find_map(|status| store.column(status.id).with_untracked(|cards| cards.first().copied()))
}

/// Where [`BoardState::announce`] is read out.
pub(super) fn live_region(state: BoardState) -> impl IntoView {
    view! {
        <div class="visually-hidden" role="status" aria-live="assertive" aria-atomic="true">
            {move || state.announcement.get()}
        </div>
    }
}
