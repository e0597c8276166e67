//! The menu of one card: one popover for all of them.

use std::rc::Rc;

use engine::TaskId;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use super::{
    desk::Desk,
    listener::{Listener, Phase},
    page,
};

const MENU: &str = "[data-card-menu]";
/// Between the button and the menu, and from the window's edge, in CSS pixels.
const APART: f64 = 4.0;

/// The menu. Opened by [`toggle`].
pub(super) fn card_menu(desk: Desk) -> AnyView {
    let act = move |run: fn(Desk, TaskId)| {
        move |_| {
            let card = desk.menu.get_untracked();
            hide();
            if let Some(card) = card {
                run(desk, card);
            }
        }
    };
    // The browser closes it by itself, too: on Esc, and on a press elsewhere.
    Effect::new(move |_| {
        let Some(menu) = page::find(MENU) else { return };
        let closed = move |_: &Event| {
            if !is_shown() {
                mark_button(desk.menu.get_untracked(), false);
                desk.menu.set(None);
            }
        };
        let listener = SendWrapper::new(Rc::new(Listener::on(&menu, "toggle", Phase::Bubble, closed)));
        on_cleanup(move || drop(listener));
    });
    view! {
        <div class="card-menu" popover="auto" role="menu" aria-label="Card" data-card-menu="" on:keydown=|event| keys(&event)>
            <button
                class="card-menu-item"
                type="button"
                role="menuitem"
                on:click=act(|desk, card| { desk.open.run(card); })
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
                on:click=act(|desk, card| desk.moving.set(Some(card)))
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
                on:click=act(|desk, card| desk.store.delete(card))
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

/// Opens the menu beside a card's button.
pub(super) fn show(desk: Desk, card: TaskId, button: &Element) {
    let Some(menu) = page::find(MENU) else { return };
    desk.menu.set(Some(card));
    // Fails where it is open already.
    let _ = menu.show_popover();
    mark_button(Some(card), true);
    let (at, size) = (button.get_bounding_client_rect(), menu.get_bounding_client_rect());
    let length = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64());
    let width = length(window().inner_width()).unwrap_or(f64::MAX);
    let height = length(window().inner_height()).unwrap_or(f64::MAX);
    let below = at.bottom() + APART;
    let top = if below + size.height() + APART > height { at.top() - APART - size.height() } else { below };
    let left = at.left().min(width - size.width() - 2.0 * APART);
    let style = menu.style();
    let _ = style.set_property("left", &format!("{}px", left.max(APART)));
    let _ = style.set_property("top", &format!("{}px", top.max(APART)));
    focus_item(&menu, |_, _| 0);
}

fn hide() {
    if let Some(menu) = page::find(MENU) {
        let _ = menu.hide_popover();
    }
}

fn is_shown() -> bool {
    page::find(&format!("{MENU}:popover-open")).is_some()
}

fn mark_button(card: Option<TaskId>, expanded: bool) {
    if let Some(button) = card.and_then(|card| page::find(&format!("[data-menu-of=\"{card}\"]"))) {
        let _ = button.set_attribute("aria-expanded", if expanded { "true" } else { "false" });
    }
}

fn keys(event: &KeyboardEvent) {
    let Some(menu) = page::find(MENU) else { return };
    match event.key().as_str() {
        "ArrowDown" => focus_item(&menu, |at, count| (at + 1) % count),
        "ArrowUp" => focus_item(&menu, |at, count| (at + count - 1) % count),
        "Home" => focus_item(&menu, |_, _| 0),
        "End" => focus_item(&menu, |_, count| count - 1),
        "Tab" => hide(),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// Puts the focus on the item that `choose` makes of the focused one's number and the count.
fn focus_item(menu: &HtmlElement, choose: impl Fn(usize, usize) -> usize) {
    let Ok(items) = menu.query_selector_all("[role=menuitem]") else { return };
    let items: Vec<HtmlElement> = (0..items.length()).filter_map(|index| items.item(index)?.dyn_into().ok()).collect();
    let active = document().active_element();
    let at = items.iter().position(|item| Some(item.as_ref()) == active.as_ref()).unwrap_or(0);
    if let Some(item) = (!items.is_empty()).then(|| choose(at, items.len())).and_then(|index| items.get(index)) {
        let _ = item.focus();
    }
}
