//! What leads ask: who has how much, where work is stuck, what the week brought.
//!
//! ```text
//! scope   who asks, of what, and where its logs end
//! cache   each project's share of an answer, as long as nothing happened there
//! report  what a week brought                  flow  how work goes through the columns
//! document  a report to keep                   csv   tables as text
//! weekly  who is told of their week
//! ```
//!
//! An answer is put together from shares, one a project, and from what is read anew each time because it is no part
//! of a board: names, capacities, roles.

mod cache;
mod csv;
pub(crate) mod document;
pub(crate) mod flow;
pub(crate) mod report;
mod scope;
pub mod weekly;

use std::sync::Arc;

pub use cache::CacheCounts;
use cache::{Cache, Used};
use engine::Timestamp;

use crate::store::Weekly;

/// Bytes that are kept of each kind of question at the most.
const KEPT: u64 = 64 << 20;

/// What the answers of this process are put together from. Cheap to clone.
#[derive(Clone)]
pub struct Oversight {
    used: Arc<Used>,
    reports: Arc<Cache<report::Question, Weekly>>,
    flows: Arc<Cache<Vec<Timestamp>, flow::ProjectFlow>>,
}

impl Default for Oversight {
    fn default() -> Self {
        let used = Arc::<Used>::default();
        let (reports, flows) = (Cache::new(KEPT, Arc::clone(&used)), Cache::new(KEPT, Arc::clone(&used)));
        Self { used, reports: Arc::new(reports), flows: Arc::new(flows) }
    }
}

impl Oversight {
    /// How much the cache was of use.
    pub fn counts(&self) -> CacheCounts {
        self.used.read(self.reports.bytes() + self.flows.bytes())
    }
}
