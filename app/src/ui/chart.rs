//! Charts, drawn as SVG.
//!
//! Horizontal lengths are shares of the width, so that a chart fills its container and its text keeps its size.
//! Vertical lengths are pixels.
//!
//! ```text
//! scale    round numbers on an axis          plot   axes, a cursor, and a description of the place under it
//! series   stacked bands, bars, dots         heat   people × time as colours
//! table    the same figures as text          picture  a chart as a PNG
//! ```

pub(crate) mod heat;
pub(crate) mod picture;
pub(crate) mod plot;
pub(crate) mod scale;
pub(crate) mod series;
pub(crate) mod table;
