//! The browser's events, told to the state machine.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use web_sys::{Event, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::{
    card_drag::Frame,
    dragged_item::{DraggedItem, Item},
};
use crate::{
    board::{board_state::BoardState, elements, keys::step_of},
    ui::{
        dom,
        dom_listener::{DomListener, Phase},
        drag::gesture::{Gesture, GestureInput, GestureOutcome, HOLD_MS, Point},
    },
};

/// Dragging on one board.
struct Drag {
    desk: BoardState,
    gesture: Cell<Gesture<Item>>,
    carry: RefCell<Option<DraggedItem>>,
    /// Until a finger has rested long enough.
    hold: Cell<Option<TimeoutHandle>>,
    /// The click that the browser makes of a drop is nobody's click.
    swallow: Cell<bool>,
}

/// Lets the cards and columns of `board` be dragged for as long as the listeners are kept.
pub(crate) fn listen(desk: BoardState, board: &HtmlElement) -> Vec<DomListener> {
    let drag = Rc::new(Drag {
        desk,
        gesture: Cell::default(),
        carry: RefCell::default(),
        hold: Cell::default(),
        swallow: Cell::new(false),
    });
    let window = window();
    let on_pointer = |event, input: fn(&PointerEvent) -> GestureInput<Item>| {
        let drag = drag.clone();
        DomListener::on(&window, event, Phase::Bubble, move |event: &PointerEvent| drag.hear(input(event)))
    };
    vec![
        DomListener::on(board, "pointerdown", Phase::Bubble, {
            let drag = drag.clone();
            move |event: &PointerEvent| drag.press(event)
        }),
        on_pointer("pointermove", |event| GestureInput::Move { pointer: event.pointer_id(), at: point(event) }),
        DomListener::on(&window, "pointerup", Phase::Capture, {
            let drag = drag.clone();
            move |_: &PointerEvent| drag.let_clicks_through()
        }),
        on_pointer("pointerup", |event| GestureInput::Release { pointer: event.pointer_id() }),
        on_pointer("pointercancel", |event| GestureInput::Lost { pointer: event.pointer_id() }),
        DomListener::on(&window, "blur", Phase::Bubble, {
            let drag = drag.clone();
            move |_: &Event| drag.hear(GestureInput::Escape)
        }),
        // While a card is carried a finger does not scroll. Before that it may.
        DomListener::on(board, "touchmove", Phase::Bubble, {
            let drag = drag.clone();
            move |event: &Event| drag.prevent_when_carried(event)
        }),
        DomListener::on(board, "contextmenu", Phase::Bubble, {
            let drag = drag.clone();
            move |event: &Event| drag.prevent_when_carried(event)
        }),
        // The browser's own dragging of links and selections.
        DomListener::on(board, "dragstart", Phase::Bubble, |event: &Event| event.prevent_default()),
        DomListener::on(&window, "click", Phase::Capture, {
            let drag = drag.clone();
            move |event: &MouseEvent| drag.click(event)
        }),
        DomListener::on(&window, "keydown", Phase::Capture, {
            let drag = drag.clone();
            move |event: &KeyboardEvent| drag.key(event)
        }),
    ]
}

impl Drag {
    fn press(self: &Rc<Self>, event: &PointerEvent) {
        let editable = self.desk.can_edit.get_untracked();
        let plain = event.button() == 0 && !event.ctrl_key() && !event.meta_key();
        let card = elements::card_of(event.target()).map(Item::Card);
        if let Some(task) = card.or_else(|| pressed_column(event)).filter(|_| editable && plain) {
            let touch = event.pointer_type() == "touch";
            self.hear(GestureInput::Press { pointer: event.pointer_id(), task, at: point(event), touch });
        } else {
            self.hear(GestureInput::Escape);
        }
    }

    fn key(self: &Rc<Self>, event: &KeyboardEvent) {
        let gesture = self.gesture.get();
        if !gesture.is_carried() {
            self.lift_by_key(event);
            return;
        }
        let key = event.key();
        if gesture.is_by_key() {
            if let Some(step) = step_of(event) {
                if let Some(carry) = self.carry.borrow_mut().as_mut() {
                    carry.step(step);
                }
            } else if matches!(key.as_str(), " " | "Enter") && !event.repeat() {
                self.hear(GestureInput::Put);
            } else if key == "Tab" {
                self.hear(GestureInput::Escape);
                // The focus goes on as it would have.
                return;
            }
        }
        if key == "Escape" {
            self.hear(GestureInput::Escape);
        }
        // Nothing else hears a key while a card is carried: Esc closes no panel, arrows scroll nothing.
        event.prevent_default();
        event.stop_propagation();
    }

    fn lift_by_key(self: &Rc<Self>, event: &KeyboardEvent) {
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() || event.repeat());
        if event.key() != " " || !plain {
            return;
        }
        let card = elements::card_of(event.target()).map(Item::Card);
        let Some(task) = card.or_else(|| elements::handle_of(event.target()).map(Item::Column)) else { return };
        event.prevent_default();
        if self.desk.can_edit.get_untracked() {
            self.hear(GestureInput::Lift { task });
        } else {
            self.desk.say("You have view-only access.");
        }
    }

    fn click(&self, event: &MouseEvent) {
        if self.swallow.take() {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    /// The click of a drop comes right after the pointer went up, or never.
    fn let_clicks_through(self: &Rc<Self>) {
        if self.swallow.get() {
            let drag = self.clone();
            set_timeout(move || drag.swallow.set(false), Duration::ZERO);
        }
    }

    fn prevent_when_carried(&self, event: &Event) {
        if self.gesture.get().is_carried() && event.cancelable() {
            event.prevent_default();
        }
    }

    fn hear(self: &Rc<Self>, input: GestureInput<Item>) {
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
            GestureOutcome::Begin { task, pointer } => self.begin(task, pointer),
            GestureOutcome::Track(at) => {
                if let Some(carry) = self.carry.borrow_mut().as_mut() {
                    carry.track(at);
                }
            }
            GestureOutcome::Drop => {
                if let Some(carry) = self.carry.take() {
                    carry.put();
                }
            }
            GestureOutcome::Cancel => {
                if let Some(carry) = self.carry.take() {
                    carry.give_up(Frame::On);
                }
            }
        }
    }

    fn begin(self: &Rc<Self>, item: Item, pointer: Option<(i32, Point)>) {
        let carry = DraggedItem::lift(self.desk, item, pointer);
        if carry.is_none() {
            self.gesture.set(Gesture::Idle);
            return;
        }
        self.swallow.set(pointer.is_some());
        self.carry.replace(carry);
        self.clone().draw_next();
    }

    /// Draws frame after frame for as long as something is carried.
    fn draw_next(self: Rc<Self>) {
        request_animation_frame(move || {
            let drawn = self.carry.borrow_mut().as_mut().map(|carry| carry.frame(js_sys::Date::now()));
            match drawn {
                Some(Frame::On) => self.draw_next(),
                Some(Frame::Gone) => {
                    self.gesture.set(Gesture::Idle);
                    if let Some(carry) = self.carry.take() {
                        carry.give_up(Frame::Gone);
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

/// The column by whose head a press takes it: not by its buttons, nor by the field for its name.
fn pressed_column(event: &PointerEvent) -> Option<Item> {
    let head = dom::closest(event.target(), ".column-head")?;
    if dom::closest(event.target(), "button, .field-box").is_some() {
        return None;
    }
    let column = head.closest("[data-status-id]").ok()??.get_attribute("data-status-id")?;
    column.parse().ok().map(Item::Column)
}
