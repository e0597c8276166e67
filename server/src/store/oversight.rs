//! Queries for oversight: aggregates of tasks per project, people and their capacities.

mod flow;
mod load;
mod people;
mod report;
mod scope;
mod tasks;
mod version;
mod weekly;

pub(crate) use flow::{Described, FlowHistory};
pub(crate) use load::LoadBuckets;
pub(crate) use people::OverseenPerson;
pub(crate) use report::{ReportedTask, Week, Weekly};
pub(crate) use scope::{OversightReader, Visible};
pub(crate) use tasks::{After, TaskFilter};
pub use version::OversightVersion;
pub(crate) use weekly::Subscriber;
