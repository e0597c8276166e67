//! What leads ask: who has how much, where work is stuck, what the week brought.
//!
//! ```text
//! scope   who asks, of what, and where its logs end
//! cache   each project's share of an answer, as long as nothing happened there
//! ```
//!
//! An answer is put together from shares, one a project, and from what is read anew each time because it is no part
//! of a board: names, capacities, roles.

mod cache;
mod scope;

use std::sync::Arc;

pub use cache::CacheCounts;
use cache::Used;

/// What the answers of this process are put together from. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Oversight {
    used: Arc<Used>,
}

impl Oversight {
    /// How much the cache was of use.
    pub fn counts(&self) -> CacheCounts {
        self.used.read(0)
    }
}
