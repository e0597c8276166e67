//! Accounts: registration, sign-in, passwords, deactivation.

mod device;
mod known_device;
mod letters;
mod password;
pub mod profile;
mod recent;
mod recovery;
mod session;
mod sessions;
mod sign_in;

use std::{net::IpAddr, sync::Arc, time::Duration};

use engine::{ApiError, User, UserId, limit};
use serde::Deserialize;
use tokio::sync::Mutex;
use uuid::Uuid;

pub(crate) use known_device::KNOWN_FOR;
pub use known_device::KnownDevices;
pub use letters::forget_letters;
pub(crate) use letters::{RESET_MS, VERIFY_MS, mint_token};
pub use password::PasswordChange;
pub use profile::{AccountPatch, Confirmation};
use recent::RecentSessions;
pub use recovery::{Forgotten, PasswordReset};
pub use session::{CurrentSession, SignedIn, logout};

use super::{
    ServiceError,
    attempts::{Attempt, AttemptOrigin, Attempts},
    field, invitation,
    password::Passwords,
};
use crate::{
    clock,
    config::PasswordCost,
    secret::Secret,
    store::{Device, LetterKind, NewLetter, SharedAddress, Store, StoreError},
};

/// Accounts and their rules. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Accounts {
    passwords: Passwords,
    attempts: Attempts,
    /// Signs the cookies of known devices.
    secret: Option<Secret>,
    recent: RecentSessions,
    open: bool,
    rules: AccountRules,
    /// Serialises requests for letters, so that each counts those before it.
    letters: Arc<Mutex<()>>,
}

/// Settings of letters and sessions.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountRules {
    /// Whether this server sends e-mail, and so verifies addresses.
    pub mails: bool,
    /// Letters of a kind per hour, to an address and for an account; 0: unlimited.
    pub letters_per_hour: u32,
    /// Days after which a session ends even if used; 0: never.
    pub session_days: u32,
}

/// A new account.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The sign-in address.
    pub email: String,
    /// 10 to 256 characters, not a common password, and not the name or the address.
    #[schema(format = Password)]
    pub password: String,
    /// The name shown on boards.
    pub name: String,
    /// The token of an invitation to this address: it permits registration while registration is closed.
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

impl Accounts {
    /// Accounts without a limit of attempts. `open` permits registration without an invitation.
    pub fn new(cost: PasswordCost, open: bool) -> Self {
        Self {
            passwords: Passwords::new(cost),
            attempts: Attempts::default(),
            secret: None,
            recent: RecentSessions::default(),
            open,
            rules: AccountRules::default(),
            letters: Arc::default(),
        }
    }

    /// Applies rules.
    #[must_use]
    pub fn with_rules(self, rules: AccountRules) -> Self {
        Self { rules, ..self }
    }

    /// Limits attempts. The secret recognises known devices.
    #[must_use]
    pub fn with_limits(self, attempts: Attempts, secret: Secret) -> Self {
        Self { attempts, secret: Some(secret), ..self }
    }

    /// Creates an account for the operator, even if registration is closed. The address counts as verified.
    ///
    /// # Errors
    /// `invalid` with the field, `weak_password`, and `email_taken`.
    pub async fn create(&self, store: &Store, registration: Registration) -> Result<User, ServiceError> {
        let (user, hash) = self.prepare(registration).await?;
        store.add_user(&user, &hash, clock::now()).await.map_err(unless_taken)?;
        Ok(user)
    }

    /// A new account and its password hash, before they are stored.
    async fn prepare(&self, registration: Registration) -> Result<(User, String), ServiceError> {
        let email = field::email(&registration.email)?;
        let name = field::text("name", &registration.name, limit::NAME)?;
        self.passwords.check(&registration.password, &name, &email).await?;
        let hash = self.passwords.hash(registration.password).await?;
        Ok((User { id: UserId::new(Uuid::now_v7()), email, name }, hash))
    }

