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

use engine::{ProjectId, room::Place};
use quick_cache::{
    Weighter,
    sync::{EntryAction, EntryResult},
};
use serde::Serialize;

/// Bytes that an entry takes besides its share: its key, and its place in two tables.
const OVERHEAD: u64 = 256;

/// One project's part of an answer.
pub(crate) trait Share: Send + Sync + 'static {
    /// Bytes that it takes in memory, more or less.
    fn bytes(&self) -> usize;
}

/// A share, and the position of the log at which it was counted.
#[derive(Debug)]
pub(crate) struct Counted<S> {
    /// The position.
    pub(crate) at: Place,
    /// The share.
    pub(crate) share: Arc<S>,
}

/// The shares of one kind of question. Those that were not asked for lately go when they become too many.
pub(crate) struct Cache<Q, S> {
    entries: quick_cache::sync::Cache<(ProjectId, Q), Counted<S>, Bytes>,
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

impl<K, S: Share> Weighter<K, Counted<S>> for Bytes {
    fn weight(&self, _: &K, counted: &Counted<S>) -> u64 {
        counted.share.bytes() as u64 + OVERHEAD
    }
}

// Not derived: that would ask for a share that can be cloned.
impl<S> Clone for Counted<S> {
    fn clone(&self) -> Self {
        Self { at: self.at, share: Arc::clone(&self.share) }
    }
}

impl<S> Counted<S> {
    /// Whether a reader who knows of this position may have it: what was counted later is no older.
    fn serves(&self, at: Place) -> bool {
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
        at: Place,
        count: impl AsyncFnOnce() -> Result<(Place, S), E>,
    ) -> Result<Counted<S>, E> {
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
        let counted = Counted { at, share: Arc::new(share) };
        if let Some(guard) = guard {
            // Refused where the entry was thrown out meanwhile: the next one counts again.
            drop(guard.insert(counted.clone()));
        }
        Ok(counted)
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
mod tests {
    use std::convert::Infallible;

    use engine::Epoch;
    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::*;

    impl Share for Vec<u64> {
        fn bytes(&self) -> usize {
            self.len() * 8
        }
    }

    const PROJECT: ProjectId = ProjectId::new(Uuid::from_u128(1));

    fn place(seq: u64) -> Place {
        Place { epoch: Epoch::new(Uuid::from_u128(7)), seq }
    }

    fn cache(bytes: u64) -> Cache<u8, Vec<u64>> {
        Cache::new(bytes, Arc::default())
    }

    async fn ask(cache: &Cache<u8, Vec<u64>>, question: u8, seq: u64, now: u64) -> u64 {
        let count = async || Ok::<_, Infallible>((place(now), vec![now]));
        let Ok(counted) = cache.get(PROJECT, question, place(seq), count).await;
        assert_eq!(counted.at, place(counted.share[0]));
        counted.at.seq
    }

    #[tokio::test]
    async fn what_was_counted_serves_until_the_log_grows() {
        let cache = cache(10_000);
        assert_eq!(ask(&cache, 1, 5, 5).await, 5);
        assert_eq!(ask(&cache, 1, 5, 99).await, 5);
        assert_eq!(ask(&cache, 2, 5, 5).await, 5, "another question");
        assert_eq!(ask(&cache, 1, 6, 8).await, 8, "counted at 8, since two more were committed meanwhile");
        assert_eq!(ask(&cache, 1, 7, 99).await, 8, "who knows of 7 may well see what is so at 8");
        let other = Place { epoch: Epoch::new(Uuid::nil()), seq: 1 };
        let Ok(counted) = cache.get(PROJECT, 1, other, async || Ok::<_, Infallible>((other, vec![0]))).await;
        assert_eq!(counted.at, other, "another log");
        let counts = cache.used.read(cache.bytes());
        assert_eq!((counts.hits, counts.misses, counts.bytes), (2, 4, 2 * (8 + OVERHEAD)));
    }

    #[tokio::test]
    async fn one_counts_and_who_asks_meanwhile_waits() {
        let cache = Arc::new(cache(10_000));
        let (finish, finished) = oneshot::channel::<()>();
        let first = {
            let cache = Arc::clone(&cache);
            tokio::spawn(async move {
                let count = async || {
                    finished.await.expect("a signal");
                    Ok::<_, Infallible>((place(5), vec![5]))
                };
                cache.get(PROJECT, 1, place(5), count).await.map(|counted| counted.at.seq)
            })
        };
        while cache.used.misses.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (0..3)
            .map(|_| {
                let cache = Arc::clone(&cache);
                tokio::spawn(async move { ask(&cache, 1, 5, 99).await })
            })
            .collect();
        tokio::task::yield_now().await;
        finish.send(()).expect("somebody who counts");
        assert_eq!(first.await.expect("no panic"), Ok(5));
        for other in others {
            assert_eq!(other.await.expect("no panic"), 5);
        }
        assert_eq!(cache.used.misses.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn who_fails_or_goes_leaves_the_count_to_the_next() {
        let cache = cache(10_000);
        let failed = cache.get(PROJECT, 1, place(5), async || Err::<(Place, Vec<u64>), _>("no answer")).await;
        assert_eq!(failed.map(|counted| counted.at.seq), Err("no answer"));
        let gone = cache.get(PROJECT, 1, place(5), async || std::future::pending::<Result<_, Infallible>>().await);
        assert!(futures_util::FutureExt::now_or_never(gone).is_none());
        assert_eq!(ask(&cache, 1, 5, 5).await, 5);
    }

    #[tokio::test]
    async fn it_keeps_no_more_than_it_may() {
        let limit = 3 * (8 + OVERHEAD);
        let cache = cache(limit);
        for question in 0..100 {
            assert_eq!(ask(&cache, question, 5, 5).await, 5);
            assert!(cache.bytes() <= limit);
        }
        assert!(cache.bytes() > 0);
    }
}
