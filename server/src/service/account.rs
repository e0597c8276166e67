//! Accounts: made, signed in to, given other passwords, disabled.

mod recent;
mod session;

use std::{net::IpAddr, time::Duration};

use engine::{ApiError, User, UserId, limit};
use serde::Deserialize;
use uuid::Uuid;

use recent::Recent;
pub use session::{CurrentSession, SignedIn, forget_expired, logout};

use super::{
    Stop,
    attempts::Attempts,
    field, invitation,
    password::{Cost, Passwords},
};
use crate::{
    clock,
    realtime::{Realtime, Revocation},
    store::{Store, StoreError},
};

/// What accounts need beside the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Accounts {
    passwords: Passwords,
    attempts: Attempts,
    recent: Recent,
    open: bool,
}

/// A new account.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The sign-in address.
    pub email: String,
    /// 8 to 256 characters.
    #[schema(format = Password)]
    pub password: String,
    /// The name that boards show.
    pub name: String,
    /// The token of an invitation for this address: with it an account can be made where registration is closed.
    #[serde(default)]
    pub invitation: Option<String>,
}

/// An account and its password.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The sign-in address.
    pub email: String,
    /// The password.
    #[schema(format = Password)]
    pub password: String,
}

/// Another password for one's own account.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password until now.
    #[schema(format = Password)]
    pub current: String,
    /// 8 to 256 characters.
    #[schema(format = Password)]
    pub password: String,
}

impl Accounts {
    /// `attempts_per_minute` of 0 is no limit; `open` is whether anybody may register.
    pub fn new(cost: Cost, attempts_per_minute: u32, open: bool) -> Self {
        Self {
            passwords: Passwords::new(cost),
            attempts: Attempts::new(attempts_per_minute),
            recent: Recent::default(),
            open,
        }
    }

    /// Makes an account, as the operator does: whether or not registration is open.
    ///
    /// # Errors
    /// `invalid` with the field, and `email_taken`.
    pub async fn create(&self, store: &Store, registration: Registration) -> Result<User, Stop> {
        let email = field::email(&registration.email)?;
        let name = field::text("name", &registration.name, limit::NAME)?;
        let password = field::password(registration.password)?;
        let user = User { id: UserId::new(Uuid::now_v7()), email, name };
        let hash = self.passwords.hash(password).await?;
        match store.add_user(&user, &hash, clock::now()).await {
            Ok(()) => Ok(user),
            Err(StoreError::Exists) => {
                Err(ApiError::new(409, "email_taken", "This address has an account already.").on("email").into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes an account and signs in.
    ///
    /// # Errors
    /// `registration_closed`, `too_many_attempts`, `invalid`, `email_taken`; where registration is closed, those of an
    /// invitation.
    pub async fn register(&self, store: &Store, registration: Registration, address: IpAddr) -> Result<SignedIn, Stop> {
        if !self.open && registration.invitation.is_none() {
            return Err(ApiError::new(403, "registration_closed", "Accounts are made by the operator here.").into());
        }
        self.count(&registration.email, address)?;
        if let Some(token) = registration.invitation.as_deref().filter(|_| !self.open) {
            invitation::admit(store, token, &registration.email).await?;
        }
        let user = self.create(store, registration).await?;
        session::begin(store, user).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// `too_many_attempts`; `account_disabled`; `wrong_credentials`, which does not say which of the two was wrong.
    pub async fn login(&self, store: &Store, credentials: Credentials, address: IpAddr) -> Result<SignedIn, Stop> {
        self.count(&credentials.email, address)?;
        let wrong = || ApiError::new(401, "wrong_credentials", "The address or the password is wrong.");
        if credentials.password.chars().count() > limit::PASSWORD_MAX {
            return Err(wrong().into());
        }
        let (user, hash) = stored(store, &credentials.email).await?.unzip();
        let matches = self.passwords.verify(hash, credentials.password).await?;
        match user {
            Some(user) if matches => session::begin(store, user).await,
            _ => Err(wrong().into()),
        }
    }

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
        address: IpAddr,
    ) -> Result<(), Stop> {
        let CurrentSession { user, id } = session;
        let password = field::password(change.password)?;
        self.count(&user.email, address)?;
        let hash = store.account(&user.email).await?.map(|(_, hash)| hash);
        if !self.passwords.verify(hash, change.current).await? {
            return Err(ApiError::new(403, "wrong_password", "The current password is wrong.").on("current").into());
        }
        let hash = self.passwords.hash(password).await?;
        store.set_password(user.id, &hash, Some(id)).await?;
        realtime.revoke(Revocation::User { id: user.id, except: Some(id) });
        Ok(())
    }

    /// Changes a password, as the operator does, and ends the sessions of the account.
    ///
    /// # Errors
    /// `invalid` with the field, and `user_not_found`.
    pub async fn reset_password(&self, store: &Store, email: &str, password: String) -> Result<User, Stop> {
        let password = field::password(password)?;
        let user = find(store, email).await?;
        let hash = self.passwords.hash(password).await?;
        store.set_password(user.id, &hash, None).await?;
        Ok(user)
    }

    fn count(&self, email: &str, address: IpAddr) -> Result<(), Stop> {
        self.attempts.count(&field::address(email), address).map_err(Stop::TooMany)
    }
}

/// Disables an account, as the operator does, and ends its sessions; or enables it again. Its tasks
/// and memberships stay.
///
/// # Errors
/// `user_not_found`.
pub async fn set_disabled(store: &Store, email: &str, disabled: bool) -> Result<User, Stop> {
    let user = find(store, email).await?;
    store.set_disabled(user.id, disabled.then(clock::now)).await?;
    Ok(user)
}

async fn find(store: &Store, email: &str) -> Result<User, Stop> {
    match stored(store, email).await? {
        Some((user, _)) => Ok(user),
        None => Err(ApiError::new(404, "user_not_found", "Nobody has this address.").on("email").into()),
    }
}

/// The account of an address, and its password's hash. What no address can be is not looked for.
async fn stored(store: &Store, email: &str) -> Result<Option<(User, String)>, StoreError> {
    let earlier = email.trim().to_lowercase();
    if earlier.chars().any(char::is_control) {
        return Ok(None);
    }
    let found = store.account(&field::address(email)).await?;
    // Addresses of earlier builds may not be composed.
    if found.is_none() { store.account(&earlier).await } else { Ok(found) }
}

/// How long to wait, in whole seconds, as `Retry-After` says it.
pub fn retry_after(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
