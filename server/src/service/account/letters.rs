//! Requests for account e-mails, which are sent in the background, never within a request.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::{ApiError, Timestamp, UserId};
use rand::{TryRngCore as _, rngs::OsRng};
use sha2::{Digest as _, Sha256};

use super::Accounts;
use crate::{
    chunked::{self, CHUNK},
    service::ServiceError,
    store::{LetterKind, NewLetter, Store, StoreError, WriteTx},
};

/// Lifetime of a verification link, in milliseconds: a day.
pub(crate) const VERIFY_MS: i64 = 24 * 60 * 60 * 1000;
/// Lifetime of a reset link, in milliseconds: 30 minutes.
pub(crate) const RESET_MS: i64 = 30 * 60 * 1000;
/// The period in which letters are counted, in milliseconds: an hour.
const HOUR_MS: i64 = 60 * 60 * 1000;
/// How long letters are stored, in milliseconds: longer than any link is valid.
const KEEP_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// A token for a link, and its hash, which is all the database stores.
///
/// # Errors
/// When the system provides no random bytes.
pub(crate) fn mint_token() -> Result<(String, String), ServiceError> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| ServiceError::Internal("the system gives no random bytes"))?;
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let hash = token_hash(&token);
    Ok((token, hash))
}

/// The hash of a link's token.
pub(super) fn token_hash(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

/// The refusal of an invalid link, whatever the reason.
pub(super) fn link_expired() -> ApiError {
    ApiError::new(410, "link_expired", "This link has expired or was already used.").on("token")
}

/// The refusal of actions that need e-mail, on a server without it.
pub(super) fn mail_unavailable() -> ApiError {
    ApiError::new(409, "mail_unavailable", "E-mail isn't set up on this server.")
}

/// Deletes obsolete letters.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_letters(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    chunked::all(|| store.forget_letters(now.plus(-KEEP_MS), CHUNK)).await
}

impl Accounts {
    /// How long until another letter of a kind may go to an address and for an account, in milliseconds; `None` if it
    /// may now.
    pub(super) async fn letter_wait(
        &self,
        tx: &mut WriteTx,
        kind: LetterKind,
        email: &str,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let Ok(limit @ 1..) = usize::try_from(self.rules.letters_per_hour) else { return Ok(None) };
        let before = tx.letters_since(kind, email, user, now.plus(-HOUR_MS)).await?;
        let first = before.len().checked_sub(limit).and_then(|index| before.get(index));
        Ok(first.map(|first| first.millis() + HOUR_MS - now.millis()))
    }

    /// Queues a letter with a link, unless there were too many.
    ///
    /// # Errors
    /// `too_many_letters`.
    pub(super) async fn send_link(&self, tx: &mut WriteTx, letter: NewLetter<'_>) -> Result<(), ServiceError> {
        if let Some(wait) = self.letter_wait(tx, letter.kind, letter.email, letter.user, letter.at).await? {
            let wait = std::time::Duration::from_millis(u64::try_from(wait).unwrap_or_default());
            return Err(ServiceError::TooManyLetters(wait));
        }
        tx.queue_letter(&letter).await?;
        Ok(())
    }

    /// Queues a letter that informs a user of a change, if their address is verified.
    pub(super) async fn inform(
        &self,
        tx: &mut WriteTx,
        kind: LetterKind,
        user: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.rules.mails {
            return Ok(());
        }
        let profile = tx.lock_profile(user).await?.filter(|profile| profile.email_verified_at.is_some());
        if let Some(profile) = profile {
            tx.queue_letter(&NewLetter { kind, user: Some(user), email: &profile.user.email, at }).await?;
        }
        Ok(())
    }
}
