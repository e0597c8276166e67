//! The queue of account e-mails, and their results.

use engine::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sqlx::{
    Any,
    any::{AnyArguments, AnyRow},
    query::Query,
};
use uuid::Uuid;

use super::{
    EmailKey, Store, StoreError, WriteTx,
    row::{Columns, optional, readable, word},
};

/// How long a node may hold a letter that it sends, in milliseconds.
const LEASE_MS: i64 = 5 * 60_000;
/// Most characters of a stored reason for giving up.
const MAX_REASON: usize = 300;

/// The purpose of an account e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LetterKind {
    /// Asks the user to confirm an address, with a link.
    Verify,
    /// Lets the user choose a new password, with a link.
    Reset,
    /// Tells the current address that a new one was requested.
    AddressAsked,
    /// Tells the former address that it was replaced.
    AddressChanged,
    /// Tells the user that the password changed.
    PasswordChanged,
}

/// A letter to queue.
#[derive(Clone, Debug)]
pub(crate) struct NewLetter<'a> {
    /// Its purpose.
    pub(crate) kind: LetterKind,
    /// The account; `None` if it is looked up when the letter is sent.
    pub(crate) user: Option<UserId>,
    /// The recipient's address.
    pub(crate) email: &'a str,
    /// When it was requested.
    pub(crate) at: Timestamp,
}

/// A letter that a node has claimed for sending.
#[derive(Clone, Debug)]
pub(crate) struct AccountLetter {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its purpose.
    pub(crate) kind: LetterKind,
    /// The account, if known.
    pub(crate) user: Option<UserId>,
    /// The recipient's address.
    pub(crate) email: String,
    /// The number of attempts.
    pub(crate) tries: u32,
}

impl Store {
    /// Claims a due letter, so that no other node sends it before the lease ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn claim_account_letter(&self, now: Timestamp) -> Result<Option<AccountLetter>, StoreError> {
        // The condition appears twice: the second one skips a row that another node claimed first.
        loop {
            let query = sqlx::query(
                "UPDATE account_letters SET taken_at = $1 WHERE id =
                  (SELECT id FROM account_letters WHERE send_at <= $1 AND (taken_at IS NULL OR taken_at <= $2)
                   ORDER BY send_at, id LIMIT 1)
                 AND send_at <= $1 AND (taken_at IS NULL OR taken_at <= $2) RETURNING id, kind, user_id, email, tries",
            );
            let query = query.bind(now.millis()).bind(now.plus(-LEASE_MS).millis());
            let mut write = self.write().await?;
            let row = query.fetch_optional(&mut *write.tx).await?;
            write.commit().await?;
            let Some(row) = row else { return Ok(None) };
            if let Some(letter) = optional("account_letters", Some(&row), letter) {
                return Ok(Some(letter));
            }
            // Give up on it, so that it does not block the next one.
            self.abandon_by_id(&row.text("id")?, "this version of the server cannot read it").await?;
        }
    }

    /// Sets the account and the link of a letter that is about to be sent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn prepare_letter(
        &self,
        letter: Uuid,
        user: UserId,
        token_hash: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE account_letters SET user_id = $2, token_hash = $3, expires_at = $4 WHERE id = $1";
        let query = sqlx::query(sql).bind(letter.to_string()).bind(user.to_string());
        self.change_letter(query.bind(token_hash.to_owned()).bind(expires_at.millis())).await
    }

    /// Marks a letter as sent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn mark_letter_sent(&self, letter: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE account_letters SET send_at = NULL, sent_at = $2 WHERE id = $1";
        self.change_letter(sqlx::query(sql).bind(letter.to_string()).bind(now.millis())).await
    }

    /// Postpones a letter that could not be sent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn postpone_letter(&self, letter: Uuid, until: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE account_letters SET send_at = $2, taken_at = NULL, tries = tries + 1 WHERE id = $1";
        self.change_letter(sqlx::query(sql).bind(letter.to_string()).bind(until.millis())).await
    }

    /// Releases a letter without counting an attempt.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn release_letter(&self, letter: Uuid) -> Result<(), StoreError> {
        let sql = "UPDATE account_letters SET taken_at = NULL WHERE id = $1";
        self.change_letter(sqlx::query(sql).bind(letter.to_string())).await
    }

    /// Gives up on a letter, with the reason.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn abandon_letter(&self, letter: Uuid, why: &str) -> Result<(), StoreError> {
        self.abandon_by_id(&letter.to_string(), why).await
    }

    /// Gives up on the letter stored under this id, which may not be a valid one.
    async fn abandon_by_id(&self, id: &str, why: &str) -> Result<(), StoreError> {
        // PostgreSQL texts cannot contain NUL.
        let why: String = why.chars().filter(|char| *char != '\0').take(MAX_REASON).collect();
        let sql = "UPDATE account_letters SET send_at = NULL, error = $2 WHERE id = $1";
        self.change_letter(sqlx::query(sql).bind(id).bind(why)).await
    }

    async fn change_letter(&self, query: Query<'_, Any, AnyArguments>) -> Result<(), StoreError> {
        self.write_one(query).await.map(|_| ())
    }

    /// Deletes letters requested before a time. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn forget_letters(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "DELETE FROM account_letters WHERE id IN
              (SELECT id FROM account_letters WHERE created_at <= $1 ORDER BY created_at LIMIT $2)",
        );
        let query = query.bind(before.millis()).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.write_one(query).await?.rows_affected())
    }
}

impl WriteTx {
    /// Queues a letter. Returns its id.
    pub(crate) async fn queue_letter(&mut self, letter: &NewLetter<'_>) -> Result<Uuid, StoreError> {
        let id = Uuid::now_v7();
        sqlx::query(
            "INSERT INTO account_letters (id, kind, user_id, email, email_key, created_at, send_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6)",
        )
        .bind(id.to_string())
        .bind(word(letter.kind)?)
        .bind(letter.user.map(|user| user.to_string()))
        .bind(letter.email)
        .bind(EmailKey::of(letter.email).to_string())
        .bind(letter.at.millis())
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// When letters of a kind were requested since a time, for an address in any of its forms or for an account;
    /// oldest first.
    pub(crate) async fn letters_since(
        &mut self,
        kind: LetterKind,
        email: &str,
        user: Option<UserId>,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let rows = sqlx::query(
            "SELECT created_at FROM account_letters WHERE kind = $1 AND created_at > $2 AND (email_key = $3 OR user_id = $4)
             ORDER BY created_at",
        )
        .bind(word(kind)?)
        .bind(since.millis())
        .bind(EmailKey::of(email).to_string())
        .bind(user.map(|user| user.to_string()))
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(readable("account_letters", &rows, |row| row.time("created_at")).rows)
    }

    /// Marks a letter as delivered by the operator in person, with its link.
    pub(crate) async fn mark_letter_handed_over(
        &mut self,
        letter: Uuid,
        token_hash: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE account_letters SET send_at = NULL, token_hash = $2, expires_at = $3 WHERE id = $1";
        let query = sqlx::query(sql).bind(letter.to_string()).bind(token_hash).bind(expires_at.millis());
        query.execute(&mut *self.tx).await?;
        Ok(())
    }
}

fn letter(row: &AnyRow) -> Result<AccountLetter, StoreError> {
    Ok(AccountLetter {
        id: row.parse("id")?,
        kind: row.word("kind")?,
        user: row.opt_parse("user_id")?,
        email: row.text("email")?,
        tries: row.count("tries")?,
    })
}
