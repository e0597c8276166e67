//! The oversight leases of sockets, and the versions they were sent. Pure: times are arguments.

use std::collections::{BTreeSet, HashMap, HashSet};

use engine::{UserId, room::SocketId};
use tokio::time::Instant;

use crate::store::OversightVersion;

/// The leases of sockets; `S` receives a socket's frames.
#[derive(Debug)]
pub(super) struct Subscriptions<S>(HashMap<SocketId, Lease<S>>);

#[derive(Debug)]
struct Lease<S> {
    user: UserId,
    to: S,
    until: Instant,
    /// The version it was last notified of; `None` since its beginning.
    sent: Option<OversightVersion>,
}

// Not derived: that would require `S: Default`.
impl<S> Default for Subscriptions<S> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<S> Subscriptions<S> {
    /// Begins or renews a lease.
    pub(super) fn begin(&mut self, socket: SocketId, user: UserId, to: S, until: Instant) {
        self.0.insert(socket, Lease { user, to, until, sent: None });
    }

    /// Ends a lease, if there is one.
    pub(super) fn end(&mut self, socket: SocketId) {
        self.0.remove(&socket);
    }

    /// Ends expired leases.
    pub(super) fn expire(&mut self, now: Instant) {
        self.0.retain(|_, lease| now < lease.until);
    }

    /// Whether there are no leases.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The users with leases, each once.
    pub(super) fn users(&self) -> Vec<UserId> {
        self.0.values().map(|lease| lease.user).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Compares with the current versions of these users, and notifies each socket that knows another one. Users
    /// without a version are in no project. Leases of other users began after the query.
    pub(super) fn compare(
        &mut self,
        users: &[UserId],
        versions: &HashMap<UserId, OversightVersion>,
        mut notify: impl FnMut(&S),
    ) {
        let asked: HashSet<_> = users.iter().copied().collect();
        for lease in self.0.values_mut().filter(|lease| asked.contains(&lease.user)) {
            let version = versions.get(&lease.user).copied().unwrap_or_default();
            if lease.sent.replace(version) != Some(version) {
                notify(&lease.to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    const ANN: UserId = UserId::new(Uuid::from_u128(1));
    const BEN: UserId = UserId::new(Uuid::from_u128(2));

    fn compared(leases: &mut Subscriptions<&'static str>, versions: &[(UserId, i64)]) -> Vec<&'static str> {
        let versions = versions
            .iter()
            .map(|(user, seqs)| (*user, OversightVersion { projects: 1, seqs: *seqs, capacities: 0 }))
            .collect();
        let (users, mut sent) = (leases.users(), Vec::new());
        leases.compare(&users, &versions, |to| sent.push(*to));
        sent.sort_unstable();
        sent
    }

    #[test]
    fn each_socket_is_notified_once_per_change_and_at_its_beginning() {
        let (mut leases, later) = (Subscriptions::default(), Instant::now() + Duration::from_secs(60));
        leases.begin(SocketId::new(1), ANN, "tab", later);
        leases.begin(SocketId::new(2), ANN, "phone", later);
        leases.begin(SocketId::new(3), BEN, "ben", later);
        assert_eq!(leases.users(), [ANN, BEN]);
        assert_eq!(compared(&mut leases, &[(ANN, 5)]), ["ben", "phone", "tab"], "Ben is in no project");
        assert_eq!(compared(&mut leases, &[(ANN, 5)]), [""; 0]);
        assert_eq!(compared(&mut leases, &[(ANN, 6), (BEN, 1)]), ["ben", "phone", "tab"]);
        // Renewed: the server does not know what its page has seen.
        leases.begin(SocketId::new(1), ANN, "tab", later);
        assert_eq!(compared(&mut leases, &[(ANN, 6), (BEN, 1)]), ["tab"]);
        leases.end(SocketId::new(2));
        assert_eq!(compared(&mut leases, &[(ANN, 7), (BEN, 1)]), ["tab"]);
        assert_eq!(compared(&mut leases, &[(BEN, 1)]), ["tab"], "removed from all projects");
    }

    #[test]
    fn a_lease_that_is_not_renewed_ends() {
        let (mut leases, now) = (Subscriptions::default(), Instant::now());
        leases.begin(SocketId::new(1), ANN, (), now + Duration::from_secs(60));
        leases.begin(SocketId::new(2), BEN, (), now + Duration::from_secs(90));
        leases.expire(now + Duration::from_secs(59));
        assert_eq!(leases.users(), [ANN, BEN]);
        leases.expire(now + Duration::from_secs(60));
        assert_eq!(leases.users(), [BEN]);
        leases.expire(now + Duration::from_secs(90));
        assert!(leases.is_empty());
    }
}
