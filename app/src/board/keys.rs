//! Keys on the board, other than those of a drag.

use engine::{StatusId, TaskId};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::{
    board_state::BoardState,
    column_editor::Side,
    elements::{self, key_move},
    relocate::nudge,
    roving::is_shown,
};
use crate::ui::{dom, drag::KeyMove, field::shortcut};

/// Keys on a focused card: arrows, Home and End focus another, Alt with an arrow moves the card, M opens "Move to…",
/// Delete deletes it.
pub(super) fn on_board(state: BoardState, event: &KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() {
        return;
    }
    if let Some(column) = elements::handle_of(event.target()) {
        return on_handle(state, column, event);
    }
    let step = key_move(event);
    let Some(card) = elements::card_of(event.target()) else {
        // From a card's button too.
        if let (Some(step), Some(slot)) = (step, dom::closest(event.target(), ".slot"))
            && let Some(next) = beside(&slot, step)
        {
            focus_and_reveal(&next);
            event.prevent_default();
        }
        return;
    };
    let editable = state.can_edit.get_untracked();
    match (step, event.key().as_str()) {
        (Some(step), _) if event.alt_key() => {
            if editable && !matches!(step, KeyMove::First | KeyMove::Last) {
                nudge(state, card, step);
            }
        }
        (Some(step), _) => focus_neighbour(card, step),
        (None, _) if editable && shortcut(event) == Some('m') => state.moving.set(Some(card)),
        (None, "Delete") if editable => {
            // The focus would be lost: the neighbour takes it.
            if let Some(next) = neighbour(card, KeyMove::Down).or_else(|| neighbour(card, KeyMove::Up)) {
                dom::focus(&next);
            }
            state.store.delete(card);
        }
        _ => return,
    }
    event.prevent_default();
}

/// Keys on a column's name: Enter edits it, Alt with an arrow moves the column.
fn on_handle(state: BoardState, column: StatusId, event: &KeyboardEvent) {
    let side = match event.key().as_str() {
        "ArrowLeft" => Some(Side::Left),
        "ArrowRight" => Some(Side::Right),
        _ => None,
    };
    match (side, event.key().as_str()) {
        (Some(side), _) if event.alt_key() => {
            if let Some(index) = state.order.step(column, side) {
                state.announce(format!("Position {} of {}.", index + 1, state.order.ids_untracked().len()));
                // The browser drops the focus when the column is inserted elsewhere in the document.
                dom::after_render(move || {
                    if let Some(handle) = elements::handle(column) {
                        dom::focus(&handle);
                        dom::scroll_to(&handle);
                    }
                });
            }
        }
        (None, "Enter") => state.renaming.set(Some(column)),
        _ => return,
    }
    event.prevent_default();
}

/// Keys that work wherever the focus is, except in a text field or a dialog.
pub(super) fn everywhere(state: BoardState) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let new = shortcut(&event) == Some('n');
            let elsewhere = dom::find("dialog:modal").is_some() || dom::closest(event.target(), "dialog").is_some();
            if !new || !state.can_edit.get_untracked() || elsewhere {
                return;
            }
            let here = dom::id_of(event.target(), "[data-status-id]", "data-status-id")
                .and_then(|id| id.parse().ok())
                .or_else(|| state.store.statuses().with_untracked(|all| all.first().map(|status| status.id)));
            if here.is_some() {
                event.prevent_default();
                state.composing.set(here);
            }
        });
        on_cleanup(move || handle.remove());
    });
}

fn focus_neighbour(card: TaskId, step: KeyMove) {
    if let Some(next) = neighbour(card, step) {
        focus_and_reveal(&next);
    }
}

fn focus_and_reveal(card: &Element) {
    dom::focus(card);
    dom::scroll_to(card);
}

/// The visible card that a key leads to from another.
fn neighbour(card: TaskId, step: KeyMove) -> Option<Element> {
    beside(&elements::slot(card)?.unchecked_into(), step)
}

fn beside(slot: &Element, step: KeyMove) -> Option<Element> {
    let list = slot.parent_element()?;
    match step {
        KeyMove::Up => shown(slot.previous_element_sibling(), Element::previous_element_sibling),
        KeyMove::Down => shown(slot.next_element_sibling(), Element::next_element_sibling),
        KeyMove::Left => across(slot, Element::previous_element_sibling),
        KeyMove::Right => across(slot, Element::next_element_sibling),
        KeyMove::First => shown(list.first_element_child(), Element::next_element_sibling),
        KeyMove::Last => shown(list.last_element_child(), Element::previous_element_sibling),
    }
}

/// The first visible card, from a slot onwards.
fn shown(from: Option<Element>, next: fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut slots = std::iter::successors(from, next);
    slots.find(is_shown)?.query_selector(".card").ok()?
}

/// The card at about the same height in the nearest column that has one.
fn across(slot: &Element, next: fn(&Element) -> Option<Element>) -> Option<Element> {
    let column = slot.closest(".column").ok()??;
    let top = slot.get_bounding_client_rect().top();
    let mut columns = std::iter::successors(next(&column), next);
    columns.find_map(|column| {
        if column.has_attribute("data-collapsed") {
            return None;
        }
        let slots = column.query_selector_all(".slot").ok()?;
        let slots = (0..slots.length()).filter_map(|index| slots.item(index)?.dyn_into::<Element>().ok());
        let cards = slots.filter(is_shown).filter_map(|slot| slot.query_selector(".card").ok()?);
        let distance = |card: &Element| (card.get_bounding_client_rect().top() - top).abs();
        cards.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    })
}
