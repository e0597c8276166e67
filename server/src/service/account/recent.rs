//! Cache of recently looked-up sessions: a busy writer would cause as many session queries as writes.
//!
//! The end of any session clears the cache, here and, through the bus, in every process. Ends that the bus does not
//! carry (another process without Redis, `lockstep user`) take effect [`FRESH`] later.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use engine::UserId;

use super::CurrentSession;
use crate::store::access::SessionId;

/// How long a cached session is valid: no longer than the sockets of an ended session may stay open.
const FRESH: Duration = Duration::from_secs(2);
/// Capacity: a megabyte or two.
const CAPACITY: usize = 4096;

/// Cache of recently looked-up sessions.
#[derive(Clone, Default)]
pub(super) struct RecentSessions(Arc<Mutex<KnownSessions>>);

#[derive(Default)]
struct KnownSessions {
    sessions: HashMap<SessionId, (CurrentSession, Instant)>,
    /// The number of revocations when they were looked up.
    revocations: u64,
}

impl RecentSessions {
    /// A cached session, if it is fresh and nothing was revoked since. `ended` is the current number of revocations.
    pub(super) fn find(&self, id: SessionId, revocations: u64, now: Instant) -> Option<CurrentSession> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (session, since) = known.sessions.get(&id).filter(|_| known.revocations == revocations)?;
        (now.saturating_duration_since(*since) < FRESH).then(|| session.clone())
    }

    /// Caches a session. `ended` is the number of revocations before the lookup.
    pub(super) fn insert(&self, session: &CurrentSession, revocations: u64, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if revocations < known.revocations {
            // A revocation meanwhile may have ended this session.
            return;
        }
        if revocations > known.revocations || known.sessions.len() >= CAPACITY {
            known.sessions.clear();
            known.revocations = revocations;
        }
        known.sessions.insert(session.id, (session.clone(), now));
    }

    /// Removes the sessions of a user whose name or address changed.
    pub(super) fn forget(&self, user: UserId) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.sessions.retain(|_, (session, _)| session.user.id != user);
    }
}

impl fmt::Debug for RecentSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecentSessions")
    }
}

#[cfg(test)]
mod tests {
    use engine::User;
    use uuid::Uuid;

    use super::*;

    fn session(token: &str) -> CurrentSession {
        let user = User { id: UserId::new(Uuid::nil()), email: "ann@example.org".into(), name: "Ann".into() };
        CurrentSession { user, id: SessionId::of(token) }
    }

    #[test]
    fn a_session_is_cached_briefly() {
        let (recent, now, session) = (RecentSessions::default(), Instant::now(), session("a"));
        assert!(recent.find(session.id, 0, now).is_none());
        recent.insert(&session, 0, now);
        assert!(recent.find(session.id, 0, now + FRESH / 2).is_some());
        assert!(recent.find(session.id, 0, now + FRESH).is_none());
        assert!(recent.find(SessionId::of("b"), 0, now).is_none());
    }

    #[test]
    fn a_revocation_clears_the_cache_and_earlier_lookups() {
        let (recent, now, a, b) = (RecentSessions::default(), Instant::now(), session("a"), session("b"));
        recent.insert(&a, 0, now);
        assert!(recent.find(a.id, 1, now).is_none());
        recent.insert(&b, 1, now);
        recent.insert(&a, 0, now);
        assert!(recent.find(a.id, 1, now).is_none(), "it was looked up before");
        assert!(recent.find(b.id, 1, now).is_some());
    }

    #[test]
    fn the_cache_is_bounded() {
        let (recent, now) = (RecentSessions::default(), Instant::now());
        for number in 0..=CAPACITY {
            recent.insert(&session(&number.to_string()), 0, now);
        }
        assert!(recent.find(SessionId::of("0"), 0, now).is_none());
        assert!(recent.find(SessionId::of(&CAPACITY.to_string()), 0, now).is_some());
    }
}
