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

fn place(seq: u64) -> LogPlace {
    LogPlace { epoch: Epoch::new(Uuid::from_u128(7)), seq }
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
async fn a_share_is_valid_until_the_log_grows() {
    let cache = cache(10_000);
    assert_eq!(ask(&cache, 1, 5, 5).await, 5);
    assert_eq!(ask(&cache, 1, 5, 99).await, 5);
    assert_eq!(ask(&cache, 2, 5, 5).await, 5, "another question");
    assert_eq!(ask(&cache, 1, 6, 8).await, 8, "counted at 8, since two more were committed meanwhile");
    assert_eq!(ask(&cache, 1, 7, 99).await, 8, "who knows of 7 may well see what is so at 8");
    let other = LogPlace { epoch: Epoch::new(Uuid::nil()), seq: 1 };
    let Ok(counted) = cache.get(PROJECT, 1, other, async || Ok::<_, Infallible>((other, vec![0]))).await;
    assert_eq!(counted.at, other, "another log");
    let counts = cache.used.read(cache.bytes());
    assert_eq!((counts.hits, counts.misses, counts.bytes), (2, 4, 2 * (8 + OVERHEAD)));
}

#[tokio::test]
async fn concurrent_readers_share_one_computation() {
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
async fn after_a_failure_or_cancellation_the_next_reader_computes() {
    let cache = cache(10_000);
    let failed = cache.get(PROJECT, 1, place(5), async || Err::<(LogPlace, Vec<u64>), _>("no answer")).await;
    assert_eq!(failed.map(|counted| counted.at.seq), Err("no answer"));
    let gone = cache.get(PROJECT, 1, place(5), async || std::future::pending::<Result<_, Infallible>>().await);
    assert!(futures_util::FutureExt::now_or_never(gone).is_none());
    assert_eq!(ask(&cache, 1, 5, 5).await, 5);
}

#[tokio::test]
async fn the_cache_is_bounded() {
    let limit = 3 * (8 + OVERHEAD);
    let cache = cache(limit);
    for question in 0..100 {
        assert_eq!(ask(&cache, question, 5, 5).await, 5);
        assert!(cache.bytes() <= limit);
    }
    assert!(cache.bytes() > 0);
}
