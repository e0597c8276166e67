//! Users and their sessions.

use engine::{Timestamp, User, UserId};
use sqlx::any::AnyRow;

use super::{
    Device, EmailKey, Store, StoreError, WriteTx,
    access::SessionId,
    row::{Columns, only, optional},
};

/// An unexpired session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The user.
    pub user: User,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, accurate to a few minutes.
    pub last_seen_at: Timestamp,
    /// When it expires unless it is used.
    pub expires_at: Timestamp,
}

impl Store {
    /// The account of an e-mail address (lowercase), with its password hash. If accounts of earlier builds share the
    /// address, the one with this exact spelling comes first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, email: &str) -> Result<Option<(User, String)>, StoreError> {
        let row = sqlx::query(
            "SELECT id, email, name, password_hash FROM users WHERE email = $1 OR email_key = $2
             ORDER BY CASE WHEN email = $1 THEN 0 ELSE 1 END LIMIT 1",
        )
        .bind(email)
        .bind(EmailKey::of(email).to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| only("users", &row, |row| Ok((user(row)?, row.text("password_hash")?)))).transpose()
    }

    /// Inserts an account with a verified address. [`StoreError::Exists`] when the address has an account.
    ///
    /// # Errors
    /// When the database does not answer, or the address has an account.
    pub async fn add_user(&self, user: &User, password_hash: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        write.add_user(user, password_hash, at, Some(at)).await?;
        write.commit().await
    }

    /// Changes a password, and ends all sessions of the account except one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_password(
        &self,
        user: UserId,
        password_hash: &str,
        except: Option<SessionId>,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        write.set_password(user, password_hash, except).await?;
        write.commit().await
    }

    /// Stores another hash of the same password, unless the password was changed meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn replace_hash(&self, user: UserId, old: &str, new: &str) -> Result<(), StoreError> {
        let sql = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
        self.write_one(sqlx::query(sql).bind(user.to_string()).bind(old).bind(new)).await?;
        Ok(())
    }

    /// Disables an account from a time on, which ends its sessions; `None` enables it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_disabled(&self, user: UserId, since: Option<Timestamp>) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query("UPDATE users SET disabled_at = $2 WHERE id = $1")
            .bind(user.to_string())
            .bind(since.map(Timestamp::millis))
            .execute(&mut *write.tx)
            .await?;
        if since.is_some() {
            sqlx::query("DELETE FROM sessions WHERE user_id = $1")
                .bind(user.to_string())
                .execute(&mut *write.tx)
                .await?;
        }
        write.commit().await
    }

    /// A session, unless it has expired or its account is disabled. An unreadable session counts as missing: its user
    /// signs in again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, id: SessionId, now: Timestamp) -> Result<Option<SessionRow>, StoreError> {
        let row = sqlx::query(
            "SELECT u.id, u.email, u.name, s.created_at, COALESCE(s.last_seen_at, s.created_at) AS seen, s.expires_at
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL",
        )
        .bind(id.to_string())
        .bind(now.millis())
        .fetch_optional(&self.reader)
        .await?;
        let session = |row: &AnyRow| {
            Ok(SessionRow {
                user: user(row)?,
                created_at: row.time("created_at")?,
                last_seen_at: row.time("seen")?,
                expires_at: row.time("expires_at")?,
            })
        };
        Ok(optional("sessions", row.as_ref(), session))
    }

    /// Begins a session. False if the account is disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_session(
        &self,
        id: SessionId,
        user: UserId,
        now: Timestamp,
        expires_at: Timestamp,
        device: &Device,
    ) -> Result<bool, StoreError> {
        // PostgreSQL cannot infer the type of a parameter in a select list.
        let query = sqlx::query(
            "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, expires_at, user_agent, address)
             SELECT $1, id, $3, $3, $4, CAST($5 AS TEXT), CAST($6 AS TEXT) FROM users
             WHERE id = $2 AND disabled_at IS NULL",
        )
        .bind(id.to_string())
        .bind(user.to_string())
        .bind(now.millis())
        .bind(expires_at.millis())
        .bind(device.stored_agent())
        .bind(&device.address);
        Ok(self.write_one(query).await?.rows_affected() == 1)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(id.to_string());
        self.write_one(query).await?;
        Ok(())
    }

    /// Deletes sessions that have expired, or that began at `born` or before. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_sessions(&self, born: Timestamp, now: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "DELETE FROM sessions WHERE token_hash IN
              (SELECT token_hash FROM sessions WHERE expires_at <= $1 OR created_at <= $2 LIMIT $3)",
        );
        let query = query.bind(now.millis()).bind(born.millis()).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.write_one(query).await?.rows_affected())
    }
}

impl WriteTx {
    /// Inserts an account. `verified_at` is when its address was verified, if it was. [`StoreError::Exists`] when the
    /// address has an account, in any of its forms.
    pub(crate) async fn add_user(
        &mut self,
        user: &User,
        password_hash: &str,
        at: Timestamp,
        verified_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO users (id, email, email_key, name, password_hash, created_at, email_verified_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(user.id.to_string())
        .bind(&user.email)
        .bind(EmailKey::of(&user.email).to_string())
        .bind(&user.name)
        .bind(password_hash)
        .bind(at.millis())
        .bind(verified_at.map(Timestamp::millis))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Changes a password, and ends all sessions of the account except one. Drops a requested new address: an intruder
    /// may have requested it.
    pub(crate) async fn set_password(
        &mut self,
        user: UserId,
        password_hash: &str,
        except: Option<SessionId>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE users SET password_hash = $2, new_email = NULL WHERE id = $1")
            .bind(user.to_string())
            .bind(password_hash)
            .execute(&mut *self.tx)
            .await?;
        sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2")
            .bind(user.to_string())
            .bind(except.map(|session| session.to_string()).unwrap_or_default())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

fn user(row: &AnyRow) -> Result<User, StoreError> {
    Ok(User { id: row.parse("id")?, email: row.text("email")?, name: row.text("name")? })
}
