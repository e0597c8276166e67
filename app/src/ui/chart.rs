//! Charts, drawn as SVG by ourselves. Lengths across are shares of the width, so that a chart fills whatever it stands
//! in, and its text stays text; lengths down are pixels.
//!
//! ```text
//! scale  round numbers on an axis          plot  axes, a cursor, and what is said of the place under it
//! area   bands that stand on each other    dots  one point a task    bars  one bar a week
//! heat   people × time as colours          table  the same figures as text
//! picture  a chart as a PNG
//! ```

pub(crate) mod area;
pub(crate) mod bars;
pub(crate) mod dots;
pub(crate) mod heat;
pub(crate) mod picture;
pub(crate) mod plot;
pub(crate) mod scale;
pub(crate) mod table;
