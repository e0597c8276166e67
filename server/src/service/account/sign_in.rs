//! Signing in with address and password.

use std::net::IpAddr;

use engine::{ApiError, limit};

use super::{Accounts, Credentials, KnownDevices, SignedIn, stored};
use crate::{
    clock,
    service::{ServiceError, attempts::AttemptOrigin, password::PasswordVerdict},
    store::{Device, Store},
};

impl Accounts {
    /// Signs in. A known device is not slowed down by attempts elsewhere.
    ///
    /// # Errors
    /// `too_many_attempts`; `account_disabled`; `wrong_credentials`, which does not reveal which of the two was wrong.
    pub async fn login(
        &self,
        store: &Store,
        credentials: Credentials,
        address: IpAddr,
        device: &Device,
        known: &KnownDevices,
    ) -> Result<SignedIn, ServiceError> {
        let secret = self.secret.as_ref();
        let name = secret.and_then(|secret| known.name(secret, &credentials.email, clock::now()));
        let origin = name.map_or(AttemptOrigin::Address(address), AttemptOrigin::Device);
        let attempt = self.begin_attempt(&credentials.email, origin).await?;
        let wrong = || ApiError::new(401, "wrong_credentials", "Wrong e-mail or password.");
        if credentials.password.chars().count() > limit::PASSWORD_MAX {
            attempt.fail().await;
            return Err(wrong().into());
        }
        let (user, hash) = stored(store, &credentials.email).await?.unzip();
        let verdict = self.passwords.verify(hash.clone(), credentials.password.clone()).await?;
        match (user, hash) {
            (Some(user), Some(hash)) if verdict.is_right() => {
                if verdict == PasswordVerdict::RightAsTyped {
                    let renewed = self.passwords.hash(credentials.password).await?;
                    store.replace_hash(user.id, &hash, &renewed).await?;
                }
                self.begin(store, user, device).await
            }
            _ => {
                attempt.fail().await;
                Err(wrong().into())
            }
        }
    }
}
