//! The board as a whole.

use std::{sync::Arc, time::Duration};

use engine::{StatusId, TaskId};
use leptos::{ev, prelude::*};
use web_sys::MouseEvent;

use super::{
    card::HELP,
    column::column,
    composer::is_typing,
    desk::{Desk, live_region},
    page,
    store::BoardStore,
};
use crate::session::backend;

/// What stands at the right end of a column's head: its menu.
#[derive(Clone)]
pub struct ColumnMenu(pub Arc<dyn Fn(StatusId) -> AnyView + Send + Sync>);

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
    /// The menu in each column's head.
    #[prop(optional)]
    column_menu: Option<ColumnMenu>,
) -> impl IntoView {
    let desk = Desk::new(store, open, address);
    keep_time(store);
    shortcuts(desk);
    view! {
        <div class="board" data-board="" on:click=move |event| clicked(desk, &event)>
            <For each=move || ids(store) key=|id| *id children=move |id| column(desk, id, column_menu.as_ref())/>
        </div>
        <p id=HELP hidden>
            "Enter opens the card. Space picks it up: then the arrow keys move it, Space drops it and Escape puts it back."
        </p>
        {live_region(desk)}
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
            store.tick(now, page::local_day(now));
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
    if let Some(id) = page::card_of(event.target()) {
        // The link is for other tabs and for pages without script.
        event.prevent_default();
        desk.open.run(id);
    }
}

/// Keys that work wherever the focus is, but in a text field.
fn shortcuts(desk: Desk) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented());
            if plain && event.key().eq_ignore_ascii_case("n") && !is_typing(event.target()) && desk.store.can_edit_now()
            {
                let here = page::id_of(event.target(), "[data-status-id]", "data-status-id")
                    .and_then(|id| id.parse().ok())
                    .or_else(|| desk.store.statuses().with_untracked(|all| all.first().map(|status| status.id)));
                if here.is_some() {
                    event.prevent_default();
                    desk.composing.set(here);
                }
            }
        });
        on_cleanup(move || handle.remove());
    });
}
