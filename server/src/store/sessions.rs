//! The devices on which an account's sessions are used.

use engine::{Timestamp, UserId};

use super::{
    Store, StoreError,
    access::SessionId,
    row::{Columns, readable},
};

/// Most characters of a stored user agent.
const USER_AGENT: usize = 400;

/// The device that uses a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The browser's user agent.
    pub user_agent: String,
    /// The network address.
    pub address: String,
}

/// An unexpired session, as its user sees it.
#[derive(Clone, Debug)]
pub(crate) struct OpenSession {
    /// Its id.
    pub(crate) id: SessionId,
    /// The device that used it last.
    pub(crate) device: Device,
    /// When its user signed in.
    pub(crate) created_at: Timestamp,
    /// When it was last used, accurate to a few minutes.
    pub(crate) last_seen_at: Timestamp,
}

impl Device {
    /// The user agent in its stored form: one short line.
    pub(super) fn stored_agent(&self) -> String {
        self.user_agent.chars().filter(|char| !char.is_control()).take(USER_AGENT).collect()
    }
}

impl Store {
    /// The unexpired sessions of a user that began after a time, the most recently used first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn sessions_of(
        &self,
        user: UserId,
        born: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, StoreError> {
        let rows = sqlx::query(
            "SELECT token_hash, user_agent, address, created_at, COALESCE(last_seen_at, created_at) AS seen FROM sessions
             WHERE user_id = $1 AND created_at > $2 AND expires_at > $3 ORDER BY seen DESC, token_hash",
        )
        .bind(user.to_string())
        .bind(born.millis())
        .bind(now.millis())
        .fetch_all(&self.reader)
        .await?;
        let open = |row: &sqlx::any::AnyRow| {
            Ok(OpenSession {
                id: row.parse("token_hash")?,
                device: Device { user_agent: row.text("user_agent")?, address: row.text("address")? },
                created_at: row.time("created_at")?,
                last_seen_at: row.time("seen")?,
            })
        };
        Ok(readable("sessions", &rows, open).rows)
    }

    /// Records the use of a session, and extends it. `None` for the device keeps the stored one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn touch_session(
        &self,
        id: SessionId,
        device: Option<&Device>,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(
            "UPDATE sessions SET last_seen_at = $2, expires_at = $3, user_agent = COALESCE($4, user_agent),
             address = COALESCE($5, address) WHERE token_hash = $1",
        );
        let query = query
            .bind(id.to_string())
            .bind(now.millis())
            .bind(expires_at.millis())
            .bind(device.map(Device::stored_agent))
            .bind(device.map(|device| device.address.clone()));
        self.write_one(query).await?;
        Ok(())
    }

    /// Ends all sessions of a user except one. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn end_other_sessions(&self, user: UserId, kept: SessionId) -> Result<u64, StoreError> {
        let query = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2")
            .bind(user.to_string())
            .bind(kept.to_string());
        Ok(self.write_one(query).await?.rows_affected())
    }
}
