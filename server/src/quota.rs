//! How many sockets one user, or one address, may have open at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A number of places for each of many.
#[derive(Debug)]
pub(super) struct Quota<K> {
    /// 0: as many as they like, and nobody counts.
    limit: u32,
    taken: Mutex<HashMap<K, u32>>,
}

/// A place that is taken. Dropped, it is free again.
#[derive(Debug)]
pub(super) struct Ticket<K: Eq + Hash>(Option<(Arc<Quota<K>>, K)>);

impl<K: Copy + Eq + Hash> Quota<K> {
    /// `limit` places each, or (0) any number.
    pub(super) fn new(limit: u32) -> Arc<Self> {
        Arc::new(Self { limit, taken: Mutex::default() })
    }

    /// Takes a place, if one is free.
    pub(super) fn take(self: &Arc<Self>, key: K) -> Option<Ticket<K>> {
        if self.limit == 0 {
            return Some(Ticket(None));
        }
        let mut taken = self.lock();
        let count = taken.entry(key).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Ticket(Some((Arc::clone(self), key))))
    }
}

impl<K> Quota<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, u32>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Ticket<K> {
    fn drop(&mut self) {
        let Some((quota, key)) = self.0.take() else { return };
        let mut taken = quota.lock();
        if let Some(count) = taken.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&key);
            }
        }
    }
}

/// What counts as one address: an IPv4 one, or the /64 that one IPv6 host is given at the least.
pub(super) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_and_given_back() {
        let quota = Quota::new(2);
        let tickets = [quota.take(1), quota.take(1)];
        assert!(tickets.iter().all(Option::is_some) && quota.take(1).is_none());
        assert!(quota.take(2).is_some(), "somebody else has places of their own");
        drop(tickets);
        assert!(quota.lock().is_empty(), "nobody is remembered who has none");
        let _one = quota.take(1);
        assert!(quota.take(1).is_some());
    }

    #[test]
    fn zero_is_no_limit() {
        let quota = Quota::new(0);
        let tickets: Vec<_> = (0..1000).map(|_| quota.take(1)).collect();
        assert!(tickets.iter().all(Option::is_some) && quota.lock().is_empty());
    }

    #[test]
    fn an_address_is_what_one_host_has() {
        let of = |text: &str| household(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
