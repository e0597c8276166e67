//! Dragging a task from the panel into a cell, with Pointer Events. When a press becomes a drag is the board's to say.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use engine::{TaskId, oversight::workload::LoadTask};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::{
    plan::{Target, When},
    workload_state::WorkloadState,
};
use crate::ui::{
    dom::{closest, find, scroll_left},
    dom_listener::{DomListener, Phase},
    drag::{
        edge_speed, float,
        gesture::{Gesture, GestureInput, GestureOutcome, HOLD_MS, Point},
    },
};

/// A frame that took longer than this (a hidden tab) does not scroll further than this, in milliseconds.
const LONGEST_FRAME: f64 = 50.0;

/// Dragging on this page.
struct Drag {
    desk: WorkloadState,
    gesture: Cell<Gesture>,
    hand: RefCell<Option<DraggedTask>>,
    /// Until a finger has rested long enough.
    hold: Cell<Option<TimeoutHandle>>,
    /// The click that the browser makes of a drop is nobody's click.
    swallow: Cell<bool>,
}

/// A task in the hand of a pointer.
struct DraggedTask {
    task: LoadTask,
    at: Point,
    /// From the task's corner to where it was taken.
    grip: Point,
    copy: HtmlElement,
    main: Option<HtmlElement>,
    /// The cell below it.
    over: Option<Element>,
    drawn_at: f64,
}

/// Lets the tasks of the panel be dragged for as long as the listeners are kept.
pub(super) fn listen(desk: WorkloadState) -> Vec<DomListener> {
    let drag = Rc::new(Drag {
        desk,
        gesture: Cell::default(),
        hand: RefCell::default(),
        hold: Cell::default(),
        swallow: Cell::new(false),
    });
    let window = window();
    let on = |event, phase, hear: fn(&Rc<Drag>, &Event)| {
        let drag = drag.clone();
        DomListener::on(&window, event, phase, move |event: &Event| hear(&drag, event))
    };
    vec![
        on("pointerdown", Phase::Bubble, |drag, event| drag.press(event.unchecked_ref())),
        on("pointermove", Phase::Bubble, |drag, event| {
            let event: &PointerEvent = event.unchecked_ref();
            drag.hear(GestureInput::Move { pointer: event.pointer_id(), at: point(event) });
        }),
        on("pointerup", Phase::Bubble, |drag, event| {
            let event: &PointerEvent = event.unchecked_ref();
            drag.hear(GestureInput::Release { pointer: event.pointer_id() });
            // The click of a drop comes right after the pointer went up, or never.
            let drag = drag.clone();
            set_timeout(move || drag.swallow.set(false), Duration::ZERO);
        }),
        on("pointercancel", Phase::Bubble, |drag, event| {
            let event: &PointerEvent = event.unchecked_ref();
            drag.hear(GestureInput::Lost { pointer: event.pointer_id() });
        }),
        on("blur", Phase::Bubble, |drag, _| drag.hear(GestureInput::Escape)),
        on("touchmove", Phase::Bubble, Drag::prevent_when_carried),
        on("contextmenu", Phase::Bubble, Drag::prevent_when_carried),
        on("click", Phase::Capture, |drag, event| {
            if drag.swallow.take() {
                event.unchecked_ref::<MouseEvent>().prevent_default();
                event.stop_propagation();
            }
        }),
        on("keydown", Phase::Capture, |drag, event| {
            // Esc puts the task back, and closes nothing.
            if drag.gesture.get().is_carried() && event.unchecked_ref::<KeyboardEvent>().key() == "Escape" {
                drag.hear(GestureInput::Escape);
                event.prevent_default();
                event.stop_propagation();
            }
        }),
    ]
}

impl Drag {
    fn press(self: &Rc<Self>, event: &PointerEvent) {
        let plain = event.button() == 0 && !event.ctrl_key() && !event.meta_key();
        let on_control = closest(event.target(), "button").is_some();
        let row = closest(event.target(), "[data-load-task]").filter(|_| plain && !on_control);
        let id = row.and_then(|row| row.get_attribute("data-load-task")?.parse::<TaskId>().ok());
        self.hear(match id {
            Some(task) => GestureInput::Press {
                pointer: event.pointer_id(),
                task,
                at: point(event),
                touch: event.pointer_type() == "touch",
            },
            None => GestureInput::Escape,
        });
    }

    fn prevent_when_carried(self: &Rc<Self>, event: &Event) {
        if self.gesture.get().is_carried() && event.cancelable() {
            event.prevent_default();
        }
    }

    fn hear(self: &Rc<Self>, input: GestureInput) {
        let mut gesture = self.gesture.get();
        let outcome = gesture.on(input);
        self.gesture.set(gesture);
        if !matches!(gesture, Gesture::Pressed { .. })
            && let Some(hold) = self.hold.take()
        {
            hold.clear();
        }
        match outcome {
            GestureOutcome::Nothing => {}
            GestureOutcome::Wait { pointer } => {
                let drag = self.clone();
                let held = move || drag.hear(GestureInput::Held { pointer });
                self.hold.set(set_timeout_with_handle(held, Duration::from_millis(HOLD_MS)).ok());
            }
            GestureOutcome::Begin { task, pointer } => self.begin(task, pointer.map(|(_, at)| at)),
            GestureOutcome::Track(at) => {
                if let Some(hand) = self.hand.borrow_mut().as_mut() {
                    hand.at = at;
                }
            }
            GestureOutcome::Drop => self.put(),
            GestureOutcome::Cancel => {
                if let Some(hand) = self.hand.take() {
                    self.desk.said.set(format!("{} is back where it was.", hand.task.title));
                }
            }
        }
    }

