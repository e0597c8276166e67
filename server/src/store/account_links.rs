//! The links in account e-mails. Only the hashes of their tokens are stored.

use engine::{Timestamp, User, UserId};

use super::{LetterKind, Store, StoreError, WriteTx, row::Columns, row::word};

/// The account and address that a link proves.
#[derive(Clone, Debug)]
pub(crate) struct AccountLink {
    /// The account.
    pub(crate) user: User,
    /// The address of the letter.
    pub(crate) email: String,
    /// Whether it was sent by e-mail, so that its holder can read mail for the address.
    pub(crate) mailed: bool,
}

impl Store {
    /// The target of a link that is neither expired nor used.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn link(
        &self,
        kind: LetterKind,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<AccountLink>, StoreError> {
        let row = sqlx::query(
            "SELECT u.id, u.email AS address, u.name, l.email, CASE WHEN l.taken_at IS NULL THEN 0 ELSE 1 END AS mailed
             FROM account_letters l
             JOIN users u ON u.id = l.user_id AND u.disabled_at IS NULL
             WHERE l.token_hash = $1 AND l.kind = $2 AND l.used_at IS NULL AND l.expires_at > $3",
        )
        .bind(token_hash)
        .bind(word(kind)?)
        .bind(now.millis())
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| {
            let user = User { id: row.parse("id")?, email: row.text("address")?, name: row.text("name")? };
            Ok(AccountLink { user, email: row.text("email")?, mailed: row.int("mailed")? == 1 })
        })
        .transpose()
    }
}

impl WriteTx {
    /// Uses up a link. False if it was used, has expired or does not exist.
    pub(crate) async fn use_link(
        &mut self,
        kind: LetterKind,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE account_letters SET used_at = $3
             WHERE token_hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3",
        )
        .bind(token_hash)
        .bind(word(kind)?)
        .bind(now.millis())
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Invalidates all links of a kind that an account has, and cancels the queued ones.
    pub(crate) async fn invalidate_links(
        &mut self,
        kind: LetterKind,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE account_letters SET used_at = COALESCE(used_at, $3), send_at = NULL WHERE user_id = $1 AND kind = $2",
        )
        .bind(user.to_string())
        .bind(word(kind)?)
        .bind(now.millis())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
