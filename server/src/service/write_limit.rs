//! How fast one user may make changes, in this process.

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
/// Users are swept once there are this many.
const SWEEP_AT: usize = 10_000;

/// A token bucket for each user.
#[derive(Clone, Debug)]
pub struct WriteLimit(Option<Arc<UserBuckets>>);

#[derive(Debug)]
struct UserBuckets {
    buckets: RateLimiter<UserId, DefaultKeyedStateStore<UserId>, DefaultClock>,
    burst: NonZeroU32,
    clock: DefaultClock,
}

impl WriteLimit {
    /// `per_second` writes of a user in the long run; 0 turns the limit off.
    pub fn new(per_second: u32) -> Self {
        Self(NonZeroU32::new(per_second).map(|rate| {
            let burst = rate.saturating_mul(BURST_SECONDS);
            let buckets = RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst));
            Arc::new(UserBuckets { buckets, burst, clock: DefaultClock::default() })
        }))
    }

    /// Counts a write, which is worth as much as `cost` small ones.
    ///
    /// # Errors
    /// `too_many_writes`, with the time to wait.
    pub fn count(&self, user: UserId, cost: NonZeroU32) -> Result<(), ApiError> {
        let Some(limit) = &self.0 else { return Ok(()) };
        if limit.buckets.len() > SWEEP_AT {
            limit.buckets.retain_recent();
        }
        // One that costs more than a bucket holds would wait for ever.
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
    fn what_costs_more_than_a_bucket_holds_empties_it() {
        let (limit, ann) = (WriteLimit::new(1), UserId::new(Uuid::from_u128(1)));
        assert!(limit.count(ann, cost(500)).is_ok());
        assert!(limit.count(ann, cost(1)).is_err());
    }

    #[test]
    fn zero_is_no_limit() {
        let (limit, ann) = (WriteLimit::new(0), UserId::new(Uuid::from_u128(1)));
        assert!((0..10_000).all(|_| limit.count(ann, cost(500)).is_ok()));
    }
}
