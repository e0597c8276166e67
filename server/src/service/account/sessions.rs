//! Lists and ends the sessions of one's own account.

use engine::{AccountSession, ApiError, PublicSessionId};
use sha2::{Digest as _, Sha256};
use uuid::Builder;

use super::{Accounts, CurrentSession, device};
use crate::{
    clock,
    realtime::{Realtime, Revocation},
    service::ServiceError,
    store::{OpenSession, Store, access::SessionId},
};

impl Accounts {
    /// The sessions of the signed-in user: the current one first, then the most recently used.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions(&self, store: &Store, session: &CurrentSession) -> Result<Vec<AccountSession>, ServiceError> {
        let mut sessions: Vec<AccountSession> = self
            .open(store, session)
            .await?
            .into_iter()
            .map(|open| AccountSession {
                id: public_id(open.id),
                current: open.id == session.id,
                device: device::name(&open.device.user_agent),
                address: open.device.address,
                created_at: open.created_at,
                last_seen_at: open.last_seen_at,
            })
            .collect();
        sessions.sort_by_key(|session| !session.current);
        Ok(sessions)
    }

    /// Ends one of the user's sessions, and closes its sockets.
    ///
    /// # Errors
    /// `session_not_found`.
    pub async fn end_session(
        &self,
        store: &Store,
        realtime: &Realtime,
        session: &CurrentSession,
        id: PublicSessionId,
    ) -> Result<(), ServiceError> {
        let open = self.open(store, session).await?.into_iter().find(|open| public_id(open.id) == id);
        let Some(open) = open else {
            return Err(ApiError::new(404, "session_not_found", "This session has already ended.").into());
        };
        store.end_session(open.id).await?;
        realtime.revoke(Revocation::Session(open.id));
        Ok(())
    }

    /// Ends all of the user's sessions except the current one, and closes their sockets.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_other_sessions(
        &self,
        store: &Store,
        realtime: &Realtime,
        session: &CurrentSession,
    ) -> Result<(), ServiceError> {
        store.end_other_sessions(session.user.id, session.id).await?;
        realtime.revoke(Revocation::User { id: session.user.id, except: Some(session.id) });
        Ok(())
    }

    async fn open(&self, store: &Store, session: &CurrentSession) -> Result<Vec<OpenSession>, ServiceError> {
        let now = clock::now();
        Ok(store.sessions_of(session.user.id, self.born(now), now).await?)
    }
}

/// The id by which users see a session, derived from its key, which stays in the database.
fn public_id(session: SessionId) -> PublicSessionId {
    let digest = Sha256::digest(format!("public id of {session}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    PublicSessionId::new(Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_id_differs_from_the_key() {
        let (one, other) = (SessionId::of("one"), SessionId::of("other"));
        assert_eq!(public_id(one), public_id(one));
        assert_ne!(public_id(one), public_id(other));
        assert!(public_id(one).to_string().parse::<SessionId>().is_err());
    }
}
