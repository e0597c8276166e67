//! What was counted before and is still so: one project's share of an answer, for one position of its log.
//!
//! Every question first reads where the logs of its projects end, so each change of a board makes what was counted
//! before it worthless, on every node and at once, whether anybody said so or not. There is nothing to invalidate, and
//! nothing that could be stale. What is no part of a board (names, capacities, roles, the reader's clock) is no part
//! of a share either.
//!
//! A copy in Redis would not make this any more right, only spare each further node one count.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use engine::{ProjectId, room::LogPlace};
use futures_util::future::{BoxFuture, try_join_all};
use quick_cache::{
    Weighter,
    sync::{EntryAction, EntryResult},
};
use serde::Serialize;

use crate::store::Visible;

/// Bytes that an entry takes besides its share: its key, and its place in two tables.
const OVERHEAD: u64 = 256;

/// Projects that are counted at once for one question: as many as SQLite has readers.
const AT_ONCE: usize = 4;

/// One project's part of an answer.
pub(crate) trait Share: Send + Sync + 'static {
    /// Bytes that it takes in memory, more or less.
    fn bytes(&self) -> usize;
}

/// A share, and the position of the log at which it was counted.
#[derive(Debug)]
pub(crate) struct CachedShare<S> {
    /// The position.
    pub(crate) at: LogPlace,
    /// The share.
    pub(crate) share: Arc<S>,
}

/// The shares of one kind of question. Those that were not asked for lately go when they become too many.
pub(crate) struct Cache<Q, S> {
    entries: quick_cache::sync::Cache<(ProjectId, Q), CachedShare<S>, Bytes>,
    used: Arc<Used>,
}

/// How often what was counted before was of use. All caches count here.
#[derive(Debug, Default)]
pub(crate) struct Used {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// The same at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheCounts {
    /// Shares that were there.
    #[serde(rename = "oversight_cache_hits")]
    pub hits: u64,
    /// Shares that had to be counted.
    #[serde(rename = "oversight_cache_misses")]
    pub misses: u64,
    /// What is kept, in bytes.
    #[serde(rename = "oversight_cache_bytes")]
    pub bytes: u64,
}

#[derive(Clone)]
struct Bytes;

impl<K, S: Share> Weighter<K, CachedShare<S>> for Bytes {
    fn weight(&self, _: &K, counted: &CachedShare<S>) -> u64 {
        counted.share.bytes() as u64 + OVERHEAD
    }
}

// Not derived: that would ask for a share that can be cloned.
impl<S> Clone for CachedShare<S> {
    fn clone(&self) -> Self {
        Self { at: self.at, share: Arc::clone(&self.share) }
    }
}

impl<S> CachedShare<S> {
    /// Whether a reader who knows of this position may have it: what was counted later is no older.
    fn serves(&self, at: LogPlace) -> bool {
        self.at.epoch == at.epoch && self.at.seq >= at.seq
    }
}

impl<Q: Clone + Eq + Hash, S: Share> Cache<Q, S> {
    /// An empty one, which keeps so many bytes at the most. A share that is larger is not kept.
    pub(crate) fn new(bytes: u64, used: Arc<Used>) -> Self {
        // One shard: several would each have a part of the bytes, and large shares might fit into none.
        let options =
            quick_cache::OptionsBuilder::new().shards(1).estimated_items_capacity(1024).weight_capacity(bytes).build();
        let entries = match options {
            Ok(options) => quick_cache::sync::Cache::with_options(
                options,
                Bytes,
                quick_cache::DefaultHashBuilder::default(),
                quick_cache::sync::DefaultLifecycle::default(),
            ),
            // Both numbers are set.
            Err(_) => quick_cache::sync::Cache::with_weighter(1024, bytes, Bytes),
        };
        Self { entries, used }
    }

    /// A project's share as it is at a position of its log, or later: the one that is here, or else what `count` comes
    /// to, which says at which position it did. One count for each project and question is under way at a time; who
    /// asks meanwhile waits for it.
    ///
    /// # Errors
    /// Those of `count`. Whoever waits then counts for themselves.
    pub(crate) async fn get<E>(
        &self,
        project: ProjectId,
        question: Q,
        at: LogPlace,
        count: impl AsyncFnOnce() -> Result<(LogPlace, S), E>,
    ) -> Result<CachedShare<S>, E> {
        let key = (project, question);
        // For those who only read, and need not wait for each other.
        if let Some(counted) = self.entries.get(&key).filter(|counted| counted.serves(at)) {
            self.used.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(counted);
        }
        let entry = self.entries.entry_async(&key, |_, counted| {
            if counted.serves(at) { EntryAction::Retain(counted.clone()) } else { EntryAction::ReplaceWithGuard }
        });
        let guard = match entry.await {
            EntryResult::Retained(counted) => {
                self.used.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(counted);
            }
            EntryResult::Vacant(guard) | EntryResult::Replaced(guard, _) => Some(guard),
            // Neither is asked for above.
            EntryResult::Removed(..) | EntryResult::Timeout => None,
        };
        self.used.misses.fetch_add(1, Ordering::Relaxed);
        let (at, share) = count().await?;
        let counted = CachedShare { at, share: Arc::new(share) };
        if let Some(guard) = guard {
            // Refused where the entry was thrown out meanwhile: the next one counts again.
            drop(guard.insert(counted.clone()));
        }
        Ok(counted)
    }

    /// The shares of several projects, in their order; a few are counted at a time.
    ///
    /// # Errors
    /// Those of `count`.
    pub(crate) async fn get_all<'a, E: Send + 'a>(
        &'a self,
        projects: &'a [Visible],
        question: &'a Q,
        count: impl Fn(ProjectId) -> BoxFuture<'a, Result<(LogPlace, S), E>>,
    ) -> Result<Vec<CachedShare<S>>, E>
    where
        Q: Send + Sync,
    {
        let mut shares = Vec::with_capacity(projects.len());
        for some in projects.chunks(AT_ONCE) {
            let mut waiting: Vec<BoxFuture<'a, Result<CachedShare<S>, E>>> = Vec::with_capacity(some.len());
            for &Visible { id, at, .. } in some {
                let counting = count(id);
                waiting.push(Box::pin(self.get(id, question.clone(), at, async move || counting.await)));
            }
            shares.extend(try_join_all(waiting).await?);
        }
        Ok(shares)
    }

    /// Bytes that are kept.
    pub(crate) fn bytes(&self) -> u64 {
        self.entries.weight()
    }
}

impl Used {
    /// The counts now, with the bytes that all caches keep.
    pub(crate) fn read(&self, bytes: u64) -> CacheCounts {
        CacheCounts { hits: self.hits.load(Ordering::Relaxed), misses: self.misses.load(Ordering::Relaxed), bytes }
    }
}

#[cfg(test)]
mod tests;
