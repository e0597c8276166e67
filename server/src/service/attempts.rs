//! Limits attempts to guess passwords, and other requests without a session.
//!
//! Three rates, each a token bucket:
//!
//! ```text
//! attempts   per account and address (IPv6: a /64), per minute
//! attempts   per address, ten times as many, so that one password cannot be tried on every account
//! failures   per account, from anywhere, per hour and per day
//! ```
//!
//! The third alone would let anyone lock anyone out. So each sign-in sets a cookie (`account::known_device`), which
//! gives the device its own rates for its account: failures elsewhere, or neighbours behind the same address, don't
//! affect it. An owner on a new device whose account is under attack waits like the attacker, or signs in by a link to
//! their address.
//!
//! The counted keys are keyed hashes of 16 bytes, in tables that never grow and never forget too early (`sketch`), and
//! in Redis, if there is one (`shared`).

mod bucket;
mod shared;
mod sketch;

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use engine::limit;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use bucket::{Bucket, Kind, Tables, rate};
pub use shared::SharedAttempts;
use sketch::Key;

use crate::{quota, secret::Secret, store::EmailKey};

/// Attempts per address, as a multiple of those per account and address: enough for an office behind one address, too
/// few to try one password on every account.
const ACCOUNTS_PER_ADDRESS: u32 = 10;
/// Failures per day, as a multiple of those per hour.
const HOURS_PER_DAY: u32 = 4;
const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Limits of attempts. 0 means unlimited.
#[derive(Clone, Copy, Debug, Default)]
pub struct AttemptLimits {
    /// Attempts per minute on an account from one address.
    pub per_minute: u32,
    /// Failures per hour on an account.
    pub failures_per_hour: u32,
}

/// The origin of an attempt.
#[derive(Clone, Copy, Debug)]
pub enum AttemptOrigin<'a> {
    /// A network address.
    Address(IpAddr),
    /// A device or session that has signed in to this account before: its name, which no one else knows.
    Device(&'a str),
}

/// Counts attempts. Cheap to clone.
#[derive(Clone, Default)]
pub struct Attempts(Option<Arc<Counting>>);

struct Counting {
    key: Secret,
    limits: AttemptLimits,
    since: Instant,
    tables: Mutex<Tables>,
    shared: Option<SharedAttempts>,
}

/// A password check in progress. Dropped, it does not count as a failure.
#[must_use = "a failure has to be counted"]
pub struct Attempt(Option<(Arc<Counting>, Vec<Bucket>)>);

impl Attempts {
    /// Counts under a key shared by all processes; with `shared`, together with them.
    pub fn new(limits: AttemptLimits, key: Secret, shared: Option<SharedAttempts>) -> Self {
        if limits.per_minute == 0 && limits.failures_per_hour == 0 {
            return Self(None);
        }
        let (since, tables) = (Instant::now(), Mutex::default());
        Self(Some(Arc::new(Counting { key, limits, since, tables, shared })))
    }

    /// Counts an attempt that involves no password.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub async fn count(&self, account: &str, address: IpAddr) -> Result<(), Duration> {
        let Some(counting) = &self.0 else { return Ok(()) };
        counting.take(&counting.tries(account, AttemptOrigin::Address(address))).await
    }

    /// Counts an attempt to guess a password of an account.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub async fn begin(&self, account: &str, origin: AttemptOrigin<'_>) -> Result<Attempt, Duration> {
        let Some(counting) = &self.0 else { return Ok(Attempt(None)) };
        let failures = counting.failures(account, origin);
        let attempt = counting.watch(&failures);
        let mut buckets = counting.tries(account, origin);
        buckets.extend(&attempt.buckets_with_pending());
        counting.take(&buckets).await?;
        Ok(attempt)
    }
}

impl Attempt {
    /// Counts a failure.
    pub async fn fail(self) {
        if let Some((counting, buckets)) = &self.0 {
            let failed: Vec<_> = buckets.iter().map(|bucket| Bucket { wanted: 0, counts: true, ..*bucket }).collect();
            // It has failed, however many there are by now.
            let _ = counting.take(&failed).await;
        }
    }

