//! Measures the board's layout for the geometry.

use engine::{StatusId, TaskId};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{
    geometry::{CardBox, Lane, Plan, Spacing},
    row::{ColumnRow, Span},
};
use crate::board::{elements, store::BoardStore};

/// Measures the columns and the visible cards, by layout boxes: neither scrolling nor a running animation changes
/// those.
pub(crate) fn plan(store: BoardStore, dragged: TaskId) -> Plan {
    let statuses = store.statuses().with_untracked(|all| all.iter().map(|status| status.id).collect::<Vec<_>>());
    let mut spacing = Spacing::default();
    let lanes = statuses.into_iter().filter_map(|status| {
        let list = elements::list(status)?;
        let column = list.closest(".column").ok()??.dyn_into::<HtmlElement>().ok()?;
        // A collapsed column has no list to measure, and shows no gap.
        if list.offset_height() > 0 && spacing == Spacing::default() {
            spacing = Spacing { gap: length(&list, "row-gap"), top: length(&list, "padding-top") };
        }
        let left = f64::from(column.offset_left());
        let rows = slots(&list).filter_map(|(id, slot)| row(id, &slot)).collect();
        Some(Lane { status, left, right: left + f64::from(column.offset_width()), rows })
    });
    let lanes = lanes.collect();
    Plan { lanes, dragged, spacing }
}

/// Measures the columns side by side. `None` when `dragged` is not among them.
pub(super) fn columns(dragged: StatusId) -> Option<ColumnRow> {
    let board = elements::board()?;
    let children = std::iter::successors(board.first_element_child(), Element::next_element_sibling);
    let spans = children.filter_map(|column| {
        let id = column.get_attribute("data-status-id")?.parse().ok()?;
        let column: HtmlElement = column.dyn_into().ok()?;
        let left = f64::from(column.offset_left());
        Some(Span { id, left, right: left + f64::from(column.offset_width()) })
    });
    ColumnRow::new(spans.collect(), dragged, length(&board, "column-gap"))
}

/// A length from an element's computed style, in CSS pixels.
fn length(element: &HtmlElement, property: &str) -> f64 {
    let style = window().get_computed_style(element).ok().flatten();
    let value = style.and_then(|style| style.get_property_value(property).ok()).unwrap_or_default();
    value.trim_end_matches("px").parse().unwrap_or_default()
}

/// The slots of a column's cards, in order, including hidden ones.
pub(super) fn slots(list: &HtmlElement) -> impl Iterator<Item = (TaskId, HtmlElement)> + use<> {
    let children = std::iter::successors(list.first_element_child(), Element::next_element_sibling);
    children.filter_map(|slot| {
        let id = slot.first_element_child()?.get_attribute("data-task-id")?.parse().ok()?;
        Some((id, slot.dyn_into().ok()?))
    })
}

/// `None` for a card that the filter hides.
fn row(id: TaskId, slot: &HtmlElement) -> Option<CardBox> {
    let height = f64::from(slot.offset_height());
    let top = f64::from(slot.offset_top());
    (height > 0.0).then_some(CardBox { id, top, bottom: top + height })
}
