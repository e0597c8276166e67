//! Dragging cards and columns, with Pointer Events and by key.
//!
//! ```text
//! gesture   when a press becomes a drag (pure)    geometry  where the card would go (pure)
//! carry     the card that is carried: what floats, the gap, scrolling, the drop
//! load      either of them                        pager     scrolling by columns, on a phone (pure)
//! column_carry  a column on its way          row       where it would go (pure)
//! measure   the board as both know it             ears      the browser's events
//! ```
//!
//! The DOM of the columns is not touched while one drags: the card's place becomes a ghost, a copy
//! of it floats, and the cards below the gap move down by style alone. Others may change the board meanwhile: the columns are
//! then measured again, and the gap is named by the cards around it, so that a drop lands where it
//! was seen to land.

mod card_drag;
mod column_drag;
mod dragged_item;
mod geometry;
mod listeners;
mod measure;
mod pager;
mod row;

pub(super) use geometry::KeyMove;
pub(super) use listeners::listen;
pub(super) use measure::plan;
