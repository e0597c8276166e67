//! One's own account: name, address, and verification of the address.

use std::net::IpAddr;

use engine::{Account, ApiError, Change, Member, User, UserId, limit};
use serde::Deserialize;

use super::{
    Accounts, CurrentSession, email_taken, find,
    letters::{link_expired, mail_unavailable, token_hash},
    unless_taken,
};
use crate::{
    clock,
    service::{
        Intent, ServiceError, Services,
        access::Right,
        field::{self, invalid},
        write::ProjectWrite,
    },
    store::{LetterKind, NewLetter, Profile, Store, StoreError},
};

/// Changes to one's own account.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// The name shown on boards.
    #[serde(default)]
    pub name: Option<String>,
    /// A new sign-in address. The current address cancels a pending change.
    #[serde(default)]
    pub email: Option<String>,
    /// The password, required for a new address.
    #[serde(default)]
    #[schema(format = Password)]
    pub current: Option<String>,
}

/// Proof that an address belongs to the user.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The part of the link after the `#`.
    #[schema(format = Password)]
    pub token: String,
}

impl Accounts {
    /// The profile of an account, for its own user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, store: &Store, user: UserId) -> Result<Account, ServiceError> {
        let Profile { user, email_verified_at, new_email } = require_profile(store.profile(user).await?)?;
        let email_verified = email_verified_at.is_some();
        Ok(Account { user, email_verified, new_email, email_available: self.rules.mails })
    }

    /// Whether a user counts as the owner of their address: it is verified, or this server sends no e-mail to verify
    /// it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_verified(&self, store: &Store, user: UserId) -> Result<bool, StoreError> {
        if !self.rules.mails {
            return Ok(true);
        }
        Ok(store.profile(user).await?.is_some_and(|profile| profile.email_verified_at.is_some()))
    }

    /// Sends the verification link of the pending address again.
    ///
    /// # Errors
    /// `mail_unavailable`, `already_verified`, `too_many_letters`.
    pub async fn resend_verification(&self, store: &Store, user: UserId) -> Result<(), ServiceError> {
        if !self.rules.mails {
            return Err(mail_unavailable().into());
        }
        let _turn = self.letters.lock().await;
        let mut tx = store.write().await?;
        let Profile { user, email_verified_at, new_email } = require_profile(tx.lock_profile(user).await?)?;
        let email = match new_email {
            Some(email) => email,
            None if email_verified_at.is_none() => user.email,
            None => return Err(ApiError::new(409, "already_verified", "Your address is already confirmed.").into()),
        };
        let letter = NewLetter { kind: LetterKind::Verify, user: Some(user.id), email: &email, at: clock::now() };
        self.send_link(&mut tx, letter).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Changes one's own account. If this server sends e-mail, a new address takes effect once it is confirmed.
///
/// # Errors
/// `invalid` with the field, `too_many_attempts`, `wrong_password`, `email_taken`, `too_many_letters`.
pub async fn change(
    services: &Services,
    session: CurrentSession,
    patch: AccountPatch,
) -> Result<Account, ServiceError> {
    let (accounts, store, me) = (&services.accounts, &services.store, &session.user);
    let name = patch.name.map(|name| field::text("name", &name, limit::NAME)).transpose()?;
    let email = patch.email.map(|email| field::email(&email)).transpose()?;
    let before = require_profile(store.profile(me.id).await?)?;
    if email.as_ref().is_some_and(|email| *email != before.user.email) {
        let current = patch.current.filter(|current| !current.is_empty());
        let current = current.ok_or_else(|| invalid("current", "Enter your current password."))?;
        accounts.confirm_password(store, &before.user, session.id, current).await?;
    }
    let guard = accounts.letters.lock().await;
    let mut tx = store.write().await?;
    let before = require_profile(tx.lock_profile(me.id).await?)?;
    if let Some(name) = &name {
        tx.rename_user(me.id, name).await?;
    }
    if let Some(email) = email {
        let at = clock::now();
        if email == before.user.email {
            tx.request_address(me.id, None).await?;
        } else if tx.address_taken(&email, me.id).await? {
            return Err(email_taken().into());
        } else if accounts.rules.mails {
            tx.request_address(me.id, Some(&email)).await?;
            let letter = NewLetter { kind: LetterKind::Verify, user: Some(me.id), email: &email, at };
            accounts.send_link(&mut tx, letter).await?;
            accounts.inform(&mut tx, LetterKind::AddressAsked, me.id, at).await?;
        } else {
            tx.set_address(me.id, &email, None).await.map_err(unless_taken)?;
            tx.invalidate_links(LetterKind::Reset, me.id, at).await?;
        }
    }
    tx.commit().await?;
    drop(guard);
    publish_to_boards(services, &before.user).await;
    accounts.account(store, me.id).await
}

/// Verifies an address by a link, and returns it. A new address replaces the current one. The link works once, signed
/// in or not.
///
/// # Errors
/// `too_many_attempts`, `link_expired`, `email_taken`.
pub async fn confirm(services: &Services, confirmation: Confirmation, address: IpAddr) -> Result<String, ServiceError> {
    let (accounts, store) = (&services.accounts, &services.store);
    accounts.count("", address).await?;
    let token = token_hash(&confirmation.token);
    let now = clock::now();
    let link = store.link(LetterKind::Verify, &token, now).await?.ok_or_else(link_expired)?;
    let mut tx = store.write().await?;
    let before = require_profile(tx.lock_profile(link.user.id).await?)?;
    if !tx.use_link(LetterKind::Verify, &token, now).await? {
        return Err(link_expired().into());
    }
    let user = before.user.id;
    if before.new_email.as_ref() == Some(&link.email) {
        if before.email_verified_at.is_some() {
            let email = &before.user.email;
            tx.queue_letter(&NewLetter { kind: LetterKind::AddressChanged, user: Some(user), email, at: now }).await?;
        }
        tx.set_address(user, &link.email, Some(now)).await.map_err(unless_taken)?;
        // Invalidates links sent to the former address.
        tx.invalidate_links(LetterKind::Reset, user, now).await?;
    } else if before.user.email == link.email {
        tx.verify_address(user, now).await?;
    } else {
        return Err(link_expired().into());
    }
    tx.invalidate_links(LetterKind::Verify, user, now).await?;
    tx.commit().await?;
    publish_to_boards(services, &before.user).await;
    Ok(link.email)
}

/// Changes the address of an account for the operator. It counts as verified.
///
/// # Errors
/// `user_not_found`, `invalid`, `email_taken`.
pub async fn set_address(store: &Store, email: &str, new: &str) -> Result<User, ServiceError> {
    let user = find(store, email).await?;
    let new = field::email(new)?;
    let now = clock::now();
    let mut tx = store.write().await?;
    if tx.address_taken(&new, user.id).await? {
        return Err(email_taken().into());
    }
    tx.set_address(user.id, &new, Some(now)).await.map_err(unless_taken)?;
    tx.invalidate_links(LetterKind::Reset, user.id, now).await?;
    tx.commit().await?;
    Ok(User { email: new, ..user })
}

/// Marks an account's address as verified, for the operator.
///
/// # Errors
/// `user_not_found`.
pub async fn verify(store: &Store, email: &str) -> Result<User, ServiceError> {
    let user = find(store, email).await?;
    let mut tx = store.write().await?;
    tx.verify_address(user.id, clock::now()).await?;
    tx.commit().await?;
    Ok(user)
}

/// Publishes a changed name or address to the boards of a user. A board that could not be reached shows it when it is
/// next opened.
async fn publish_to_boards(services: &Services, before: &User) {
    services.accounts.recent.forget(before.id);
    if let Err(error) = try_to_publish(services, before).await {
        tracing::warn!(user = %before.id, %error, "could not publish a changed name or address to every board");
    }
}

async fn try_to_publish(services: &Services, before: &User) -> Result<(), ServiceError> {
    let user = require_profile(services.store.profile(before.id).await?)?.user;
    if user == *before {
        return Ok(());
    }
    for project in services.store.projects_of(user.id).await? {
        let intent = Intent::once(user.clone());
        let mut write = match ProjectWrite::enter(services, intent, project.id, Right::Read).await {
            Ok(write) => write,
            // No longer a member, or the project is gone.
            Err(ServiceError::Refused(_)) => continue,
            Err(error) => return Err(error),
        };
        let (name, email) = (user.name.clone(), user.email.clone());
        let Some(known) = write.tx.member(project.id, user.id).await? else { continue };
        write.record(Change::MemberUpdated(Member { name, email, ..known }));
        write.commit(200, &()).await?;
    }
    Ok(())
}

/// The profile of a signed-in user.
fn require_profile(profile: Option<Profile>) -> Result<Profile, ServiceError> {
    profile.ok_or_else(|| ApiError::new(401, "not_signed_in", "Sign in first.").into())
}
