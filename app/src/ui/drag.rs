//! Dragging with Pointer Events and by key, whatever is dragged.
//!
//! ```text
//! driver   the browser's events, passed on        gesture  when a press becomes a drag (pure)
//! preview  the copy under the pointer             edge     how fast a view scrolls near its edge (pure)
//! key_move the direction of a key
//! ```

mod driver;
mod edge;
mod gesture;
mod key_move;
mod preview;

pub(crate) use driver::{ActiveDrag, CancelReason, DragSource, listen};
pub(crate) use edge::edge_speed;
pub(crate) use gesture::Point;
pub(crate) use key_move::KeyMove;
pub(crate) use preview::{DragPreview, float};
