//! What leads ask: who has how much work, where it is stuck, what the week brought.
//!
//! | module | contents |
//! | --- | --- |
//! | `workload`, `tasks`, `sheet`, `capacity` | workload; the tasks behind a figure; as a spreadsheet; working hours |
//! | `report`, `document`, `weekly` | weekly reports; as documents; as notifications |
//! | `flow` | flow metrics |
//! | `csv` | tables as text |
//! | `scope` | the reader, their projects, and the ends of the logs |
//! | `cache`, `answers`, `versioned` | cached shares of projects; cached responses; versions of responses |
//!
//! A response is composed of cached shares, one per project, and of data that is no part of a board and read each
//! time: names, capacities, roles.

mod answers;
mod cache;
pub(crate) mod capacity;
mod csv;
pub(crate) mod document;
pub mod flow;
pub(crate) mod report;
mod scope;
pub(crate) mod sheet;
pub(crate) mod tasks;
pub mod versioned;
pub mod weekly;
pub(crate) mod workload;

use std::sync::Arc;

use answers::Answers;
pub use cache::CacheCounts;
use cache::{Cache, Used};
use engine::Timestamp;

use crate::store::{LoadBuckets, Weekly};

/// Most bytes that each cache of shares holds.
const CAPACITY: u64 = 64 << 20;

/// The oversight caches of this process. Cheap to clone.
#[derive(Clone)]
pub struct Oversight {
    used: Arc<Used>,
    /// There is only one question per project: its open tasks.
    loads: Arc<Cache<(), Vec<LoadBuckets>>>,
    reports: Arc<Cache<report::ReportWeeks, Weekly>>,
    flows: Arc<Cache<Vec<Timestamp>, flow::ProjectFlow>>,
    answers: Arc<Answers>,
}

impl Default for Oversight {
    fn default() -> Self {
        let used = Arc::<Used>::default();
        Self {
            loads: Arc::new(Cache::new(CAPACITY, Arc::clone(&used))),
            reports: Arc::new(Cache::new(CAPACITY, Arc::clone(&used))),
            flows: Arc::new(Cache::new(CAPACITY, Arc::clone(&used))),
            answers: Arc::default(),
            used,
        }
    }
}

impl Oversight {
    /// Cache statistics.
    pub fn counts(&self) -> CacheCounts {
        self.used.read(self.loads.bytes() + self.reports.bytes() + self.flows.bytes() + self.answers.bytes())
    }
}
