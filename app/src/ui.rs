//! The parts of the interface that know nothing of boards: fields, dialogs, popovers, toasts, charts, dragging.
//!
//! ```text
//! dom, dom_listener   the document and its events        focus      keeps the focus on the page
//! field     every field of every page                    form       a form and its request
//! dialog, popover, toast   layers over the page          undo       a request that takes a change back
//! drag      dragging by pointer and by key               chart      charts as SVG
//! avatar, icon, priority   small pictures                rows       keyed rows that keep their elements
//! hydrated  whether the page handles events yet
//! ```
//!
//! Nothing here may use a feature (`scripts/modules/walls.mjs`).

pub mod avatar;
pub(crate) mod chart;
pub mod dialog;
pub(crate) mod dom;
pub(crate) mod dom_listener;
pub(crate) mod drag;
#[expect(unreachable_pub, reason = "what #[component] generates is `pub`, whatever the component is")]
pub(crate) mod field;
pub(crate) mod focus;
pub mod form;
pub(crate) mod hydrated;
pub mod icon;
pub(crate) mod popover;
pub mod priority;
pub(crate) mod rows;
pub mod toast;
pub(crate) mod undo;
