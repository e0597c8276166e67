//! Limits how many sockets or connections a user or an address may have open at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A number of permits per key.
#[derive(Debug)]
pub(crate) struct Quota<K> {
    /// 0: unlimited and uncounted.
    limit: u32,
    taken: Mutex<HashMap<K, u32>>,
}

/// A permit, released when dropped.
#[derive(Debug)]
pub(crate) struct Ticket<K: Eq + Hash>(Option<(Arc<Quota<K>>, K)>);

impl<K: Copy + Eq + Hash> Quota<K> {
    /// `limit` permits per key; 0: unlimited.
    pub(crate) fn new(limit: u32) -> Arc<Self> {
        Arc::new(Self { limit, taken: Mutex::default() })
    }

    /// Takes a permit, if one is free.
    pub(crate) fn take(self: &Arc<Self>, key: K) -> Option<Ticket<K>> {
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

    /// Whether more than half of a key's permits are taken.
    pub(crate) fn is_crowded(&self, key: K) -> bool {
        self.limit > 0 && self.lock().get(&key).is_some_and(|count| *count > self.limit / 2)
    }
}

/// Permits in total and per address.
#[derive(Debug)]
pub(crate) struct AddressQuota {
    all: Arc<Quota<()>>,
    addresses: Arc<Quota<IpAddr>>,
}

/// A permit in total, and one of its address if that is counted. Released when dropped.
#[derive(Debug)]
pub(crate) struct AddressTicket {
    _all: Ticket<()>,
    _address: Option<Ticket<IpAddr>>,
    /// Whether permits are running out.
    pub(crate) crowded: bool,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overloaded {
    /// The one of this address.
    Address,
    /// The total.
    All,
}

impl AddressQuota {
    /// This many permits in total and per address; 0: unlimited.
    pub(crate) fn new(all: u32, per_address: u32) -> Self {
        Self { all: Quota::new(all), addresses: Quota::new(per_address) }
    }

    /// Takes a permit, if one is free. Without an address it counts only in total.
    ///
    /// # Errors
    /// The limit that was reached.
    pub(crate) fn take(&self, address: Option<IpAddr>) -> Result<AddressTicket, Overloaded> {
        let of_address = address.map(|address| self.addresses.take(address).ok_or(Overloaded::Address)).transpose()?;
        let of_all = self.all.take(()).ok_or(Overloaded::All)?;
        let crowded = address.is_some_and(|address| self.addresses.is_crowded(address)) || self.all.is_crowded(());
        Ok(AddressTicket { _all: of_all, _address: of_address, crowded })
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

/// The unit that counts as one address: an IPv4 address, or an IPv6 /64, the smallest network of one host.
pub(crate) fn household(address: IpAddr) -> IpAddr {
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
    fn permits_are_taken_and_released() {
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
    fn zero_means_unlimited() {
        let quota = Quota::new(0);
        let tickets: Vec<_> = (0..1000).map(|_| quota.take(1)).collect();
        assert!(tickets.iter().all(Option::is_some) && quota.lock().is_empty());
    }

    #[test]
    fn permits_are_limited_in_total_and_per_address() {
        let (one, two): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let quota = AddressQuota::new(6, 4);
        let tickets: Vec<_> = (0..4).map(|_| quota.take(Some(one)).unwrap()).collect();
        assert_eq!(tickets.iter().map(|ticket| ticket.crowded).collect::<Vec<_>>(), [false, false, true, true]);
        assert_eq!(quota.take(Some(one)).unwrap_err(), Overloaded::Address);
        let others = [quota.take(Some(two)), quota.take(None)];
        assert!(others.iter().all(|other| other.as_ref().is_ok_and(|ticket| ticket.crowded)), "two thirds are taken");
        assert_eq!(quota.take(Some(two)).unwrap_err(), Overloaded::All);
        drop((tickets, others));
        assert!(quota.addresses.lock().is_empty() && quota.all.lock().is_empty());
    }

    #[test]
    fn an_address_is_the_network_of_one_host() {
        let of = |text: &str| household(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
