//! What leads ask: who has how much, where work is stuck, what the week brought.
//!
//! ```text
//! scope     who asks, of what, and where its logs end
//! cache     each project's share of an answer, as long as nothing happened there
//! answers   long ones as they were sent
//! workload  who has how much, and when         tasks     what a figure of it is made of
//! sheet     a workload for a spreadsheet       capacity  how much somebody can do
//! report    what a week brought                flow      how work goes through the columns
//! document  a report to keep                   csv       tables as text
//! weekly    who is told of their week        versioned which versions a reader has
//! ```
//!
//! An answer is put together from shares, one a project, and from what is read anew each time because it is no part
//! of a board: names, capacities, roles.

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

/// Bytes that are kept of each kind of question at the most.
const KEPT: u64 = 64 << 20;

/// What the answers of this process are put together from. Cheap to clone.
#[derive(Clone)]
pub struct Oversight {
    used: Arc<Used>,
    /// Of a project there is only one question: what is open.
    loads: Arc<Cache<(), Vec<LoadBuckets>>>,
    reports: Arc<Cache<report::ReportWeeks, Weekly>>,
    flows: Arc<Cache<Vec<Timestamp>, flow::ProjectFlow>>,
    answers: Arc<Answers>,
}

impl Default for Oversight {
    fn default() -> Self {
        let used = Arc::<Used>::default();
        Self {
            loads: Arc::new(Cache::new(KEPT, Arc::clone(&used))),
            reports: Arc::new(Cache::new(KEPT, Arc::clone(&used))),
            flows: Arc::new(Cache::new(KEPT, Arc::clone(&used))),
            answers: Arc::default(),
            used,
        }
    }
}

impl Oversight {
    /// How much the caches were of use.
    pub fn counts(&self) -> CacheCounts {
        self.used.read(self.loads.bytes() + self.reports.bytes() + self.flows.bytes() + self.answers.bytes())
    }
}