    fn begin(self: &Rc<Self>, task: TaskId, at: Option<Point>) {
        let hand = at.and_then(|at| DraggedTask::take(self.desk, task, at));
        let Some(hand) = hand else {
            self.gesture.set(Gesture::Idle);
            return;
        };
        self.swallow.set(true);
        self.desk.said.set(format!("Picked up {}.", hand.task.title));
        self.hand.replace(Some(hand));
        self.clone().draw_next();
    }

    /// Draws frame after frame for as long as the task is carried.
    fn draw_next(self: Rc<Self>) {
        request_animation_frame(move || {
            let carried = self.hand.borrow_mut().as_mut().map(|hand| hand.frame(js_sys::Date::now())).is_some();
            if carried {
                self.draw_next();
            }
        });
    }

    fn put(&self) {
        let Some(mut hand) = self.hand.take() else { return };
        // The pointer may have moved since the last frame: the cell is the one that it is over now.
        hand.aim();
        let task = hand.task.clone();
        let target = hand.over.as_ref().and_then(target);
        drop(hand);
        match target {
            Some((user, first)) => {
                // A list that is of no week says who only, until a week is aimed at.
                let here = self.desk.taken_from() == Some(first) && user == task.assignee_id;
                if !here {
                    let when = if self.desk.taken_from() == Some(first) { When::Same } else { When::In(first) };
                    self.desk.put(task, Target { user, when });
                }
            }
            None => self.desk.said.set(format!("{} is back where it was.", task.title)),
        }
    }
}

/// Whose cell this is, and of which week.
fn target(cell: &Element) -> Option<(Option<engine::UserId>, engine::Day)> {
    let first = cell.get_attribute("data-put-period")?.parse().ok()?;
    // `none` is no id.
    let user = cell.get_attribute("data-put-user")?.parse().ok();
    Some((user, first))
}

impl DraggedTask {
    fn take(desk: WorkloadState, id: TaskId, at: Point) -> Option<Self> {
        let task = desk.tasks.with_untracked(|tasks| tasks.iter().find(|task| task.id == id).cloned())?;
        let row = find(&format!("[data-load-task=\"{id}\"]"))?;
        let rect = row.get_bounding_client_rect();
        let copy = float(&row, &rect, "drag-card load-drag")?;
        let _ = row.set_attribute("data-ghost", "");
        let main = find(".oversight");
        if let Some(main) = &main {
            let _ = main.set_attribute("data-dragging", "");
        }
        let grip = Point { x: at.x - rect.left(), y: at.y - rect.top() };
        Some(Self { task, at, grip, copy, main, over: None, drawn_at: js_sys::Date::now() })
    }

    /// Draws one frame at `now` (milliseconds): scrolls near the edges, finds the cell, moves what floats.
    fn frame(&mut self, now: f64) {
        let passed = (now - self.drawn_at).min(LONGEST_FRAME) / 1_000.0;
        self.drawn_at = now;
        let (x, y) = (self.at.x - self.grip.x, self.at.y - self.grip.y);
        let _ = self.copy.style().set_property("transform", &format!("translate({x}px, {y}px)"));
        if let Some(view) = find(".load-scroll") {
            let frame = view.get_bounding_client_rect();
            let inside = frame.left() <= self.at.x && self.at.x <= frame.right();
            if inside {
                scroll_left(&view, edge_speed(self.at.x, frame.left(), frame.right()) * passed);
            }
        }
        let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
        let down = edge_speed(self.at.y, 0.0, height) * passed;
        if down != 0.0 {
            window().scroll_by_with_x_and_y(0.0, down);
        }
        self.aim();
    }

    /// Finds the cell below the pointer.
    fn aim(&mut self) {
        let below = document().element_from_point(self.at.x as f32, self.at.y as f32);
        let cell = below.and_then(|below| below.closest("[data-put-period]").ok().flatten());
        if cell != self.over {
            if let Some(old) = &self.over {
                let _ = old.remove_attribute("data-over");
            }
            if let Some(new) = &cell {
                let _ = new.set_attribute("data-over", "");
            }
            self.over = cell;
        }
    }
}

impl Drop for DraggedTask {
    fn drop(&mut self) {
        self.copy.remove();
        if let Some(over) = &self.over {
            let _ = over.remove_attribute("data-over");
        }
        if let Some(main) = &self.main {
            let _ = main.remove_attribute("data-dragging");
        }
        if let Some(row) = find("[data-load-task][data-ghost]") {
            let _ = row.remove_attribute("data-ghost");
        }
    }
}

fn point(event: &PointerEvent) -> Point {
    Point { x: event.client_x().into(), y: event.client_y().into() }
}
