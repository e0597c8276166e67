//! Profiles of users, and whether their addresses are verified.

use engine::{Timestamp, User, UserId};
use sqlx::any::AnyRow;

use super::{EmailKey, Store, StoreError, WriteTx, row::Columns};

/// The fields of an account that boards don't show.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// The user.
    pub(crate) user: User,
    /// When the address was verified.
    pub(crate) email_verified_at: Option<Timestamp>,
    /// The new address that the user wants, until it is verified.
    pub(crate) new_email: Option<String>,
}

/// Two accounts of earlier builds whose addresses differ only in case or Unicode form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedAddress {
    /// The address of the older account, which any form of it finds.
    pub(crate) first: String,
    /// The address of the other account, which only this exact form finds.
    pub(crate) second: String,
}

const COLUMNS: &str = "SELECT id, email, name, email_verified_at, new_email FROM users WHERE id = $1";

impl Store {
    /// The profile of a user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn profile(&self, user: UserId) -> Result<Option<Profile>, StoreError> {
        let row = sqlx::query(COLUMNS).bind(user.to_string()).fetch_optional(&self.reader).await?;
        row.as_ref().map(profile).transpose()
    }

    /// Whether a user's account is disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn is_disabled(&self, user: UserId) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM users WHERE id = $1 AND disabled_at IS NOT NULL";
        Ok(sqlx::query(sql).bind(user.to_string()).fetch_optional(&self.reader).await?.is_some())
    }

    /// Fills in missing address keys of accounts of earlier builds, oldest first. Returns the accounts that share an
    /// address.
    ///
    /// # Errors
    /// When the database does not answer; [`StoreError::Exists`] when another process is doing the same.
    pub(crate) async fn fill_address_keys(&self) -> Result<Vec<SharedAddress>, StoreError> {
        let sql = "SELECT id, email FROM users WHERE email_key IS NULL ORDER BY created_at, id";
        let rows = sqlx::query(sql).fetch_all(&self.reader).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut shared = Vec::new();
        let mut tx = self.write().await?;
        for row in &rows {
            let (id, email) = (row.text("id")?, row.text("email")?);
            let key = EmailKey::of(&email);
            let owner = sqlx::query("SELECT id, email FROM users WHERE email_key = $1")
                .bind(key.to_string())
                .fetch_optional(&mut *tx.tx)
                .await?;
            match owner {
                Some(owner) if owner.text("id")? != id => {
                    shared.push(SharedAddress { first: owner.text("email")?, second: email });
                }
                Some(_) => {}
                None => {
                    let sql = "UPDATE users SET email_key = $2 WHERE id = $1 AND email_key IS NULL";
                    sqlx::query(sql).bind(&id).bind(key.to_string()).execute(&mut *tx.tx).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(shared)
    }
}

impl WriteTx {
    /// The profile of a user, locked until this write ends.
    pub(crate) async fn lock_profile(&mut self, user: UserId) -> Result<Option<Profile>, StoreError> {
        // An update that changes nothing takes the lock.
        let sql = "UPDATE users SET name = name WHERE id = $1 RETURNING id, email, name, email_verified_at, new_email";
        let row = sqlx::query(sql).bind(user.to_string()).fetch_optional(&mut *self.tx).await?;
        row.as_ref().map(profile).transpose()
    }

    /// Renames a user.
    pub(crate) async fn rename_user(&mut self, user: UserId, name: &str) -> Result<(), StoreError> {
        let sql = "UPDATE users SET name = $2 WHERE id = $1";
        sqlx::query(sql).bind(user.to_string()).bind(name).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Stores the new address that a user wants, or `None` to drop the request.
    pub(crate) async fn request_address(&mut self, user: UserId, email: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE users SET new_email = $2 WHERE id = $1";
        sqlx::query(sql).bind(user.to_string()).bind(email).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Changes a user's address. [`StoreError::Exists`] when another account has it.
    pub(crate) async fn set_address(
        &mut self,
        user: UserId,
        email: &str,
        verified_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE users SET email = $2, email_key = $3, email_verified_at = $4, new_email = NULL WHERE id = $1",
        )
        .bind(user.to_string())
        .bind(email)
        .bind(EmailKey::of(email).to_string())
        .bind(verified_at.map(Timestamp::millis))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Marks a user's address as verified.
    pub(crate) async fn verify_address(&mut self, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE users SET email_verified_at = COALESCE(email_verified_at, $2) WHERE id = $1";
        sqlx::query(sql).bind(user.to_string()).bind(at.millis()).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Whether another account has an address, in any of its forms.
    pub(crate) async fn address_taken(&mut self, email: &str, user: UserId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT id FROM users WHERE (email = $1 OR email_key = $2) AND id <> $3 LIMIT 1")
            .bind(email)
            .bind(EmailKey::of(email).to_string())
            .bind(user.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(row.is_some())
    }
}

fn profile(row: &AnyRow) -> Result<Profile, StoreError> {
    Ok(Profile {
        user: User { id: row.parse("id")?, email: row.text("email")?, name: row.text("name")? },
        email_verified_at: row.opt_time("email_verified_at")?,
        new_email: row.opt_text("new_email")?,
    })
}
