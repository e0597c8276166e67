//! The board as a whole.

use std::{cell::Cell, time::Duration};

use engine::TaskId;
use leptos::{html, prelude::*};
use send_wrapper::SendWrapper;
use web_sys::MouseEvent;

use super::{
    board_state::{BoardState, live_region},
    card::HELP,
    column::{HELP as COLUMN_HELP, column},
    column_menu::{self, column_menu},
    drag, elements, keys,
    menu::{self, card_menu},
    new_column::new_column,
    notes::empty_note,
    relocate::move_dialog,
    role_notice::notify_role_changes,
    roving::TabStop,
    store::BoardStore,
};
use crate::{
    date::local_day,
    session::backend,
    ui::{dom, toast::use_toasts},
};

/// Columns of cards, kept live while the store is.
#[component]
pub fn BoardView(
    /// The board's signals: see [`open_board`](super::open_board).
    store: BoardStore,
    /// Opens a card.
    #[prop(into)]
    open: Callback<TaskId>,
    /// The address of a card, for its link.
    #[prop(into)]
    address: Callback<TaskId, String>,
) -> impl IntoView {
    let state = BoardState::new(store, open, address);
    keep_time(store);
    notify_role_changes(store, use_toasts());
    expand_for_composer(state);
    keys::everywhere(state);
    // From the node, because after client-side navigation the board is created before it is in the document.
    let board = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(board) = board.get() else { return };
        let listeners = SendWrapper::new((drag::listen(state, &board), TabStop::install(state, &board)));
        on_cleanup(move || drop(listeners));
    });
    Effect::new(move |_| {
        if take_new_board() {
            state.composing.set(store.statuses().with_untracked(|all| all.first().map(|status| status.id)));
        }
    });
    view! {
        <div class="board" data-board="" node_ref=board on:click=move |event| clicked(state, &event) on:keydown=move |event| keys::on_board(state, &event)>
            <For each=move || state.order.ids() key=|id| *id children=move |id| column(state, id)/>
            {move || state.can_edit.get().then(|| new_column(state))}
        </div>
        {empty_note(state)}
        <p id=HELP hidden>
            "The arrow keys go to other cards, Enter opens the card. Space picks it up: then the arrow keys move it, Space drops it and Escape puts it back."
        </p>
        <p id=COLUMN_HELP hidden>
            "Enter renames the column. Space picks it up: then the arrow keys move it, Space drops it and Escape puts it back."
        </p>
        <div class="drag-layer" data-drag-layer="" aria-hidden="true"></div>
        {card_menu(state)}
        {column_menu(state)}
        {move_dialog(state)}
        {live_region(state)}
        <div class="visually-hidden" role="status" data-testid="others-said">{move || store.others_announcement().get()}</div>
    }
    .into_any()
}

/// Expands a column whose field for a new card opens: a strip has no room for it.
fn expand_for_composer(state: BoardState) {
    Effect::new(move |_| {
        if let Some(column) = state.composing.get() {
            state.collapsed.set(column, false);
        }
    });
}

/// Switches from the clock of the first paint to the reader's.
fn keep_time(store: BoardStore) {
    let backend = backend();
    Effect::new(move |_| {
        let backend = backend.clone();
        let tick = move || {
            let now = backend.now();
            store.tick(now, local_day(now));
        };
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(60)) {
            on_cleanup(move || handle.clear());
        }
    });
}

fn clicked(state: BoardState, event: &MouseEvent) {
    let plain = event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    if !plain {
        return;
    }
    let id = |mark: &str, name: &str| dom::id_of(event.target(), mark, name)?.parse().ok();
    if let Some(column) = id(".column[data-collapsed]", "data-status-id") {
        state.collapsed.set(column, false);
    } else if let Some(column) = id("[data-collapse]", "data-collapse") {
        state.collapsed.set(column, true);
    } else if let Some(column) = elements::handle_of(event.target()) {
        state.renaming.set(Some(column));
    } else if let Some(card) = dom::id_of(event.target(), "[data-menu-of]", "data-menu-of") {
        if let Ok(card) = card.parse() {
            menu::show(state, card);
        }
    } else if let Some(column) = dom::id_of(event.target(), "[data-column-menu-of]", "data-column-menu-of") {
        if let Ok(column) = column.parse() {
            column_menu::show(state, column);
        }
    } else if let Some(card) = elements::card_of(event.target()) {
        // The link itself is for other tabs, and for pages without scripts.
        event.prevent_default();
        state.open.run(card);
    }
}

thread_local! {
    static NEW_BOARD: Cell<bool> = const { Cell::new(false) };
}

/// Marks the next board that opens as new: the field for its first card opens with it.
pub(crate) fn mark_new_board() {
    NEW_BOARD.set(true);
}

/// Whether the board that opens is new. Resets the mark.
pub(crate) fn take_new_board() -> bool {
    NEW_BOARD.replace(false)
}
