//! Changes passwords, for users and for the operator.

use engine::{ApiError, User, limit};
use serde::Deserialize;

use super::{Accounts, CurrentSession, find};
use crate::{
    clock,
    realtime::{Realtime, Revocation},
    service::{ServiceError, attempts::AttemptOrigin},
    store::{LetterKind, Store, access::SessionId},
};

/// A change of one's own password.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The current password.
    #[schema(format = Password)]
    pub current: String,
    /// 10 to 256 characters, not a common password, and not the name or the address.
    #[schema(format = Password)]
    pub password: String,
}

impl Accounts {
    /// Changes one's own password, and ends all other sessions of the account.
    ///
    /// # Errors
    /// `invalid` with the field, `too_many_attempts`, `wrong_password`.
    pub async fn change_password(
        &self,
        store: &Store,
        realtime: &Realtime,
        session: CurrentSession,
        change: PasswordChange,
    ) -> Result<(), ServiceError> {
        let CurrentSession { user, id } = session;
        self.confirm_password(store, &user, id, change.current).await?;
        self.passwords.check(&change.password, &user.name, &user.email).await?;
        let hash = self.passwords.hash(change.password).await?;
        let at = clock::now();
        let mut tx = store.write().await?;
        tx.set_password(user.id, &hash, Some(id)).await?;
        tx.invalidate_links(LetterKind::Reset, user.id, at).await?;
        self.inform(&mut tx, LetterKind::PasswordChanged, user.id, at).await?;
        tx.commit().await?;
        realtime.revoke(Revocation::User { id: user.id, except: Some(id) });
        Ok(())
    }

    /// Checks the password of a signed-in user. Counts attempts per session, so that sign-in attempts elsewhere don't
    /// block the owner.
    ///
    /// # Errors
    /// `too_many_attempts`, `wrong_password`.
    pub(super) async fn confirm_password(
        &self,
        store: &Store,
        user: &User,
        session: SessionId,
        password: String,
    ) -> Result<(), ServiceError> {
        let session = format!("session {session}");
        let attempt = self.begin_attempt(&user.email, AttemptOrigin::Device(&session)).await?;
        let hash = store.account(&user.email).await?.filter(|(found, _)| found.id == user.id).map(|(_, hash)| hash);
        let long = password.chars().count() > limit::PASSWORD_MAX;
        if long || !self.passwords.verify(hash, password).await?.is_right() {
            attempt.fail().await;
            return Err(ApiError::new(403, "wrong_password", "The current password is wrong.").on("current").into());
        }
        Ok(())
    }

    /// Changes a password for the operator, and ends the account's sessions.
    ///
    /// # Errors
    /// `invalid` with the field, and `user_not_found`.
    pub async fn reset_password(&self, store: &Store, email: &str, password: String) -> Result<User, ServiceError> {
        let user = find(store, email).await?;
        self.passwords.check(&password, &user.name, &user.email).await?;
        let hash = self.passwords.hash(password).await?;
        store.set_password(user.id, &hash, None).await?;
        Ok(user)
    }
}
