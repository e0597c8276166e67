//! Animates changes: cards glide to their new place, and another user's change draws a ring in their colour.
//!
//! The glides are FLIP animations: positions are measured before and after, then the difference is played back. Only
//! transforms and opacity are animated, never the layout. Nothing moves for readers who prefer reduced motion, or while
//! [`MotionLimit`] is exceeded. The focus stays on its card, wherever the card goes.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::Duration,
};

use engine::{Board, TaskId, session::Changes};
use js_sys::{Array, Date, Function, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomRect, Element, HtmlElement};

use super::{
    elements,
    motion_limit::MotionLimit,
    store::{BoardStore, Flight},
};
use crate::ui::{dom, drag};

const GLIDE_MS: u32 = 180;
/// Long enough to read a name.
const RING: Duration = Duration::from_millis(2_400);
const EASE: &str = "cubic-bezier(.2,.8,.2,1)";

/// The motion of the changes since the last frame.
#[derive(Clone, Default)]
pub(super) struct Motion {
    pending: Rc<RefCell<Option<Pending>>>,
    limit: Rc<Cell<MotionLimit>>,
}

struct Pending {
    before: HashMap<TaskId, CardPosition>,
    fresh: Vec<TaskId>,
    /// Cards that others changed, each with the hue class and the name of the user.
    remote: Vec<(TaskId, &'static str, String)>,
    focused: Option<TaskId>,
    flight: Option<Flight>,
}

/// Where a card was.
struct CardPosition {
    left: f64,
    top: f64,
    list: Option<Element>,
}

impl Motion {
    /// Measures the page before the signals are set. The first of several changes in one frame measures, later ones add
    /// to it.
    pub(super) fn before(&self, store: BoardStore, view: &Board, changes: &Changes) {
        let mut limit = self.limit.get();
        let admitted = limit.admits(changes.tasks.len(), Date::now());
        self.limit.set(limit);
        let mut pending = self.pending.borrow_mut();
        let first = pending.is_none();
        let pending = pending.get_or_insert_with(|| Pending {
            before: HashMap::new(),
            fresh: Vec::new(),
            remote: Vec::new(),
            focused: focused_card(),
            flight: store.take_flight(),
        });
        if admitted && !dom::reduced_motion() && !document().hidden() {
            let moved = changes.tasks.iter().any(|id| {
                let place = store.task(*id).map(|task| (task.status_id, task.rank.clone()));
                place != view.task(*id).map(|task| (task.status_id, task.rank.clone()))
            });
            if first && moved {
                pending.before = card_positions();
            }
            pending.fresh.extend(changes.tasks.iter().filter(|id| store.task(**id).is_none()));
        }
        if admitted && !document().hidden() {
            let changed = changes.remote.iter();
            pending.remote.extend(changed.map(|(task, user)| (*task, store.hue(*user), store.name_of(*user))));
        }
    }

    /// Plays the animations once the DOM has changed, before it is painted. Called after the signals are set.
    pub(super) fn after(&self) {
        let motion = self.clone();
        dom::after_render(move || {
            let pending = motion.pending.take();
            if let Some(pending) = pending {
                pending.play();
            }
        });
    }
}

impl Pending {
    fn play(self) {
        // The focus first: a card in another column is a new element.
        let lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
        if let Some(card) = self.focused.filter(|_| lost) {
            elements::focus_card(card);
            elements::focus_strip(card);
        }
        // All are measured before anything moves, so that the browser lays the page out once.
        let now: Vec<(TaskId, HtmlElement, DomRect)> = self
            .before
            .keys()
            .filter_map(|id| {
                let slot = elements::slot(*id)?;
                let rect = slot.get_bounding_client_rect();
                Some((*id, slot, rect))
            })
            .collect();
        for (id, slot, rect) in now {
            self.glide(id, &slot, &rect);
        }
        if !self.before.is_empty() {
            for slot in self.fresh.iter().filter_map(|id| elements::slot(*id)) {
                animate(&slot, &[("opacity", "0", "1"), ("transform", "translateY(-4px)", "none")]);
            }
        }
        ring(&self.remote);
    }