    /// The failure rates, with room for all checks in progress.
    fn buckets_with_pending(&self) -> Vec<Bucket> {
        let Some((counting, buckets)) = &self.0 else { return Vec::new() };
        let tables = counting.tables();
        let pending = |bucket: &Bucket| tables.pending.get(&bucket.key).copied().unwrap_or(1);
        buckets.iter().map(|bucket| Bucket { wanted: pending(bucket), counts: false, ..*bucket }).collect()
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let Some((counting, buckets)) = self.0.take() else { return };
        let mut tables = counting.tables();
        for bucket in buckets {
            if let Some(pending) = tables.pending.get_mut(&bucket.key) {
                *pending -= 1;
                if *pending == 0 {
                    tables.pending.remove(&bucket.key);
                }
            }
        }
    }
}

impl Counting {
    /// The attempt rates.
    fn tries(&self, account: &str, origin: AttemptOrigin<'_>) -> Vec<Bucket> {
        let Some(bucket) = rate(MINUTE_MS, self.limits.per_minute) else { return Vec::new() };
        let account = self.key_of(Kind::Account, account, &from(origin));
        let mut buckets = vec![Bucket { kind: Kind::Account, key: account, ..bucket }];
        if let AttemptOrigin::Address(_) = origin
            && let Some(bucket) = rate(MINUTE_MS, self.limits.per_minute.saturating_mul(ACCOUNTS_PER_ADDRESS))
        {
            let key = self.key_of(Kind::Address, "", &from(origin));
            buckets.push(Bucket { kind: Kind::Address, key, ..bucket });
        }
        buckets
    }

    /// The failure rates: a known device has its own.
    fn failures(&self, account: &str, origin: AttemptOrigin<'_>) -> Vec<Bucket> {
        let device = match origin {
            AttemptOrigin::Address(_) => String::new(),
            AttemptOrigin::Device(_) => from(origin),
        };
        let limit = self.limits.failures_per_hour;
        let rates = [
            (Kind::FailuresPerHour, rate(HOUR_MS, limit)),
            (Kind::FailuresPerDay, rate(DAY_MS, limit.saturating_mul(HOURS_PER_DAY))),
        ];
        let bucket = |(kind, bucket): (Kind, Option<Bucket>)| {
            Some(Bucket { kind, key: self.key_of(kind, account, &device), ..bucket? })
        };
        rates.into_iter().filter_map(bucket).collect()
    }

    /// Records a password check in progress.
    fn watch(self: &Arc<Self>, failures: &[Bucket]) -> Attempt {
        let mut tables = self.tables();
        for bucket in failures {
            *tables.pending.entry(bucket.key).or_default() += 1;
        }
        drop(tables);
        Attempt(Some((Arc::clone(self), failures.to_vec())))
    }

    /// Takes from all buckets, here and in Redis, or returns how long to wait. Other processes count only while Redis
    /// answers.
    async fn take(&self, buckets: &[Bucket]) -> Result<(), Duration> {
        if buckets.is_empty() {
            return Ok(());
        }
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let wait = self.tables().take(buckets, now);
        if wait > 0 && buckets.iter().any(|bucket| bucket.wanted > 0) {
            return Err(Duration::from_millis(wait));
        }
        match &self.shared {
            Some(shared) => shared.take(buckets).await,
            None => Ok(()),
        }
    }

    /// The counted key: a keyed hash that reveals nothing and cannot be made to collide.
    fn key_of(&self, kind: Kind, account: &str, from: &str) -> Key {
        // No account has an address this long.
        let account = match account.len() <= 4 * limit::EMAIL {
            true => EmailKey::of(account).to_string(),
            false => "too long".to_owned(),
        };
        // HMAC accepts keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.bytes()) else { return Key::default() };
        for part in ["attempts", kind.name(), &account, from] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        let (key, _) = hash.split_first_chunk().unwrap_or((&[0; 16], &[]));
        *key
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn from(origin: AttemptOrigin<'_>) -> String {
    match origin {
        AttemptOrigin::Address(address) => quota::household(address).to_string(),
        AttemptOrigin::Device(name) => format!("device {name}"),
    }
}

impl fmt::Debug for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Attempts").field(&self.0.as_ref().map(|counting| counting.limits)).finish()
    }
}

#[cfg(test)]
mod tests;
