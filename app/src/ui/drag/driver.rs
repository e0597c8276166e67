//! Passes the browser's events to the gesture, and its outcomes to the drag in progress.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use web_sys::{Event, EventTarget, KeyboardEvent, MouseEvent, PointerEvent};

use super::{
    gesture::{Gesture, GestureInput, GestureOutcome, HOLD_MS, Point},
    key_move::KeyMove,
};
use crate::ui::dom_listener::{DomListener, Phase};

/// A drag in progress, from the lift to the drop.
pub(crate) trait ActiveDrag {
    /// Takes the pointer's position. The next frame draws it.
    fn track(&mut self, at: Point);

    /// Moves the item by key.
    fn step(&mut self, step: KeyMove);

    /// Draws one frame at `now` (milliseconds). `false` once the item no longer exists.
    fn frame(&mut self, now: f64) -> bool;

    /// Drops the item where it is now.
    fn finish(self: Box<Self>);

    /// Puts the item back where it came from.
    fn cancel(self: Box<Self>, why: CancelReason);
}

/// Why a drag ends without a drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CancelReason {
    /// Its user cancelled it, or the browser took the pointer away.
    ByUser,
    /// Another user deleted the item.
    ItemDeleted,
}

/// What can be dragged on a page, and how a drag of it begins.
pub(crate) trait DragSource: 'static {
    /// Names what can be dragged.
    type Item: Copy + 'static;

    /// Whether no other handler receives a key during a drag. Otherwise that holds for Escape only.
    const TAKES_ALL_KEYS: bool;

    /// The item that a pointer went down on. `None` where a press starts no drag.
    fn pressed(&self, event: &PointerEvent) -> Option<Self::Item>;

    /// The item that Space lifts. `None` where the key does something else.
    fn lifted_by_key(&self, _event: &KeyboardEvent) -> Option<Self::Item> {
        None
    }

    /// The direction of a key press during a drag by key.
    fn key_move(&self, _event: &KeyboardEvent) -> Option<KeyMove> {
        None
    }

    /// Starts the drag, by the pointer that pressed at a point or by key. `None` when the item is no longer on the page.
    fn lift(&self, item: Self::Item, pointer: Option<(i32, Point)>) -> Option<Box<dyn ActiveDrag>>;
}

struct Driver<S: DragSource> {
    source: S,
    gesture: Cell<Gesture<S::Item>>,
    active: RefCell<Option<Box<dyn ActiveDrag>>>,
    /// Runs until a finger has been held long enough.
    hold_timer: Cell<Option<TimeoutHandle>>,
    /// The browser makes a click of a drop: it must reach no handler.
    swallow_click: Cell<bool>,
}

/// Lets the items in `area` be dragged for as long as the listeners are kept.
pub(crate) fn listen<S: DragSource>(source: S, area: &EventTarget) -> Vec<DomListener> {
    let driver = Rc::new(Driver {
        source,
        gesture: Cell::new(Gesture::Idle),
        active: RefCell::default(),
        hold_timer: Cell::default(),
        swallow_click: Cell::new(false),
    });
    let window = window();
    let on_pointer = |event, input: fn(&PointerEvent) -> GestureInput<S::Item>| {
        let driver = driver.clone();
        DomListener::on(&window, event, Phase::Bubble, move |event: &PointerEvent| driver.handle(input(event)))
    };
    vec![
        DomListener::on(area, "pointerdown", Phase::Bubble, {
            let driver = driver.clone();
            move |event: &PointerEvent| driver.press(event)
        }),
        on_pointer("pointermove", |event| GestureInput::Move { pointer: event.pointer_id(), at: point(event) }),
        DomListener::on(&window, "pointerup", Phase::Capture, {
            let driver = driver.clone();
            move |_: &PointerEvent| driver.let_clicks_through()
        }),
        on_pointer("pointerup", |event| GestureInput::Release { pointer: event.pointer_id() }),
        on_pointer("pointercancel", |event| GestureInput::Lost { pointer: event.pointer_id() }),
        DomListener::on(&window, "blur", Phase::Bubble, {
            let driver = driver.clone();
            move |_: &Event| driver.handle(GestureInput::Escape)
        }),
        // A finger scrolls until the drag begins, and not during the drag.
        DomListener::on(area, "touchmove", Phase::Bubble, {
            let driver = driver.clone();
            move |event: &Event| driver.prevent_during_drag(event)
        }),
        DomListener::on(area, "contextmenu", Phase::Bubble, {
            let driver = driver.clone();
            move |event: &Event| driver.prevent_during_drag(event)
        }),
        DomListener::on(&window, "click", Phase::Capture, {
            let driver = driver.clone();
            move |event: &MouseEvent| driver.click(event)
        }),
        DomListener::on(&window, "keydown", Phase::Capture, {
            let driver = driver.clone();
            move |event: &KeyboardEvent| driver.key(event)
        }),
    ]
}

