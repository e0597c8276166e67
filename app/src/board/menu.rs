//! The menu of a card: one popover for all cards.

use engine::TaskId;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{board_state::BoardState, elements};
use crate::ui::{dom, popover::Popover};

const MENU: Popover = Popover { mark: "data-card-menu", opener: "data-menu-of" };

/// The menu. [`show`] opens it.
pub(super) fn card_menu(state: BoardState) -> AnyView {
    let act = move |run: fn(BoardState, TaskId)| {
        move |_| {
            let card = state.menu.get_untracked();
            MENU.hide();
            if let Some(card) = card {
                run(state, card);
            }
        }
    };
    MENU.clear_when_closed(state.menu);
    // When another user moves the card out of view, it is scrolled into view again.
    Effect::new(move |_| {
        let Some(id) = state.menu.get() else { return };
        if let Some(card) = state.store.card(id) {
            state.store.column(card.with(|card| card.task.status_id)).track();
            dom::after_render(move || elements::reveal(id));
        }
    });
    view! {
        <div class="card-menu" popover="auto" role="menu" aria-label="Card" data-card-menu="" on:keydown=|event| keys(&event)>
            <button
                class="card-menu-item"
                type="button"
                role="menuitem"
                on:click=act(|state, card| { state.open.run(card); })
            >
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M6 3H4a1.5 1.5 0 0 0-1.5 1.5v7.5A1.5 1.5 0 0 0 4 13.5h7.5A1.5 1.5 0 0 0 13 12v-2M9 2.5h4.5V7M13 3 7.5 8.5"/>
                </svg>
                "Open"
                <span class="card-menu-keys" aria-hidden="true">"Enter"</span>
            </button>
            <button
                class="card-menu-item"
                type="button"
                role="menuitem"
                on:click=act(|state, card| state.moving.set(Some(card)))
            >
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M2.5 8h11M9.5 4l4 4-4 4"/>
                </svg>
                "Move to…"
                <span class="card-menu-keys" aria-hidden="true">"M"</span>
            </button>
            <button
                class="card-menu-item card-menu-danger"
                type="button"
                role="menuitem"
                on:click=act(|state, card| state.store.delete(card))
            >
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.800l.6-8.5"/>
                </svg>
                "Delete"
                <span class="card-menu-keys" aria-hidden="true">"Del"</span>
            </button>
        </div>
    }
    .into_any()
}

/// The card that the menu is open for.
pub(super) fn open_for() -> Option<TaskId> {
    MENU.open_for()?.parse().ok()
}

/// Closes the menu.
pub(super) fn hide() {
    MENU.hide();
}

/// Opens the menu beside a card's button.
pub(super) fn show(state: BoardState, card: TaskId) {
    state.menu.set(Some(card));
    if let Some(menu) = MENU.show(&card.to_string()) {
        focus_item(&menu, |_, _| 0);
    }
}

fn keys(event: &KeyboardEvent) {
    let Some(menu) = MENU.element() else { return };
    match event.key().as_str() {
        "ArrowDown" => focus_item(&menu, |at, count| (at + 1) % count),
        "ArrowUp" => focus_item(&menu, |at, count| (at + count - 1) % count),
        "Home" => focus_item(&menu, |_, _| 0),
        "End" => focus_item(&menu, |_, count| count - 1),
        "Tab" => MENU.hide(),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// Focuses the item whose index `choose` returns, given the index of the focused one and the count.
fn focus_item(menu: &HtmlElement, choose: impl Fn(usize, usize) -> usize) {
    let Ok(items) = menu.query_selector_all("[role=menuitem]") else { return };
    let items: Vec<HtmlElement> = (0..items.length()).filter_map(|index| items.item(index)?.dyn_into().ok()).collect();
    let active = document().active_element();
    let at = items.iter().position(|item| Some(item.as_ref()) == active.as_ref()).unwrap_or(0);
    if let Some(item) = (!items.is_empty()).then(|| choose(at, items.len())).and_then(|index| items.get(index)) {
        let _ = item.focus();
    }
}
