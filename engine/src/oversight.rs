//! What leads ask: who has how much, where work is stuck, what the week brought. The figures, and how they are counted
//! from tasks and from the history of their states. Dates and weeks are those of whoever asks.

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
