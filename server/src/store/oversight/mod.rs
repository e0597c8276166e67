//! What oversight counts: sums of tasks, a project at a time.

mod flow;
mod report;
mod scope;
mod weekly;

pub(crate) use flow::{Described, Past as FlowPast};
pub(crate) use report::{Standing, Week, Weekly};
pub(crate) use scope::{Reader, Visible};
pub(crate) use weekly::Subscriber;
