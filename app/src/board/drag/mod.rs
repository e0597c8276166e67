//! Dragging cards, with Pointer Events and by key.
//!
//! ```text
//! gesture   when a press becomes a drag (pure)    geometry  where the card would go (pure)
//! carry     the card that is carried: what floats, the mark, scrolling, the drop
//! measure   the board as the geometry knows it    ears      the browser's events
//! pager     scrolling by columns, on a phone (pure)
//! ```
//!
//! The DOM of the columns is not touched while one drags: the card's place becomes a ghost, a copy
//! of it floats, and a line marks the gap. Others may change the board meanwhile: the columns are
//! then measured again, and the gap is named by the cards around it, so that a drop lands where it
//! was seen to land.

mod carry;
mod ears;
mod geometry;
pub(crate) mod gesture;
mod measure;
mod pager;

pub(super) use ears::listen;
pub(super) use geometry::Step;
pub(crate) use geometry::edge_speed;
pub(super) use measure::plan;
