//! Dragging with Pointer Events and by key, whatever is dragged.
//!
//! ```text
//! gesture  when a press becomes a drag (pure)   edge   how fast a view scrolls near its edge (pure)
//! float    the copy under the pointer
//! ```

mod edge;
mod float;
pub(crate) mod gesture;

pub(crate) use edge::edge_speed;
pub(crate) use float::float;
