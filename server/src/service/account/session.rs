//! Sessions: begin at sign-in, are extended by use, and end by sign-out or revocation.

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

/// Lifetime of an unused session, in milliseconds: 30 days.
const SESSION_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Shortest interval between extensions, in milliseconds, so that reads rarely cause writes: an hour.
const EXTEND_EVERY_MS: i64 = 60 * 60 * 1000;
/// Shortest interval between updates of the last use, in milliseconds: 10 minutes.
const SEEN_EVERY_MS: i64 = 10 * 60 * 1000;

/// An active session.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    /// The user.
    pub user: User,
    /// Its id.
    pub id: SessionId,
}

/// A new session. The token exists only here: the database has its hash.
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// The cookie's value.
    pub token: String,
}

impl Accounts {
    /// The session of a token, which is extended. `device` is the device that uses it, if known.
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
        // Read before the query, so that later revocations count against its result.
        let revocations = realtime.revocations();
        if let Some(session) = self.recent.find(id, revocations, Instant::now()) {
            return Ok(Some(session));
        }
        let found = self.look_up(store, id, device).await?;
        if let Some(session) = &found {
            self.recent.insert(session, revocations, Instant::now());
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
            // The session is valid even if it could not be extended.
            if let Err(error) = store.touch_session(id, device, now, end).await {
                tracing::warn!(%error, "a session could not be extended");
            }
        }
        Ok(Some(CurrentSession { user: session.user, id }))
    }

    /// Sessions that began at this time or earlier have reached the maximum age.
    pub(super) fn born(&self, now: Timestamp) -> Timestamp {
        match self.rules.session_days {
            0 => Timestamp::from_millis(i64::MIN),
            days => now.plus(-i64::from(days) * DAY_MS),
        }
    }

    /// When an unused session ends.
    fn end(&self, began: Timestamp, now: Timestamp) -> Timestamp {
        let idle = now.plus(SESSION_MS);
        match self.rules.session_days {
            0 => idle,
            days => idle.min(began.plus(i64::from(days) * DAY_MS)),
        }
    }

    /// Begins a session.
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

    /// Deletes sessions that have expired or reached the maximum age.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_expired(&self, store: &Store, now: Timestamp) -> Result<u64, StoreError> {
        chunked::all(|| store.forget_sessions(self.born(now), now, CHUNK)).await
    }
}

/// Signs out: ends the session of a token, and closes its sockets.
///
/// # Errors
/// When the database does not answer.
pub async fn logout(store: &Store, realtime: &Realtime, token: &str) -> Result<(), StoreError> {
    let id = SessionId::of(token);
    store.end_session(id).await?;
    realtime.revoke(Revocation::Session(id));
    Ok(())
}
