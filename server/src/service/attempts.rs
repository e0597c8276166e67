//! How often somebody may try to sign in.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

/// An address may try this many times as often as one account from one address, so that an
/// office behind one address can work, and nobody can try one password on every account.
const ACCOUNTS_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
/// Keys are swept once there are this many.
const SWEEP_AT: usize = 10_000;

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// Counts attempts per account and address, and per address. Not per account alone: that would
/// let anybody lock anybody out.
#[derive(Clone, Debug)]
pub struct Attempts(Option<Arc<Limits>>);

#[derive(Debug)]
struct Limits {
    pair: Keyed<(String, IpAddr)>,
    address: Keyed<IpAddr>,
    clock: DefaultClock,
}

impl Attempts {
    /// `per_minute` attempts for an account from one address; 0 turns the limit off.
    pub fn new(per_minute: u32) -> Self {
        Self(NonZeroU32::new(per_minute).map(|limit| {
            Arc::new(Limits {
                pair: RateLimiter::keyed(Quota::per_minute(limit)),
                address: RateLimiter::keyed(Quota::per_minute(limit.saturating_mul(ACCOUNTS_PER_ADDRESS))),
                clock: DefaultClock::default(),
            })
        }))
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn count(&self, account: &str, address: IpAddr) -> Result<(), Duration> {
        let Some(limits) = &self.0 else { return Ok(()) };
        limits.sweep();
        let wait = |not_until: governor::NotUntil<_>| not_until.wait_time_from(limits.clock.now());
        limits.address.check_key(&address).map_err(wait)?;
        limits.pair.check_key(&(account.to_owned(), address)).map_err(wait)
    }
}

impl Limits {
    fn sweep(&self) {
        if self.pair.len() > SWEEP_AT {
            self.pair.retain_recent();
        }
        if self.address.len() > SWEEP_AT {
            self.address.retain_recent();
        }
    }
}
