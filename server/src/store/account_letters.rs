//! Letters about accounts: those to be sent, and what became of them.

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

/// How long a node may take to send what it took, in milliseconds.
const LEASE_MS: i64 = 5 * 60_000;
/// Characters of the reason for which a letter can never be sent.
const WHY: usize = 300;

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LetterKind {
    /// Asks whether an address is its user's, with a link.
    Verify,
    /// Lets somebody choose another password, with a link.
    Reset,
    /// Tells the present address that another one was asked for.
    AddressAsked,
    /// Tells the former address that another one has taken its place.
    AddressChanged,
    /// Tells that the password was changed.
    PasswordChanged,
}

/// A letter to be sent.
#[derive(Clone, Debug)]
pub(crate) struct NewLetter<'a> {
    /// About what.
    pub(crate) kind: LetterKind,
    /// About whose account; `None` where that is found out when it is sent.
    pub(crate) user: Option<UserId>,
    /// To which address.
    pub(crate) email: &'a str,
    /// Since when.
    pub(crate) at: Timestamp,
}

/// A letter that a node has taken to send it.
#[derive(Clone, Debug)]
pub(crate) struct AccountLetter {
    /// Which.
    pub(crate) id: Uuid,
    /// About what.
    pub(crate) kind: LetterKind,
    /// About whose account, where that is known.
    pub(crate) user: Option<UserId>,
    /// To which address.
    pub(crate) email: String,
    /// How often it was tried.
    pub(crate) tries: u32,
}

impl Store {
    /// Takes a letter that is due, so that no other node does until the lease ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn take_account_letter(&self, now: Timestamp) -> Result<Option<AccountLetter>, StoreError> {
        // Twice the same condition: the second one counts for a row that another node was faster with.
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
            // It is given up, so that the next one is not kept waiting.
            self.give_up_by_id(&row.text("id")?, "this version of the server cannot read it").await?;
        }
    }

    /// Gives a letter that is about to be sent its account and its link.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn arm_letter(
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

    /// Notes that a letter was sent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn letter_sent(&self, letter: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE account_letters SET send_at = NULL, sent_at = $2 WHERE id = $1";
        self.change_letter(sqlx::query(sql).bind(letter.to_string()).bind(now.millis())).await
    }

    /// Sends a letter later, which failed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn put_letter_off(&self, letter: Uuid, until: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE account_letters SET send_at = $2, taken_at = NULL, tries = tries + 1 WHERE id = $1";
        self.change_letter(sqlx::query(sql).bind(letter.to_string()).bind(until.millis())).await
    }

    /// Gives a letter back, as if nobody had tried to send it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn release_letter(&self, letter: Uuid) -> Result<(), StoreError> {
        let sql = "UPDATE account_letters SET taken_at = NULL WHERE id = $1";
        self.change_letter(sqlx::query(sql).bind(letter.to_string())).await
    }

    /// Never sends a letter, and says why.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn give_letter_up(&self, letter: Uuid, why: &str) -> Result<(), StoreError> {
        self.give_up_by_id(&letter.to_string(), why).await
    }

    /// Never sends the letter that is stored under this id, which may not be one.
    async fn give_up_by_id(&self, id: &str, why: &str) -> Result<(), StoreError> {
        // PostgreSQL has no NUL in its texts.
        let why: String = why.chars().filter(|char| *char != '\0').take(WHY).collect();
        let sql = "UPDATE account_letters SET send_at = NULL, error = $2 WHERE id = $1";
        self.change_letter(sqlx::query(sql).bind(id).bind(why)).await
    }

    async fn change_letter(&self, query: Query<'_, Any, AnyArguments>) -> Result<(), StoreError> {
        self.write_one(query).await.map(|_| ())
    }

    /// Forgets letters that were asked for before a moment, and says how many there were.
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
    /// Queues a letter, and names it.
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

    /// When letters of a kind were asked for since a moment, to an address in any of its forms or for an account; oldest
    /// first.
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

    /// Takes a letter for handed over by the operator, with its link.
    pub(crate) async fn hand_letter_over(
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