    fn glide(&self, id: TaskId, slot: &HtmlElement, rect: &DomRect) {
        let Some(card_positions) = self.before.get(&id) else { return };
        if slot.has_attribute("data-ghost") || slot.has_attribute("data-lifted") {
            return;
        }
        // The card is in a collapsed column, or hidden by the filter.
        if rect.height() == 0.0 {
            return;
        }
        let flight = self.flight.filter(|flight| flight.task == id);
        let (left, top) = flight.map_or((card_positions.left, card_positions.top), |flight| (flight.left, flight.top));
        let (x, y) = (left - rect.left(), top - rect.top());
        if x.abs() < 1.0 && y.abs() < 1.0 {
            return;
        }
        if flight.is_none() && slot.parent_element() == card_positions.list {
            animate(slot, &[("transform", &format!("translate({x}px, {y}px)"), "none")]);
        } else {
            fly(slot, rect, left, top);
        }
    }
}

/// Flies a copy of a card over the page, for a move between columns: a column would cut the card off at its edge.
pub(super) fn fly(slot: &HtmlElement, to: &DomRect, left: f64, top: f64) {
    let Some(card) = slot.first_element_child().and_then(|card| card.dyn_into::<HtmlElement>().ok()) else { return };
    let Some(copy) = drag::float(&card, to, "fly-card") else { return };
    let from = format!("translate({left}px, {top}px)");
    let end = format!("translate({}px, {}px)", to.left(), to.top());
    animate(&copy, &[("transform", &from, &end)]);
    animate(slot, &[("opacity", "0", "0")]);
    set_timeout(move || copy.remove(), Duration::from_millis(GLIDE_MS.into()));
}

/// Lets the columns glide from where they are to where they are after the current change.
pub(super) fn glide_columns() {
    let Some(board) = elements::board().filter(|_| !dom::reduced_motion()) else { return };
    let columns = std::iter::successors(board.first_element_child(), Element::next_element_sibling);
    let columns: Vec<Element> = columns.filter(|column| column.has_attribute("data-status-id")).collect();
    let left = |column: &Element| column.get_bounding_client_rect().left();
    let before: Vec<(Element, f64)> = columns.into_iter().map(|column| (column.clone(), left(&column))).collect();
    dom::after_render(move || {
        let moved: Vec<(Element, f64)> =
            before.into_iter().map(|(column, before)| (column.clone(), before - left(&column))).collect();
        for (column, by) in moved.iter().filter(|(_, by)| by.abs() >= 1.0) {
            animate(column, &[("transform", &format!("translateX({by}px)"), "none")]);
        }
    });
}

/// Draws a ring on each changed card, in the colour and with the name of its user.
fn ring(changed: &[(TaskId, &'static str, String)]) {
    let slots: Vec<(HtmlElement, &str, &str)> =
        changed.iter().filter_map(|(task, hue, name)| Some((elements::slot(*task)?, *hue, name.as_str()))).collect();
    // A second change during a ring restarts it. Removing the attribute from all slots first lays the page out once.
    for (slot, ..) in &slots {
        let _ = slot.remove_attribute("data-touched");
    }
    if let Some((slot, ..)) = slots.first() {
        let _ = slot.offset_width();
    }
    for (slot, hue, name) in slots {
        let _ = slot.class_list().add_1(hue);
        let _ = slot.set_attribute("data-touched", name);
        set_timeout(
            move || {
                let _ = slot.remove_attribute("data-touched");
                let _ = slot.class_list().remove_1(hue);
            },
            RING,
        );
    }
}

/// The position of every card in or near the window.
fn card_positions() -> HashMap<TaskId, CardPosition> {
    let Some(board) = elements::board() else { return HashMap::new() };
    let Ok(cards) = board.query_selector_all("[data-task-id]") else { return HashMap::new() };
    let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(f64::MAX);
    (0..cards.length())
        .filter_map(|index| {
            let card: Element = cards.item(index)?.dyn_into().ok()?;
            let id = card.get_attribute("data-task-id")?.parse().ok()?;
            let slot = card.parent_element()?;
            let rect = slot.get_bounding_client_rect();
            let near = rect.bottom() > -height && rect.top() < 2.0 * height && rect.height() > 0.0;
            near.then(|| (id, CardPosition { left: rect.left(), top: rect.top(), list: slot.parent_element() }))
        })
        .collect()
}

fn focused_card() -> Option<TaskId> {
    let active = document().active_element()?;
    let card = active.get_attribute("data-task-id").or_else(|| active.get_attribute("data-menu-of"))?;
    card.parse().ok()
}

/// Animates properties by the Web Animations API, which `web-sys` has only under a flag for unstable interfaces.
pub(super) fn animate(element: &Element, properties: &[(&str, &str, &str)]) {
    let frames = Object::new();
    for (property, from, to) in properties {
        let values = Array::of2(&JsValue::from_str(from), &JsValue::from_str(to));
        let _ = Reflect::set(&frames, &JsValue::from_str(property), &values);
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"duration".into(), &GLIDE_MS.into());
    let _ = Reflect::set(&options, &"easing".into(), &EASE.into());
    if let Ok(animate) = Reflect::get(element, &"animate".into()).and_then(JsCast::dyn_into::<Function>) {
        let _ = animate.call2(element, &frames, &options);
    }
}
