//! Forgotten passwords: a link by e-mail lets the owner of an address choose a new one.

use std::net::IpAddr;

use engine::{ApiError, User};
use serde::Deserialize;

use super::{
    Accounts, RESET_MS, find,
    letters::{link_expired, mail_unavailable, mint_token, token_hash},
};
use crate::{
    clock,
    realtime::{Realtime, Revocation},
    service::{ServiceError, field},
    store::{EmailKey, LetterKind, NewLetter, Store},
};

/// A request to reset a forgotten password.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// The sign-in address.
    pub email: String,
}

/// A new password, set by the link of a letter.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// The part of the link after the `#`.
    #[schema(format = Password)]
    pub token: String,
    /// 10 to 256 characters, not a common password, and not the name or the address.
    #[schema(format = Password)]
    pub password: String,
}

impl Accounts {
    /// Requests a reset link for an address. Known and unknown addresses get the same response at the same cost: the
    /// mail task looks the account up.
    ///
    /// # Errors
    /// `mail_unavailable`, `too_many_attempts`, `invalid`, `too_many_letters`.
    pub async fn forgot(&self, store: &Store, forgotten: Forgotten, address: IpAddr) -> Result<(), ServiceError> {
        if !self.rules.mails {
            let ask = "E-mail isn't set up on this server. Ask its admin to reset your password.";
            return Err(ApiError { message: ask.into(), ..mail_unavailable() }.into());
        }
        let email = field::email(&forgotten.email)?;
        self.count(&email, address).await?;
        // As typed: accounts of earlier builds may have other forms of the address.
        let typed = forgotten.email.trim().to_lowercase();
        let letter = NewLetter { kind: LetterKind::Reset, user: None, email: &typed, at: clock::now() };
        let _turn = self.letters.lock().await;
        let mut tx = store.write().await?;
        self.send_link(&mut tx, letter).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sets the password of a link's account, and ends all its sessions. The link works once. Returns the address of
    /// the account.
    ///
    /// # Errors
    /// `too_many_attempts`, `link_expired`, `invalid`, `weak_password`.
    pub async fn reset_by_link(
        &self,
        store: &Store,
        realtime: &Realtime,
        reset: PasswordReset,
        address: IpAddr,
    ) -> Result<String, ServiceError> {
        self.count("", address).await?;
        let token = token_hash(&reset.token);
        let link = store.link(LetterKind::Reset, &token, clock::now()).await?.ok_or_else(link_expired)?;
        let user = link.user;
        self.passwords.check(&reset.password, &user.name, &user.email).await?;
        let hash = self.passwords.hash(reset.password).await?;
        let now = clock::now();
        let mut tx = store.write().await?;
        let profile = tx.lock_profile(user.id).await?.ok_or_else(link_expired)?;
        // A letter to a former address of the account resets nothing.
        let is_present = EmailKey::of(&profile.user.email) == EmailKey::of(&link.email);
        if !is_present || !tx.use_link(LetterKind::Reset, &token, now).await? {
            tx.roll_back().await?;
            return Err(link_expired().into());
        }
        tx.set_password(user.id, &hash, None).await?;
        if link.mailed {
            tx.verify_address(user.id, now).await?;
        }
        tx.invalidate_links(LetterKind::Reset, user.id, now).await?;
        self.inform(&mut tx, LetterKind::PasswordChanged, user.id, now).await?;
        tx.commit().await?;
        realtime.revoke(Revocation::User { id: user.id, except: None });
        Ok(profile.user.email)
    }

    /// Creates a reset link for the operator to hand over. Returns its token.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn reset_link(&self, store: &Store, email: &str) -> Result<(User, String), ServiceError> {
        let user = find(store, email).await?;
        let (token, hash) = mint_token()?;
        let now = clock::now();
        let mut tx = store.write().await?;
        let letter = NewLetter { kind: LetterKind::Reset, user: Some(user.id), email: &user.email, at: now };
        let id = tx.queue_letter(&letter).await?;
        tx.mark_letter_handed_over(id, &hash, now.plus(RESET_MS)).await?;
        tx.commit().await?;
        Ok((user, token))
    }
}
