//! Accounts: made, signed in to, given other passwords, disabled.

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

/// What accounts need beside the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Accounts {
    passwords: Passwords,
    attempts: Attempts,
    /// What proves that a device is known.
    secret: Option<Secret>,
    recent: RecentSessions,
    open: bool,
    rules: AccountRules,
    /// Whoever asks for a letter counts those before it first: one at a time.
    letters: Arc<Mutex<()>>,
}

/// What the settings say of letters and sessions.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountRules {
    /// Whether this server sends e-mail, and so wants addresses confirmed.
    pub mails: bool,
    /// Letters of a kind an hour, to an address and for an account; 0: no limit.
    pub letters_per_hour: u32,
    /// Days after which a session ends, however much it is used; 0: none.
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

impl Accounts {
    /// Without a limit of attempts; `open` is whether anybody may register.
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

    /// The same under these rules.
    #[must_use]
    pub fn under(self, rules: AccountRules) -> Self {
        Self { rules, ..self }
    }

    /// The same with a limit of attempts. The secret tells known devices from others.
    #[must_use]
    pub fn guarded(self, attempts: Attempts, secret: Secret) -> Self {
        Self { attempts, secret: Some(secret), ..self }
    }

    /// Makes an account, as the operator does: whether or not registration is open. The address counts as proven.
    ///
    /// # Errors
    /// `invalid` with the field, `weak_password`, and `email_taken`.
    pub async fn create(&self, store: &Store, registration: Registration) -> Result<User, ServiceError> {
        let (user, hash) = self.prepare(registration).await?;
        store.add_user(&user, &hash, clock::now()).await.map_err(unless_taken)?;
        Ok(user)
    }

    /// A new account and its password's hash, before they are stored.
    async fn prepare(&self, registration: Registration) -> Result<(User, String), ServiceError> {
        let email = field::email(&registration.email)?;
        let name = field::text("name", &registration.name, limit::NAME)?;
        self.passwords.check(&registration.password, &name, &email).await?;
        let hash = self.passwords.hash(registration.password).await?;
        Ok((User { id: UserId::new(Uuid::now_v7()), email, name }, hash))
    }

    /// Makes an account, asks for a proof of its address where this server sends e-mail, and signs in.
    ///
    /// # Errors
    /// `registration_closed`, `too_many_attempts`, `invalid`, `weak_password`, `email_taken`; where registration is
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

    /// What a browser shows from now on that has signed in to an account, or has proven that its address is one's own.
    pub fn know(&self, known: KnownDevices, email: &str) -> KnownDevices {
        match &self.secret {
            Some(secret) => known.with(secret, email, clock::now()),
            None => known,
        }
    }

    /// Counts an attempt that tries no password.
    async fn count(&self, email: &str, address: IpAddr) -> Result<(), ServiceError> {
        self.attempts.count(email, address).await.map_err(ServiceError::TooMany)
    }

    /// Counts an attempt to sign in.
    async fn begin_attempt(&self, email: &str, origin: AttemptOrigin<'_>) -> Result<Attempt, ServiceError> {
        self.attempts.begin(email, origin).await.map_err(ServiceError::TooMany)
    }
}

/// Disables an account, as the operator does, and ends its sessions; or enables it again. Its tasks
/// and memberships stay.
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

/// Fills in what tells addresses apart for accounts of earlier builds, and names those that share an address: the form
/// that all find, and the other one.
///
/// # Errors
/// When the database does not answer.
pub async fn key_addresses(store: &Store) -> Result<Vec<(String, String)>, StoreError> {
    let shared = match store.key_addresses().await {
        // Another process was at it too: now it is done.
        Err(StoreError::Exists) => store.key_addresses().await?,
        shared => shared?,
    };
    Ok(shared.into_iter().map(|SharedAddress { first, second }| (first, second)).collect())
}

/// The account of an address, and its password's hash. What no address can be is not looked for.
async fn stored(store: &Store, email: &str) -> Result<Option<(User, String)>, StoreError> {
    // Of two accounts of earlier builds that share an address, the one that is spelled as it was typed.
    let typed = email.trim().to_lowercase();
    if typed.chars().any(char::is_control) {
        return Ok(None);
    }
    store.account(&typed).await
}

/// Another account has the address.
fn unless_taken(error: StoreError) -> ServiceError {
    match error {
        StoreError::Exists => email_taken().into(),
        error => error.into(),
    }
}

fn email_taken() -> ApiError {
    ApiError::new(409, "email_taken", "This e-mail already has an account.").on("email")
}

/// How long to wait, in whole seconds, as `Retry-After` says it.
pub fn retry_after(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
