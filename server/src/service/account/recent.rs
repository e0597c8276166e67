//! Sessions that were looked up a moment ago: whoever writes much would have the database asked for theirs as often
//! as for what they write.
//!
//! What ends a session forgets all of them at once, here and, through the bus, in every process. What nobody hears
//! of (another process without Redis, `lockstep user`) counts [`FRESH`] later.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use engine::UserId;

use super::CurrentSession;
use crate::store::access::SessionId;

/// How long a session counts without being looked up again: no longer than the sockets of one that ended may
/// stay open.
const FRESH: Duration = Duration::from_secs(2);
/// Sessions at the most: a megabyte or two.
const MOST: usize = 4096;

/// Sessions that were looked up a moment ago.
#[derive(Clone, Default)]
pub(super) struct RecentSessions(Arc<Mutex<KnownSessions>>);

#[derive(Default)]
struct KnownSessions {
    sessions: HashMap<SessionId, (CurrentSession, Instant)>,
    /// How many accesses had ended when they were looked up.
    ended: u64,
}

impl RecentSessions {
    /// The session, where it is known since a moment ago, and no access has ended since. `ended` is how many have
    /// by now.
    pub(super) fn find(&self, id: SessionId, ended: u64, now: Instant) -> Option<CurrentSession> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (session, since) = known.sessions.get(&id).filter(|_| known.ended == ended)?;
        (now.saturating_duration_since(*since) < FRESH).then(|| session.clone())
    }

    /// Keeps a session that was looked up. `ended` is how many accesses had ended before that.
    pub(super) fn keep(&self, session: &CurrentSession, ended: u64, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ended < known.ended {
            // What ended meanwhile may have been this one.
            return;
        }
        if ended > known.ended || known.sessions.len() >= MOST {
            known.sessions.clear();
            known.ended = ended;
        }
        known.sessions.insert(session.id, (session.clone(), now));
    }

    /// Forgets the sessions of a user, whose name or address changed.
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
    fn a_session_is_known_for_a_moment() {
        let (recent, now, session) = (RecentSessions::default(), Instant::now(), session("a"));
        assert!(recent.find(session.id, 0, now).is_none());
        recent.keep(&session, 0, now);
        assert!(recent.find(session.id, 0, now + FRESH / 2).is_some());
        assert!(recent.find(session.id, 0, now + FRESH).is_none());
        assert!(recent.find(SessionId::of("b"), 0, now).is_none());
    }

    #[test]
    fn what_ends_forgets_all_of_them_and_what_was_looked_up_before() {
        let (recent, now, a, b) = (RecentSessions::default(), Instant::now(), session("a"), session("b"));
        recent.keep(&a, 0, now);
        assert!(recent.find(a.id, 1, now).is_none());
        recent.keep(&b, 1, now);
        recent.keep(&a, 0, now);
        assert!(recent.find(a.id, 1, now).is_none(), "it was looked up before");
        assert!(recent.find(b.id, 1, now).is_some());
    }

    #[test]
    fn no_more_are_kept_than_fit() {
        let (recent, now) = (RecentSessions::default(), Instant::now());
        for number in 0..=MOST {
            recent.keep(&session(&number.to_string()), 0, now);
        }
        assert!(recent.find(SessionId::of("0"), 0, now).is_none());
        assert!(recent.find(SessionId::of(&MOST.to_string()), 0, now).is_some());
    }
}
