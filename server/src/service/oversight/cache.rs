//! Cache of one project's share of a response, valid for one position of its log.
//!
//! Each question first reads where the logs of its projects end, so that every change of a board invalidates its
//! share, on every node and at once, without any message. So nothing can be stale. Data that is no part of a board
//! (names, capacities, roles, the reader's time zone) is no part of a share either.
//!
//! A copy in Redis would not be more correct; it would only save other nodes a computation.

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

/// Bytes of an entry besides its share: its key, and its slots in two tables.
const OVERHEAD: u64 = 256;

/// Projects computed concurrently per question: as many as SQLite has readers.
const AT_ONCE: usize = 4;

/// One project's part of a response.
pub(crate) trait Share: Send + Sync + 'static {
    /// Its approximate size in bytes.
    fn bytes(&self) -> usize;
}

/// A share, and the log position at which it was computed.
#[derive(Debug)]
pub(crate) struct CachedShare<S> {
    /// The log position.
    pub(crate) at: LogPlace,
    /// The share.
    pub(crate) share: Arc<S>,
}

/// The shares of one kind of question. Evicts those not used lately.
pub(crate) struct Cache<Q, S> {
    entries: quick_cache::sync::Cache<(ProjectId, Q), CachedShare<S>, Bytes>,
    used: Arc<Used>,
}

/// Hits and misses, shared by all caches.
#[derive(Debug, Default)]
pub(crate) struct Used {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// The statistics at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheCounts {
    /// Cache hits.
    #[serde(rename = "oversight_cache_hits")]
    pub hits: u64,
    /// Cache misses.
    #[serde(rename = "oversight_cache_misses")]
    pub misses: u64,
    /// Bytes in use.
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

// Not derived: that would require `S: Clone`.
impl<S> Clone for CachedShare<S> {
    fn clone(&self) -> Self {
        Self { at: self.at, share: Arc::clone(&self.share) }
    }
}

impl<S> CachedShare<S> {
    /// Whether it is valid for a reader who knows this position: a later share is no older.
    fn serves(&self, at: LogPlace) -> bool {
        self.at.epoch == at.epoch && self.at.seq >= at.seq
    }
}

impl<Q: Clone + Eq + Hash, S: Share> Cache<Q, S> {
    /// An empty cache with a capacity in bytes. Larger shares are not cached.
    pub(crate) fn new(bytes: u64, used: Arc<Used>) -> Self {
        // A single shard: several would split the capacity, and large shares might not fit.
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

    /// A project's share at a log position or later: the cached one, or else the result of `count`, which also returns
    /// its position. Computes once at a time per project and question; concurrent readers wait for the result.
    ///
    /// # Errors
    /// Those of `count`. Waiting readers then compute for themselves.
    pub(crate) async fn get<E>(
        &self,
        project: ProjectId,
        question: Q,
        at: LogPlace,
        count: impl AsyncFnOnce() -> Result<(LogPlace, S), E>,
    ) -> Result<CachedShare<S>, E> {
        let key = (project, question);
        // Fast path for readers that need not wait.
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
            // Neither is requested above.
            EntryResult::Removed(..) | EntryResult::Timeout => None,
        };
        self.used.misses.fetch_add(1, Ordering::Relaxed);
        let (at, share) = count().await?;
        let counted = CachedShare { at, share: Arc::new(share) };
        if let Some(guard) = guard {
            // Refused if the entry was evicted meanwhile: the next reader computes again.
            drop(guard.insert(counted.clone()));
        }
        Ok(counted)
    }

    /// The shares of several projects, in their order; computes a few at a time.
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

    /// Bytes in use.
    pub(crate) fn bytes(&self) -> u64 {
        self.entries.weight()
    }
}

impl Used {
    /// The current statistics, with the bytes of all caches.
    pub(crate) fn read(&self, bytes: u64) -> CacheCounts {
        CacheCounts { hits: self.hits.load(Ordering::Relaxed), misses: self.misses.load(Ordering::Relaxed), bytes }
    }
}

#[cfg(test)]
mod tests;
