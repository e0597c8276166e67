//! What oversight counts: sums of tasks, a project at a time; who is there, and how much they can do.

mod flow;
mod load;
mod people;
mod pulse;
mod report;
mod scope;
mod tasks;
mod weekly;

pub(crate) use flow::{Described, FlowPast};
pub(crate) use load::Piles;
pub(crate) use people::OverseenPerson;
pub use pulse::Beat;
pub(crate) use report::{ReportedTask, Week, Weekly};
pub(crate) use scope::{OversightReader, Visible};
pub(crate) use tasks::{After, Behind};
pub(crate) use weekly::Subscriber;
