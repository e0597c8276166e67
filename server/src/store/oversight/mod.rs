//! What oversight counts: sums of tasks, a project at a time.

mod scope;

pub(crate) use scope::{Reader, Visible};
