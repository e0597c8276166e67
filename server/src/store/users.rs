//! People and their sessions.

use engine::{Timestamp, User, UserId};
use sqlx::any::AnyRow;

use super::{Store, StoreError, access::SessionId, row::Columns};

/// A session that has not expired.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose.
    pub user: User,
    /// When it ends, unless it is used before.
    pub expires_at: Timestamp,
}

impl Store {
    /// The account of an e-mail address (lowercase), with its password hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, email: &str) -> Result<Option<(User, String)>, StoreError> {
        let row = sqlx::query("SELECT id, email, name, password_hash FROM users WHERE email = $1")
            .bind(email)
            .fetch_optional(&self.reader)
            .await?;
        row.map(|row| Ok((user(&row)?, row.text("password_hash")?))).transpose()
    }

    /// Makes an account. [`StoreError::Exists`] when the address has one.
    ///
    /// # Errors
    /// When the database does not answer, or the address has an account.
    pub async fn add_user(&self, user: &User, password_hash: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)";
        let query = sqlx::query(sql)
            .bind(user.id.to_string())
            .bind(&user.email)
            .bind(&user.name)
            .bind(password_hash)
            .bind(at.millis());
        self.write_one(query).await?;
        Ok(())
    }

    /// Changes a password and ends all sessions of the account, but for one.
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
        sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
            .bind(user.to_string())
            .bind(password_hash)
            .execute(&mut *write.tx)
            .await?;
        sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2")
            .bind(user.to_string())
            .bind(except.map(|session| session.to_string()).unwrap_or_default())
            .execute(&mut *write.tx)
            .await?;
        write.commit().await
    }

    /// Disables an account from a moment on, which ends its sessions; or (`None`) enables it again.
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

    /// Whether there is any account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query("SELECT id FROM users LIMIT 1").fetch_optional(&self.reader).await?.is_some())
    }

    /// A session, unless it has expired or its account is disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query(
            "SELECT u.id, u.email, u.name, s.expires_at FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL",
        )
        .bind(id.to_string())
        .bind(now.millis())
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| Ok(Session { user: user(&row)?, expires_at: row.time("expires_at")? })).transpose()
    }

    /// Begins a session. False: the account is disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_session(
        &self,
        id: SessionId,
        user: UserId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "INSERT INTO sessions (token_hash, user_id, created_at, expires_at)
             SELECT $1, id, $3, $4 FROM users WHERE id = $2 AND disabled_at IS NULL",
        )
        .bind(id.to_string())
        .bind(user.to_string())
        .bind(now.millis())
        .bind(expires_at.millis());
        Ok(self.write_one(query).await?.rows_affected() == 1)
    }

    /// Puts the end of a session off.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn extend_session(&self, id: SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE sessions SET expires_at = $2 WHERE token_hash = $1")
            .bind(id.to_string())
            .bind(expires_at.millis());
        self.write_one(query).await?;
        Ok(())
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

    /// Forgets the sessions that have expired, and says how many there were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_sessions(&self, now: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "DELETE FROM sessions WHERE token_hash IN
              (SELECT token_hash FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        );
        let query = query.bind(now.millis()).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.write_one(query).await?.rows_affected())
    }
}

fn user(row: &AnyRow) -> Result<User, StoreError> {
    Ok(User { id: row.parse("id")?, email: row.text("email")?, name: row.text("name")? })
}
