//! The write rate per user, in this process.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use engine::{ApiError, UserId};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

use super::account::retry_after;

/// How many seconds' worth of writes may come at once: an import of some hundred cards, or a queue that was offline.
const BURST_SECONDS: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
/// Number of buckets at which full ones are removed.
const SWEEP_AT: usize = 10_000;

/// A token bucket per user.
#[derive(Clone, Debug)]
pub struct WriteLimit(Option<Arc<UserBuckets>>);

#[derive(Debug)]
struct UserBuckets {
    buckets: RateLimiter<UserId, DefaultKeyedStateStore<UserId>, DefaultClock>,
    burst: NonZeroU32,
    clock: DefaultClock,
}

impl WriteLimit {
    /// Permits `per_second` writes per user on average; 0 means unlimited.
    pub fn new(per_second: u32) -> Self {
        Self(NonZeroU32::new(per_second).map(|rate| {
            let burst = rate.saturating_mul(BURST_SECONDS);
            let buckets = RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst));
            Arc::new(UserBuckets { buckets, burst, clock: DefaultClock::default() })
        }))
    }

    /// Counts a write that is worth `cost` small ones.
    ///
    /// # Errors
    /// `too_many_writes`, with the time to wait.
    pub fn count(&self, user: UserId, cost: NonZeroU32) -> Result<(), ApiError> {
        let Some(limit) = &self.0 else { return Ok(()) };
        if limit.buckets.len() > SWEEP_AT {
            limit.buckets.retain_recent();
        }
        // A cost above the capacity would never be granted.
        let wait = match limit.buckets.check_key_n(&user, cost.min(limit.burst)) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(not_until)) => not_until.wait_time_from(limit.clock.now()),
            Err(_) => Duration::from_secs(1),
        };
        let message = "You're making changes too quickly. Wait a moment, then try again.";
        let retry_after = u16::try_from(retry_after(wait).max(1)).unwrap_or(u16::MAX);
        Err(ApiError { retry_after: Some(retry_after), ..ApiError::new(429, "too_many_writes", message) })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn cost(cost: u32) -> NonZeroU32 {
        NonZeroU32::new(cost).unwrap()
    }

    #[test]
    fn each_user_has_a_bucket_and_a_full_one_holds_half_a_minute() {
        let (limit, ann, ben) = (WriteLimit::new(1), UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
        assert!(limit.count(ann, cost(29)).is_ok() && limit.count(ann, cost(1)).is_ok());
        let refused = limit.count(ann, cost(10)).unwrap_err();
        assert_eq!((refused.status, &*refused.code), (429, "too_many_writes"));
        assert!((9..=10).contains(&refused.retry_after.unwrap()), "{refused:?}");
        assert!(limit.count(ben, cost(1)).is_ok());
    }

    #[test]
    fn a_cost_above_the_capacity_empties_the_bucket() {
        let (limit, ann) = (WriteLimit::new(1), UserId::new(Uuid::from_u128(1)));
        assert!(limit.count(ann, cost(500)).is_ok());
        assert!(limit.count(ann, cost(1)).is_err());
    }

    #[test]
    fn zero_means_unlimited() {
        let (limit, ann) = (WriteLimit::new(0), UserId::new(Uuid::from_u128(1)));
        assert!((0..10_000).all(|_| limit.count(ann, cost(500)).is_ok()));
    }
}
