//! One's own account: its name, its address, and the proof that the address is one's own.

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

/// What is to be changed of one's own account.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// The name that boards show.
    #[serde(default)]
    pub name: Option<String>,
    /// Another sign-in address; the present one gives up another that waits to be confirmed.
    #[serde(default)]
    pub email: Option<String>,
    /// The password, needed for another address.
    #[serde(default)]
    #[schema(format = Password)]
    pub current: Option<String>,
}

/// The proof that an address is one's own.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// What stands behind the `#` of the link.
    #[schema(format = Password)]
    pub token: String,
}

impl Accounts {
    /// What an account says to its own user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, store: &Store, user: UserId) -> Result<Account, ServiceError> {
        let Profile { user, email_verified_at, new_email } = known(store.profile(user).await?)?;
        let email_verified = email_verified_at.is_some();
        Ok(Account { user, email_verified, new_email, email_available: self.rules.mails })
    }

    /// Whether a user may act as the owner of their address: it is proven to be theirs, or this server sends no e-mail
    /// by which it could be.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_verified(&self, store: &Store, user: UserId) -> Result<bool, StoreError> {
        if !self.rules.mails {
            return Ok(true);
        }
        Ok(store.profile(user).await?.is_some_and(|profile| profile.email_verified_at.is_some()))
    }

    /// Asks once more for the proof of the address that waits for it.
    ///
    /// # Errors
    /// `mail_unavailable`, `already_verified`, `too_many_letters`.
    pub async fn ask_again(&self, store: &Store, user: UserId) -> Result<(), ServiceError> {
        if !self.rules.mails {
            return Err(mail_unavailable().into());
        }
        let _turn = self.letters.lock().await;
        let mut tx = store.write().await?;
        let Profile { user, email_verified_at, new_email } = known(tx.lock_profile(user).await?)?;
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

/// Changes one's own account. Where this server sends e-mail, another address takes effect once it is confirmed.
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
    let before = known(store.profile(me.id).await?)?;
    if email.as_ref().is_some_and(|email| *email != before.user.email) {
        let current = patch.current.filter(|current| !current.is_empty());
        let current = current.ok_or_else(|| invalid("current", "Enter your current password."))?;
        accounts.confirm_password(store, &before.user, session.id, current).await?;
    }
    let turn = accounts.letters.lock().await;
    let mut tx = store.write().await?;
    let before = known(tx.lock_profile(me.id).await?)?;
    if let Some(name) = &name {
        tx.rename_user(me.id, name).await?;
    }
    if let Some(email) = email {
        let at = clock::now();
        if email == before.user.email {
            tx.want_address(me.id, None).await?;
        } else if tx.address_taken(&email, me.id).await? {
            return Err(email_taken().into());
        } else if accounts.rules.mails {
            tx.want_address(me.id, Some(&email)).await?;
            let letter = NewLetter { kind: LetterKind::Verify, user: Some(me.id), email: &email, at };
            accounts.send_link(&mut tx, letter).await?;
            accounts.tell(&mut tx, LetterKind::AddressAsked, me.id, at).await?;
        } else {
            tx.set_address(me.id, &email, None).await.map_err(unless_taken)?;
            tx.end_links(LetterKind::Reset, me.id, at).await?;
        }
    }
    tx.commit().await?;
    drop(turn);
    tell_boards(services, &before.user).await;
    accounts.account(store, me.id).await
}

/// Takes the proof that an address is its user's, and gives the address. Another one takes the place of the present one.
/// The link works once, signed in or not.
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
    let before = known(tx.lock_profile(link.user.id).await?)?;
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
        // Links that went to the former address.
        tx.end_links(LetterKind::Reset, user, now).await?;
    } else if before.user.email == link.email {
        tx.verify_address(user, now).await?;
    } else {
        return Err(link_expired().into());
    }
    tx.end_links(LetterKind::Verify, user, now).await?;
    tx.commit().await?;
    tell_boards(services, &before.user).await;
    Ok(link.email)
}

/// Gives an account another address that counts as proven, as the operator does.
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
    tx.end_links(LetterKind::Reset, user.id, now).await?;
    tx.commit().await?;
    Ok(User { email: new, ..user })
}

/// Takes an account's address for proven, as the operator does.
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

/// Tells the boards of a user whose name or address changed. A board that could not be told shows it when it is next
/// opened.
async fn tell_boards(services: &Services, before: &User) {
    services.accounts.recent.forget(before.id);
    if let Err(error) = try_to_tell(services, before).await {
        tracing::warn!(user = %before.id, %error, "not every board was told of a change of a name or an address");
    }
}

async fn try_to_tell(services: &Services, before: &User) -> Result<(), ServiceError> {
    let user = known(services.store.profile(before.id).await?)?.user;
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

/// The profile of somebody who is signed in.
fn known(profile: Option<Profile>) -> Result<Profile, ServiceError> {
    profile.ok_or_else(|| ApiError::new(401, "not_signed_in", "Sign in first.").into())
}
