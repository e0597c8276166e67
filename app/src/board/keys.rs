//! Keys on the board that are not about dragging.

use engine::{StatusId, TaskId};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::{desk::Desk, drag::Step, page, relocate::nudge};
use crate::{column::Side, field::shortcut};

/// Keys on a focused card: arrows go to the next card, Alt with them moves it, M and Del act on it.
pub(super) fn on_board(desk: Desk, event: &KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() {
        return;
    }
    if let Some(column) = page::handle_of(event.target()) {
        return on_handle(desk, column, event);
    }
    let Some(card) = page::card_of(event.target()) else { return };
    let step = match event.key().as_str() {
        "ArrowUp" => Some(Step::Up),
        "ArrowDown" => Some(Step::Down),
        "ArrowLeft" => Some(Step::Left),
        "ArrowRight" => Some(Step::Right),
        _ => None,
    };
    let editable = desk.can_edit.get_untracked();
    match (step, event.key().as_str()) {
        (Some(step), _) if event.alt_key() => {
            if editable {
                nudge(desk, card, step);
            }
        }
        (Some(step), _) => go(card, step),
        (None, _) if editable && shortcut(event) == Some('m') => desk.moving.set(Some(card)),
        (None, "Delete") if editable => {
            // The focus would be nowhere: the neighbour takes it.
            if let Some(next) = neighbour(card, Step::Down).or_else(|| neighbour(card, Step::Up)) {
                page::focus(&next);
            }
            desk.store.delete(card);
        }
        _ => return,
    }
    event.prevent_default();
}

/// Keys on a column's name: Enter edits it, Alt with an arrow moves the column.
fn on_handle(desk: Desk, column: StatusId, event: &KeyboardEvent) {
    let side = match event.key().as_str() {
        "ArrowLeft" => Some(Side::Left),
        "ArrowRight" => Some(Side::Right),
        _ => None,
    };
    match (side, event.key().as_str()) {
        (Some(side), _) if event.alt_key() => {
            if let Some(index) = desk.order.step(column, side) {
                desk.say(format!("Position {} of {}.", index + 1, desk.order.ids_untracked().len()));
                // It may have become another element's neighbour, and lost the focus on the way.
                page::after_render(move || {
                    if let Some(handle) = page::handle(column) {
                        page::focus(&handle);
                        page::scroll_to(&handle);
                    }
                });
            }
        }
        (None, "Enter") => desk.renaming.set(Some(column)),
        _ => return,
    }
    event.prevent_default();
}

/// Keys that work wherever the focus is, but in a text field or a dialog.
pub(super) fn everywhere(desk: Desk) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let new = shortcut(&event) == Some('n');
            let elsewhere = page::find("dialog:modal").is_some() || page::closest(event.target(), "dialog").is_some();
            if !new || !desk.can_edit.get_untracked() || elsewhere {
                return;
            }
            let here = page::id_of(event.target(), "[data-status-id]", "data-status-id")
                .and_then(|id| id.parse().ok())
                .or_else(|| desk.store.statuses().with_untracked(|all| all.first().map(|status| status.id)));
            if here.is_some() {
                event.prevent_default();
                desk.composing.set(here);
            }
        });
        on_cleanup(move || handle.remove());
    });
}

fn go(card: TaskId, step: Step) {
    if let Some(next) = neighbour(card, step) {
        page::focus(&next);
        page::scroll_to(&next);
    }
}

/// The shown card that an arrow key leads to from another.
fn neighbour(card: TaskId, step: Step) -> Option<Element> {
    let slot: Element = page::slot(card)?.unchecked_into();
    match step {
        Step::Up => shown(&slot, Element::previous_element_sibling),
        Step::Down => shown(&slot, Element::next_element_sibling),
        Step::Left => across(&slot, Element::previous_element_sibling),
        Step::Right => across(&slot, Element::next_element_sibling),
        Step::First | Step::Last => None,
    }
}

fn shown(slot: &Element, next: fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut slots = std::iter::successors(next(slot), next);
    slots.find(|slot| !slot.has_attribute("hidden"))?.first_element_child()
}

/// The card of the nearest column with one, at about the same height.
fn across(slot: &Element, next: fn(&Element) -> Option<Element>) -> Option<Element> {
    let column = slot.closest(".column").ok()??;
    let top = slot.get_bounding_client_rect().top();
    let mut columns = std::iter::successors(next(&column), next);
    columns.find_map(|column| {
        if column.has_attribute("data-collapsed") {
            return None;
        }
        let cards = column.query_selector_all(".slot:not([hidden]) > .card").ok()?;
        let cards = (0..cards.length()).filter_map(|index| cards.item(index)?.dyn_into::<Element>().ok());
        let distance = |card: &Element| (card.get_bounding_client_rect().top() - top).abs();
        cards.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    })
}
