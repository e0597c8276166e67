//! The gap that opens where a dragged card would drop.
//!
//! The cards around it move by `translate`, so that they can glide by `transform` at the same time when another user
//! moves them. The style sheet draws the gap itself (`[data-gap]`) in the column, so that it scrolls and is clipped
//! with it.

use std::collections::HashMap;

use engine::TaskId;
use web_sys::HtmlElement;

use crate::{
    board::{
        drag::{
            geometry::{Plan, Slot},
            measure,
        },
        motion::animate,
    },
    ui::dom,
};

/// A gap in one of the columns.
#[derive(Default)]
pub(super) struct Gap {
    list: Option<HtmlElement>,
}

impl Gap {
    /// Opens the gap at `slot`, whose column has the list `list`, and closes it where it was before.
    pub(super) fn open(&mut self, list: HtmlElement, plan: &Plan, slot: Slot) {
        if self.list.as_ref() != Some(&list) {
            self.close();
        }
        let shifts: HashMap<TaskId, f64> = plan.shifts(slot.lane, slot).into_iter().collect();
        for (id, element) in measure::slots(&list) {
            shift(&element, shifts.get(&id).copied().unwrap_or_default());
        }
        let elsewhere = plan.origin().is_none_or(|origin| origin.lane != slot.lane);
        let room = if elsewhere { plan.height() + plan.spacing.gap } else { 0.0 };
        resize(&list, |list| {
            let style = list.style();
            for (name, length) in [("--gap-top", plan.top(slot)), ("--gap-height", plan.height()), ("--gap-room", room)]
            {
                let _ = style.set_property(name, &format!("{length}px"));
            }
            let _ = list.set_attribute("data-gap", "");
        });
        self.list = Some(list);
    }

    /// Closes it.
    pub(super) fn close(&mut self) {
        let Some(list) = self.list.take() else { return };
        for (_, element) in measure::slots(&list) {
            shift(&element, 0.0);
        }
        resize(&list, |list| {
            let _ = list.remove_attribute("data-gap");
            for name in ["--gap-top", "--gap-height", "--gap-room"] {
                let _ = list.style().remove_property(name);
            }
        });
    }

    /// The cards that have moved out of the way, each with its `translate`.
    pub(super) fn shifted(&self) -> Vec<(HtmlElement, String)> {
        let slots = self.list.iter().flat_map(measure::slots);
        let moved = slots.filter_map(|(_, element)| {
            let by = element.style().get_property_value("translate").ok()?;
            (!by.is_empty()).then_some((element, by))
        });
        moved.collect()
    }
}

fn shift(slot: &HtmlElement, by: f64) {
    let style = slot.style();
    let _ = match by {
        0.0 => style.remove_property("translate").map(drop),
        _ => style.set_property("translate", &format!("0 {by}px")),
    };
}

/// Changes the height of a column, and lets its foot glide to its new place.
fn resize(list: &HtmlElement, change: impl FnOnce(&HtmlElement)) {
    let foot = list.closest(".column").ok().flatten().and_then(|column| column.last_element_child());
    let top = || foot.as_ref().map_or(0.0, |foot| foot.get_bounding_client_rect().top());
    let before = top();
    change(list);
    let by = before - top();
    if let Some(foot) = foot.filter(|_| by.abs() >= 1.0 && !dom::reduced_motion()) {
        animate(&foot, &[("transform", &format!("translateY({by}px)"), "none")]);
    }
}
