//! Oversight: workload, flow and reports. The figures, and how they are computed from tasks and their history. Dates
//! and weeks are those of the reader.

mod calendar;
pub mod capacity;
pub mod flow;
pub mod load;
pub mod query;
pub mod report;
pub mod workload;

pub use calendar::Calendar;
pub use capacity::{Capacity, DaysOff};
pub use flow::Flow;
pub use report::Report;
pub use workload::Workload;
