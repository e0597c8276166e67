//! The sessions in the database, and how they end.

use std::collections::{BTreeMap, BTreeSet};

use engine::UserId;

/// A revocation of sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Revocation {
    /// One session ended, by signing out or elsewhere.
    Session(u64),
    /// All sessions of a user ended: the password changed, or the account was disabled.
    User(UserId),
}

impl Revocation {
    /// Whether it ends this session.
    pub(crate) fn ends(self, user: UserId, session: u64) -> bool {
        match self {
            Self::Session(ended) => session == ended,
            Self::User(ended) => user == ended,
        }
    }
}

/// A session that ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// When it ended.
    pub(crate) at: u64,
    /// Whether every node was told.
    pub(crate) announced: bool,
}

#[derive(Default)]
pub(crate) struct Accounts {
    sessions: BTreeMap<u64, (UserId, Option<Ended>)>,
    disabled: BTreeSet<UserId>,
}

impl Accounts {
    /// Creates a session; `None` if the account is disabled.
    pub(crate) fn sign_in(&mut self, user: UserId) -> Option<u64> {
        let session = self.sessions.len() as u64;
        if self.disabled.contains(&user) {
            return None;
        }
        self.sessions.insert(session, (user, None));
        Some(session)
    }

    /// How a session ended; `None` while it is valid.
    pub(crate) fn ended(&self, session: u64) -> Option<Ended> {
        self.sessions[&session].1
    }

    /// Ends the sessions of a revocation, before any node is told.
    pub(crate) fn end(&mut self, revocation: Revocation, at: u64) {
        for (session, (user, ended)) in &mut self.sessions {
            if revocation.ends(*user, *session) {
                ended.get_or_insert(Ended { at, announced: false });
            }
        }
    }

    /// Records that every node was told of a revocation.
    pub(crate) fn announced(&mut self, revocation: Revocation, at: u64) {
        for (session, (user, ended)) in &mut self.sessions {
            if let Some(ended) = ended
                && ended.at == at
                && revocation.ends(*user, *session)
            {
                ended.announced = true;
            }
        }
    }

    pub(crate) fn disable(&mut self, user: UserId) {
        self.disabled.insert(user);
    }

    pub(crate) fn enable(&mut self, user: UserId) {
        self.disabled.remove(&user);
    }
}
