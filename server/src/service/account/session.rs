//! Sessions: begun by a password, put off by use, ended by whoever has the right to.

use std::time::Instant;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::{ApiError, Timestamp, User, time::DAY_MS};
use rand::{TryRngCore as _, rngs::OsRng};

use super::Accounts;
use crate::{
    chunked::{self, CHUNK},
    clock,
    realtime::{Realtime, Revocation},
    service::ServiceError,
    store::{Device, Store, StoreError, access::SessionId},
};

/// How long a session lives after it was last used, in milliseconds: 30 days.
const SESSION_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// A session is put off at most this often, in milliseconds, so that reading costs no write: an hour.
const EXTEND_EVERY_MS: i64 = 60 * 60 * 1000;
/// When a session was last seen is noted at most this often, in milliseconds, for the same reason: 10 minutes.
const SEEN_EVERY_MS: i64 = 10 * 60 * 1000;

/// A session that is going on.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// Whose.
    pub user: User,
    /// Which.
    pub id: SessionId,
}

/// A session that has just begun. The token is nowhere else: the database has its hash.
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// What the cookie says.
    pub token: String,
}

impl Accounts {
    /// The session of a token, whose end is put off. `device` is where it is used from, where that is known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(
        &self,
        store: &Store,
        realtime: &Realtime,
        token: &str,
        device: Option<&Device>,
    ) -> Result<Option<CurrentSession>, StoreError> {
        let id = SessionId::of(token);
        // Before the database is asked: what ends from now on counts for what it answers.
        let ended = realtime.ended();
        if let Some(session) = self.recent.find(id, ended, Instant::now()) {
            return Ok(Some(session));
        }
        let found = self.look_up(store, id, device).await?;
        if let Some(session) = &found {
            self.recent.keep(session, ended, Instant::now());
        }
        Ok(found)
    }

    async fn look_up(
        &self,
        store: &Store,
        id: SessionId,
        device: Option<&Device>,
    ) -> Result<Option<CurrentSession>, StoreError> {
        let now = clock::now();
        let Some(session) = store.session(id, now).await? else { return Ok(None) };
        if session.created_at <= self.born(now) {
            return Ok(None);
        }
        let end = self.end(session.created_at, now);
        let unseen_for = now.millis() - session.last_seen_at.millis();
        if end.millis() - session.expires_at.millis() > EXTEND_EVERY_MS || unseen_for > SEEN_EVERY_MS {
            // The session is good either way: that it could not be put off is no reason to refuse.
            if let Err(error) = store.session_seen(id, device, now, end).await {
                tracing::warn!(%error, "a session could not be extended");
            }
        }
        Ok(Some(CurrentSession { user: session.user, id }))
    }

    /// A session that began then or before has lasted for as long as any may.
    pub(super) fn born(&self, now: Timestamp) -> Timestamp {
        match self.rules.session_days {
            0 => Timestamp::from_millis(i64::MIN),
            days => now.plus(-i64::from(days) * DAY_MS),
        }
    }

    /// When a session ends that is not used any more.
    fn end(&self, began: Timestamp, now: Timestamp) -> Timestamp {
        let idle = now.plus(SESSION_MS);
        match self.rules.session_days {
            0 => idle,
            days => idle.min(began.plus(i64::from(days) * DAY_MS)),
        }
    }

    /// Begins one.
    ///
    /// # Errors
    /// `account_disabled`.
    pub(super) async fn begin(&self, store: &Store, user: User, device: &Device) -> Result<SignedIn, ServiceError> {
        let mut bytes = [0; 32];
        OsRng.try_fill_bytes(&mut bytes).map_err(|_| ServiceError::Internal("the system gives no random bytes"))?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let now = clock::now();
        if !store.add_session(SessionId::of(&token), user.id, now, self.end(now, now), device).await? {
            return Err(ApiError::new(403, "account_disabled", "The server's admin disabled this account.").into());
        }
        Ok(SignedIn { user, token })
    }

    /// Forgets sessions that have expired, or lasted for as long as any may.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_expired(&self, store: &Store, now: Timestamp) -> Result<u64, StoreError> {
        chunked::all(|| store.forget_sessions(self.born(now), now, CHUNK)).await
    }
}

/// Signs out: the token is worth nothing any more, and neither are the sockets that it opened.
///
/// # Errors
/// When the database does not answer.
pub async fn logout(store: &Store, realtime: &Realtime, token: &str) -> Result<(), StoreError> {
    let id = SessionId::of(token);
    store.end_session(id).await?;
    realtime.revoke(Revocation::Session(id));
    Ok(())
}