    /// Creates an account, sends a verification link if this server sends e-mail, and signs in.
    ///
    /// # Errors
    /// `registration_closed`, `too_many_attempts`, `invalid`, `weak_password`, `email_taken`; if registration is
    /// closed, those of an invitation.
    pub async fn register(
        &self,
        store: &Store,
        registration: Registration,
        address: IpAddr,
        device: &Device,
    ) -> Result<SignedIn, ServiceError> {
        if !self.open && registration.invitation.is_none() {
            return Err(ApiError::new(
                403,
                "registration_closed",
                "Registration is closed. Ask the server's admin for an account.",
            )
            .into());
        }
        self.count(&registration.email, address).await?;
        if let Some(token) = registration.invitation.as_deref().filter(|_| !self.open) {
            invitation::admit(store, token, &registration.email).await?;
        }
        let (user, hash) = self.prepare(registration).await?;
        let _turn = self.letters.lock().await;
        let at = clock::now();
        let mut tx = store.write().await?;
        tx.add_user(&user, &hash, at, None).await.map_err(unless_taken)?;
        if self.rules.mails && self.letter_wait(&mut tx, LetterKind::Verify, &user.email, None, at).await?.is_none() {
            let letter = NewLetter { kind: LetterKind::Verify, user: Some(user.id), email: &user.email, at };
            tx.queue_letter(&letter).await?;
        }
        tx.commit().await?;
        self.begin(store, user, device).await
    }

    /// The cookie of a browser that has signed in to an account or verified its address.
    pub fn remember_device(&self, known: KnownDevices, email: &str) -> KnownDevices {
        match &self.secret {
            Some(secret) => known.with(secret, email, clock::now()),
            None => known,
        }
    }

    /// Counts an attempt that involves no password.
    async fn count(&self, email: &str, address: IpAddr) -> Result<(), ServiceError> {
        self.attempts.count(email, address).await.map_err(ServiceError::TooMany)
    }

    /// Counts a sign-in attempt.
    async fn begin_attempt(&self, email: &str, origin: AttemptOrigin<'_>) -> Result<Attempt, ServiceError> {
        self.attempts.begin(email, origin).await.map_err(ServiceError::TooMany)
    }
}

/// Disables an account for the operator, and ends its sessions; or enables it. Its tasks and memberships stay.
///
/// # Errors
/// `user_not_found`.
pub async fn set_disabled(store: &Store, email: &str, disabled: bool) -> Result<User, ServiceError> {
    let user = find(store, email).await?;
    store.set_disabled(user.id, disabled.then(clock::now)).await?;
    Ok(user)
}

async fn find(store: &Store, email: &str) -> Result<User, ServiceError> {
    match stored(store, email).await? {
        Some((user, _)) => Ok(user),
        None => Err(ApiError::new(404, "user_not_found", "No account has this e-mail.").on("email").into()),
    }
}

/// Fills in missing address keys of accounts of earlier builds. Returns pairs of addresses that share a key: the one
/// that every form finds, and the other.
///
/// # Errors
/// When the database does not answer.
pub async fn fill_address_keys(store: &Store) -> Result<Vec<(String, String)>, StoreError> {
    let shared = match store.fill_address_keys().await {
        // Another process did the same; it has finished now.
        Err(StoreError::Exists) => store.fill_address_keys().await?,
        shared => shared?,
    };
    Ok(shared.into_iter().map(|SharedAddress { first, second }| (first, second)).collect())
}

/// The account of an address, with its password hash. Skips the lookup for invalid addresses.
async fn stored(store: &Store, email: &str) -> Result<Option<(User, String)>, StoreError> {
    // If accounts of earlier builds share an address, prefer the exact spelling.
    let typed = email.trim().to_lowercase();
    if typed.chars().any(char::is_control) {
        return Ok(None);
    }
    store.account(&typed).await
}

/// Turns a duplicate key into `email_taken`.
fn unless_taken(error: StoreError) -> ServiceError {
    match error {
        StoreError::Exists => email_taken().into(),
        error => error.into(),
    }
}

fn email_taken() -> ApiError {
    ApiError::new(409, "email_taken", "This e-mail already has an account.").on("email")
}

/// A wait in whole seconds, for `Retry-After`.
pub fn retry_after(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
