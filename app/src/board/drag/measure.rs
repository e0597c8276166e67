//! The board as the geometry knows it, from the DOM.

use engine::TaskId;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::geometry::{Lane, Plan, Row};
use crate::board::{page, store::BoardStore};

/// Measures the columns and the shown cards. Layout boxes, so that neither scrolling nor a running
/// animation changes what is measured.
pub(crate) fn plan(store: BoardStore, dragged: TaskId) -> Plan {
    let statuses = store.statuses().with_untracked(|all| all.iter().map(|status| status.id).collect::<Vec<_>>());
    let lanes = statuses.into_iter().filter_map(|status| {
        let list = page::list(status)?;
        let column = list.closest(".column").ok()??.dyn_into::<HtmlElement>().ok()?;
        let left = f64::from(column.offset_left());
        let rows = children(&list).filter_map(|slot| row(&slot)).collect();
        Some(Lane { status, left, right: left + f64::from(column.offset_width()), rows })
    });
    Plan { lanes: lanes.collect(), dragged }
}

fn children(list: &HtmlElement) -> impl Iterator<Item = HtmlElement> {
    std::iter::successors(list.first_element_child(), Element::next_element_sibling)
        .filter_map(|child| child.dyn_into().ok())
}

/// `None` for a card that the filter hides.
fn row(slot: &HtmlElement) -> Option<Row> {
    let height = f64::from(slot.offset_height());
    if height == 0.0 {
        return None;
    }
    let id = slot.first_element_child()?.get_attribute("data-task-id")?.parse().ok()?;
    let top = f64::from(slot.offset_top());
    Some(Row { id, top, bottom: top + height })
}
