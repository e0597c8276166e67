//! Sessions: begun by a password, put off by use, ended by whoever has the right to.

use std::time::Instant;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::{ApiError, Timestamp, User};
use rand::{TryRngCore as _, rngs::OsRng};

use super::Accounts;
use crate::{
    chunked::{self, CHUNK},
    clock,
    realtime::{Realtime, Revocation},
    service::Stop,
    store::{Store, StoreError, access::SessionId},
};

/// How long a session lives after it was last used, in milliseconds: 30 days.
const SESSION_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// A session is put off at most this often, in milliseconds, so that reading costs no write: an hour.
const EXTEND_EVERY_MS: i64 = 60 * 60 * 1000;

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
    /// The session of a token, whose end is put off.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(
        &self,
        store: &Store,
        realtime: &Realtime,
        token: &str,
    ) -> Result<Option<CurrentSession>, StoreError> {
        let id = SessionId::of(token);
        // Before the database is asked: what ends from now on counts for what it answers.
        let ended = realtime.ended();
        if let Some(session) = self.recent.find(id, ended, Instant::now()) {
            return Ok(Some(session));
        }
        let found = look_up(store, id).await?;
        if let Some(session) = &found {
            self.recent.keep(session, ended, Instant::now());
        }
        Ok(found)
    }
}

async fn look_up(store: &Store, id: SessionId) -> Result<Option<CurrentSession>, StoreError> {
    let now = clock::now();
    let Some(session) = store.session(id, now).await? else { return Ok(None) };
    let end = now.plus(SESSION_MS);
    if end.millis() - session.expires_at.millis() > EXTEND_EVERY_MS {
        // The session is good either way: that it could not be put off is no reason to refuse.
        if let Err(error) = store.extend_session(id, end).await {
            tracing::warn!(%error, "a session could not be extended");
        }
    }
    Ok(Some(CurrentSession { user: session.user, id }))
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

/// Begins one.
///
/// # Errors
/// `account_disabled`.
pub(super) async fn begin(store: &Store, user: User) -> Result<SignedIn, Stop> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| Stop::Internal("the system gives no random bytes"))?;
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let now = clock::now();
    if !store.add_session(SessionId::of(&token), user.id, now, now.plus(SESSION_MS)).await? {
        return Err(ApiError::new(403, "account_disabled", "This account was disabled by the operator.").into());
    }
    Ok(SignedIn { user, token })
}

/// Forgets expired sessions.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_expired(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    chunked::all(|| store.forget_sessions(now, CHUNK)).await
}
