//! When a press becomes a drag: the one state machine behind mouse, touch, pen and keys. Pure:
//! the browser's events come in, outcomes go out. `T` identifies the item.
//!
//! ```text
//!            press            moved 4 px / held 250 ms            release
//!   Idle ───────────▶ Pressed ────────────────────────▶ Dragging ─────────▶ Idle (drop)
//!     │                  │ moved 8 px before that (touch),  │ Esc, lost, deleted
//!     │                  ▼ release, lost                    ▼
//!     │                 Idle (a click, or scrolling)       Idle (cancel)
//!     └── Space ───────────────────────────────────────▶ Dragging ── Space, Enter ─▶ Idle (drop)
//! ```

/// A mouse that moves this far drags.
const MOUSE_TOLERANCE: f64 = 4.0;
/// A finger that moves further than this before [`HOLD_MS`] scrolls.
const TOUCH_TOLERANCE: f64 = 8.0;
/// A finger that is held this long starts a drag, in milliseconds.
pub(super) const HOLD_MS: u64 = 250;

/// A place in the window, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Point {
    fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// An event that concerns a gesture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum GestureInput<T> {
    /// A pointer went down on something that can be dragged.
    Press { pointer: i32, item: T, at: Point, touch: bool },
    /// A pointer moved.
    Move { pointer: i32, at: Point },
    /// [`HOLD_MS`] have passed since a finger went down.
    Held { pointer: i32 },
    /// A pointer went up.
    Release { pointer: i32 },
    /// The browser took a pointer away, for scrolling or otherwise.
    Lost { pointer: i32 },
    /// Space was pressed on it.
    Lift { item: T },
    /// Space or Enter was pressed during a drag.
    DropByKey,
    /// Escape was pressed, or something else ends the drag.
    Escape,
}

/// What the driver has to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum GestureOutcome<T> {
    /// Nothing.
    Nothing,
    /// Report `Held` after [`HOLD_MS`].
    Wait { pointer: i32 },
    /// Start the drag: by the pointer that pressed at a point, or by key.
    Begin { item: T, pointer: Option<(i32, Point)> },
    /// Follow the pointer of the drag.
    Track(Point),
    /// End the drag where it is.
    Drop,
    /// End the drag, and put the item back.
    Cancel,
}

/// The state of a gesture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Gesture<T> {
    /// No drag.
    Idle,
    /// A press, which may become a drag, a click or scrolling.
    Pressed { pointer: i32, item: T, at: Point, touch: bool },
    /// A drag, by a pointer or by key.
    Dragging { pointer: Option<i32> },
}

impl<T: Copy> Gesture<T> {
    /// Whether a drag is in progress.
    pub(crate) const fn is_dragging(self) -> bool {
        matches!(self, Self::Dragging { .. })
    }

    /// Whether a drag by key is in progress.
    pub(crate) const fn is_by_key(self) -> bool {
        matches!(self, Self::Dragging { pointer: None })
    }

    /// Moves to the next state, and returns what the driver has to do.
    pub(crate) fn on(&mut self, input: GestureInput<T>) -> GestureOutcome<T> {
        let (next, outcome) = self.after(input);
        *self = next;
        outcome
    }

    fn after(self, input: GestureInput<T>) -> (Self, GestureOutcome<T>) {
        match (self, input) {
            (Self::Idle, GestureInput::Press { pointer, item, at, touch }) => {
                let outcome = if touch { GestureOutcome::Wait { pointer } } else { GestureOutcome::Nothing };
                (Self::Pressed { pointer, item, at, touch }, outcome)
            }
            (Self::Idle, GestureInput::Lift { item }) => {
                (Self::Dragging { pointer: None }, GestureOutcome::Begin { item, pointer: None })
            }
            // A second finger means zooming or scrolling, never the drag of the first.
            (Self::Pressed { .. }, GestureInput::Press { .. }) => (Self::Idle, GestureOutcome::Nothing),
            (Self::Pressed { pointer, at: from, touch, item }, GestureInput::Move { pointer: moved, at })
                if pointer == moved =>
            {
                match from.distance(at) {
                    far if touch && far > TOUCH_TOLERANCE => (Self::Idle, GestureOutcome::Nothing),
                    far if !touch && far >= MOUSE_TOLERANCE => begin(pointer, item, from),
                    _ => (self, GestureOutcome::Nothing),
                }
            }
            (Self::Pressed { pointer, at, item, .. }, GestureInput::Held { pointer: held }) if pointer == held => {
                begin(pointer, item, at)
            }
            (
                Self::Pressed { pointer, .. },
                GestureInput::Release { pointer: gone } | GestureInput::Lost { pointer: gone },
            ) if pointer == gone => (Self::Idle, GestureOutcome::Nothing),
            (Self::Pressed { .. }, GestureInput::Escape) => (Self::Idle, GestureOutcome::Nothing),
            (Self::Dragging { pointer: Some(pointer) }, GestureInput::Move { pointer: moved, at })
                if pointer == moved =>
            {
                (self, GestureOutcome::Track(at))
            }
            (Self::Dragging { pointer: Some(pointer) }, GestureInput::Release { pointer: up }) if pointer == up => {
                (Self::Idle, GestureOutcome::Drop)
            }
            (Self::Dragging { pointer: Some(pointer) }, GestureInput::Lost { pointer: lost }) if pointer == lost => {
                (Self::Idle, GestureOutcome::Cancel)
            }
            (Self::Dragging { pointer: None }, GestureInput::DropByKey) => (Self::Idle, GestureOutcome::Drop),
            // A press ends a drag by key.
            (Self::Dragging { pointer: None }, GestureInput::Press { .. }) => (Self::Idle, GestureOutcome::Cancel),
            (Self::Dragging { .. }, GestureInput::Escape) => (Self::Idle, GestureOutcome::Cancel),
            _ => (self, GestureOutcome::Nothing),
        }
    }
}

fn begin<T>(pointer: i32, item: T, at: Point) -> (Gesture<T>, GestureOutcome<T>) {
    (Gesture::Dragging { pointer: Some(pointer) }, GestureOutcome::Begin { item, pointer: Some((pointer, at)) })
}

#[cfg(test)]
mod tests;
