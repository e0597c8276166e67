//! When a press becomes a drag: the one state machine behind mouse, touch, pen and keys. Pure: the
//! browser's events come in, what is to be done goes out. What is carried is a task, a column, or whatever `T` names.
//!
//! ```text
//!            press            moved 4 px / held 250 ms           release
//!   Idle ───────────▶ Pressed ────────────────────────▶ Carried ─────────▶ Idle (drop)
//!     │                  │ moved 8 px before that (touch),  │ Esc, lost, gone
//!     │                  ▼ release, lost                    ▼
//!     │                 Idle (a click, or scrolling)       Idle (cancel)
//!     └── Space ───────────────────────────────────────▶ Carried ── Space, Enter ─▶ Idle (drop)
//! ```

use engine::TaskId;

/// A mouse that moves this far drags.
const MOUSE_TOLERANCE: f64 = 4.0;
/// A finger that moves further than this before [`HOLD_MS`] scrolls.
const TOUCH_TOLERANCE: f64 = 8.0;
/// A finger that rests this long lifts the card, in milliseconds.
pub(crate) const HOLD_MS: u64 = 250;

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

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum GestureInput<T = TaskId> {
    /// A pointer went down on something that can be carried.
    Press { pointer: i32, task: T, at: Point, touch: bool },
    /// A pointer moved.
    Move { pointer: i32, at: Point },
    /// [`HOLD_MS`] have passed since a finger went down.
    Held { pointer: i32 },
    /// A pointer went up.
    Release { pointer: i32 },
    /// The browser took a pointer away, for scrolling or otherwise.
    Lost { pointer: i32 },
    /// Space on it.
    Lift { task: T },
    /// Space or Enter while a card is carried.
    Put,
    /// Esc, or anything else that ends it.
    Escape,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum GestureOutcome<T = TaskId> {
    /// Nothing.
    Nothing,
    /// Say `Held` after [`HOLD_MS`].
    Wait { pointer: i32 },
    /// Lift the card: with a pointer that pressed at a point, or by key.
    Begin { task: T, pointer: Option<(i32, Point)> },
    /// The pointer that carries the card is here now.
    Track(Point),
    /// Put the card where it is over.
    Drop,
    /// Put the card back.
    Cancel,
}

/// How far a gesture has got.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Gesture<T = TaskId> {
    /// Nobody drags.
    #[default]
    Idle,
    /// Not yet clear what it will be.
    Pressed { pointer: i32, task: T, at: Point, touch: bool },
    /// A card is carried, by a pointer or by keys.
    Carried { pointer: Option<i32> },
}

impl<T: Copy> Gesture<T> {
    /// Whether a card is carried.
    pub(crate) const fn is_carried(self) -> bool {
        matches!(self, Self::Carried { .. })
    }

    /// Whether a card is carried by keys.
    pub(crate) const fn is_by_key(self) -> bool {
        matches!(self, Self::Carried { pointer: None })
    }

    /// Takes what happened and tells what is to be done.
    pub(crate) fn on(&mut self, input: GestureInput<T>) -> GestureOutcome<T> {
        let (next, outcome) = self.after(input);
        *self = next;
        outcome
    }

    fn after(self, input: GestureInput<T>) -> (Self, GestureOutcome<T>) {
        match (self, input) {
            (Self::Idle, GestureInput::Press { pointer, task, at, touch }) => {
                let outcome = if touch { GestureOutcome::Wait { pointer } } else { GestureOutcome::Nothing };
                (Self::Pressed { pointer, task, at, touch }, outcome)
            }
            (Self::Idle, GestureInput::Lift { task }) => {
                (Self::Carried { pointer: None }, GestureOutcome::Begin { task, pointer: None })
            }
            // A second finger means zooming or scrolling, never the drag of the first.
            (Self::Pressed { .. }, GestureInput::Press { .. }) => (Self::Idle, GestureOutcome::Nothing),
            (Self::Pressed { pointer, at: from, touch, task }, GestureInput::Move { pointer: moved, at })
                if pointer == moved =>
            {
                match from.distance(at) {
                    far if touch && far > TOUCH_TOLERANCE => (Self::Idle, GestureOutcome::Nothing),
                    far if !touch && far >= MOUSE_TOLERANCE => begin(pointer, task, from),
                    _ => (self, GestureOutcome::Nothing),
                }
            }
            (Self::Pressed { pointer, at, task, .. }, GestureInput::Held { pointer: held }) if pointer == held => {
                begin(pointer, task, at)
            }
            (
                Self::Pressed { pointer, .. },
                GestureInput::Release { pointer: gone } | GestureInput::Lost { pointer: gone },
            ) if pointer == gone => (Self::Idle, GestureOutcome::Nothing),
            (Self::Pressed { .. }, GestureInput::Escape) => (Self::Idle, GestureOutcome::Nothing),
            (Self::Carried { pointer: Some(pointer) }, GestureInput::Move { pointer: moved, at })
                if pointer == moved =>
            {
                (self, GestureOutcome::Track(at))
            }
            (Self::Carried { pointer: Some(pointer) }, GestureInput::Release { pointer: up }) if pointer == up => {
                (Self::Idle, GestureOutcome::Drop)
            }
            (Self::Carried { pointer: Some(pointer) }, GestureInput::Lost { pointer: lost }) if pointer == lost => {
                (Self::Idle, GestureOutcome::Cancel)
            }
            (Self::Carried { pointer: None }, GestureInput::Put) => (Self::Idle, GestureOutcome::Drop),
            // Whoever takes the mouse has given up on the keys.
            (Self::Carried { pointer: None }, GestureInput::Press { .. }) => (Self::Idle, GestureOutcome::Cancel),
            (Self::Carried { .. }, GestureInput::Escape) => (Self::Idle, GestureOutcome::Cancel),
            _ => (self, GestureOutcome::Nothing),
        }
    }
}

fn begin<T>(pointer: i32, task: T, at: Point) -> (Gesture<T>, GestureOutcome<T>) {
    (Gesture::Carried { pointer: Some(pointer) }, GestureOutcome::Begin { task, pointer: Some((pointer, at)) })
}

#[cfg(test)]
mod tests;