impl<S: DragSource> Driver<S> {
    fn press(self: &Rc<Self>, event: &PointerEvent) {
        let plain = event.button() == 0 && !event.ctrl_key() && !event.meta_key();
        if let Some(item) = Some(()).filter(|()| plain).and_then(|()| self.source.pressed(event)) {
            let touch = event.pointer_type() == "touch";
            self.handle(GestureInput::Press { pointer: event.pointer_id(), item, at: point(event), touch });
        } else {
            self.handle(GestureInput::Escape);
        }
    }

    fn key(self: &Rc<Self>, event: &KeyboardEvent) {
        let gesture = self.gesture.get();
        if !gesture.is_dragging() {
            self.lift_by_key(event);
            return;
        }
        let key = event.key();
        if gesture.is_by_key() {
            if let Some(step) = self.source.key_move(event) {
                if let Some(active) = self.active.borrow_mut().as_mut() {
                    active.step(step);
                }
            } else if matches!(key.as_str(), " " | "Enter") && !event.repeat() {
                self.handle(GestureInput::DropByKey);
            } else if key == "Tab" {
                self.handle(GestureInput::Escape);
                // The focus goes on as it would have.
                return;
            }
        }
        if key == "Escape" {
            self.handle(GestureInput::Escape);
        } else if !S::TAKES_ALL_KEYS {
            return;
        }
        // No other handler receives the key: Escape closes no panel, arrows scroll nothing.
        event.prevent_default();
        event.stop_propagation();
    }

    fn lift_by_key(self: &Rc<Self>, event: &KeyboardEvent) {
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() || event.repeat());
        if event.key() == " "
            && plain
            && let Some(item) = self.source.lifted_by_key(event)
        {
            self.handle(GestureInput::Lift { item });
        }
    }

    fn click(&self, event: &MouseEvent) {
        if self.swallow_click.take() {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    /// The click of a drop comes right after the pointer went up, or never.
    fn let_clicks_through(self: &Rc<Self>) {
        if self.swallow_click.get() {
            let driver = self.clone();
            set_timeout(move || driver.swallow_click.set(false), Duration::ZERO);
        }
    }

    fn prevent_during_drag(&self, event: &Event) {
        if self.gesture.get().is_dragging() && event.cancelable() {
            event.prevent_default();
        }
    }

    fn handle(self: &Rc<Self>, input: GestureInput<S::Item>) {
        let mut gesture = self.gesture.get();
        let outcome = gesture.on(input);
        self.gesture.set(gesture);
        if !matches!(gesture, Gesture::Pressed { .. })
            && let Some(timer) = self.hold_timer.take()
        {
            timer.clear();
        }
        match outcome {
            GestureOutcome::Nothing => {}
            GestureOutcome::Wait { pointer } => {
                let driver = self.clone();
                let held = move || driver.handle(GestureInput::Held { pointer });
                self.hold_timer.set(set_timeout_with_handle(held, Duration::from_millis(HOLD_MS)).ok());
            }
            GestureOutcome::Begin { item, pointer } => self.begin(item, pointer),
            GestureOutcome::Track(at) => {
                if let Some(active) = self.active.borrow_mut().as_mut() {
                    active.track(at);
                }
            }
            GestureOutcome::Drop => {
                if let Some(active) = self.active.take() {
                    active.finish();
                }
            }
            GestureOutcome::Cancel => {
                if let Some(active) = self.active.take() {
                    active.cancel(CancelReason::ByUser);
                }
            }
        }
    }

    fn begin(self: &Rc<Self>, item: S::Item, pointer: Option<(i32, Point)>) {
        let active = self.source.lift(item, pointer);
        if active.is_none() {
            self.gesture.set(Gesture::Idle);
            return;
        }
        self.swallow_click.set(pointer.is_some());
        self.active.replace(active);
        self.clone().draw_next();
    }

    /// Draws frame after frame until the drag ends.
    fn draw_next(self: Rc<Self>) {
        request_animation_frame(move || {
            let exists = self.active.borrow_mut().as_mut().map(|active| active.frame(js_sys::Date::now()));
            match exists {
                Some(true) => self.draw_next(),
                Some(false) => {
                    self.gesture.set(Gesture::Idle);
                    if let Some(active) = self.active.take() {
                        active.cancel(CancelReason::ItemDeleted);
                    }
                }
                None => {}
            }
        });
    }
}

fn point(event: &PointerEvent) -> Point {
    Point { x: event.client_x().into(), y: event.client_y().into() }
}
