//! The board as a whole.

use std::time::Duration;

use engine::{StatusId, TaskId};
use leptos::{html, prelude::*};
use send_wrapper::SendWrapper;
use web_sys::MouseEvent;

use super::{
    card::HELP,
    column::column,
    column_menu::{self, column_menu},
    desk::{Desk, live_region},
    drag, keys,
    menu::{self, card_menu},
    page,
    relocate::move_dialog,
    role_notice::tell_of_role,
    roving::TabStop,
    store::BoardStore,
};
use crate::{date::local_day, focus::take_new_board, session::backend, toast::use_toasts};

/// Columns of cards, kept live while the store is.
#[component]
pub fn BoardView(
    /// The board's signals: see [`BoardStore::open`].
    store: BoardStore,
    /// What a click or Enter on a card does.
    #[prop(into)]
    open: Callback<TaskId>,
    /// The address of a task, for the card's link.
    #[prop(into)]
    address: Callback<TaskId, String>,
) -> impl IntoView {
    let desk = Desk::new(store, open, address);
    keep_time(store);
    tell_of_role(store, use_toasts());
    keys::everywhere(desk);
    // By its node: where the page came without a new document, the board is made before it is in the document.
    let board = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(board) = board.get() else { return };
        let kept = SendWrapper::new((drag::listen(desk, &board), TabStop::keep(desk, &board)));
        on_cleanup(move || drop(kept));
    });
    Effect::new(move |_| {
        if take_new_board() {
            desk.composing.set(store.statuses().with_untracked(|all| all.first().map(|status| status.id)));
        }
    });
    view! {
        <div class="board" data-board="" node_ref=board on:click=move |event| clicked(desk, &event) on:keydown=move |event| keys::on_board(desk, &event)>
            <For each=move || ids(store) key=|id| *id children=move |id| column(desk, id)/>
        </div>
        <p id=HELP hidden>
            "The arrow keys go to other cards, Enter opens the card. Space picks it up: then the arrow keys move it, Space drops it and Escape puts it back."
        </p>
        <div class="drag-layer" data-drag-layer="" aria-hidden="true">
            <div class="drag-mark" data-drag-mark=""></div>
        </div>
        {card_menu(desk)}
        {column_menu(desk)}
        {move_dialog(desk)}
        {live_region(desk)}
        <div class="visually-hidden" role="status" data-testid="others-said">{move || store.others_said().get()}</div>
    }
    .into_any()
}

fn ids(store: BoardStore) -> Vec<StatusId> {
    store.statuses().with(|all| all.iter().map(|status| status.id).collect())
}

/// Moves from the clock of the first paint to the reader's.
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

fn clicked(desk: Desk, event: &MouseEvent) {
    let plain = event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    if !plain {
        return;
    }
    if let Some(card) = page::id_of(event.target(), "[data-menu-of]", "data-menu-of") {
        if let Ok(card) = card.parse() {
            menu::show(desk, card);
        }
    } else if let Some(column) = page::id_of(event.target(), "[data-column-menu-of]", "data-column-menu-of") {
        if let Ok(column) = column.parse() {
            column_menu::show(desk, column);
        }
    } else if let Some(card) = page::card_of(event.target()) {
        // The link is for other tabs and for pages without script.
        event.prevent_default();
        desk.open.run(card);
    }
}
