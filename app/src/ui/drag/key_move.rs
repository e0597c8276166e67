//! The direction in which a key moves the focus or the dragged item.

use web_sys::KeyboardEvent;

/// A move by one place, or to one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyMove {
    Up,
    Down,
    Left,
    Right,
    First,
    Last,
}

impl KeyMove {
    /// The move of an arrow key, Home or End. Where the page is read from right to left, the arrow to the left means
    /// [`KeyMove::Right`]: the next place in reading order.
    pub(crate) fn of(event: &KeyboardEvent, is_right_to_left: fn() -> bool) -> Option<Self> {
        let step = match event.key().as_str() {
            "ArrowUp" => Self::Up,
            "ArrowDown" => Self::Down,
            "ArrowLeft" => Self::Left,
            "ArrowRight" => Self::Right,
            "Home" => Self::First,
            "End" => Self::Last,
            _ => return None,
        };
        Some(match step {
            Self::Left if is_right_to_left() => Self::Right,
            Self::Right if is_right_to_left() => Self::Left,
            step => step,
        })
    }
}
