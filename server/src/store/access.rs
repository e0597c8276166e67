//! Whether open sockets still have access, checked by session and membership, many per query.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::{Epoch, ProjectId, Timestamp, UserId, room::LogPlace};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    Store, StoreError,
    dialect::{CHUNK, placeholders},
    log::place,
    row::{Columns, leave_out},
};

/// The id of a session: the SHA-256 of its token. The database knows no more of the token.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId([u8; 32]);

/// The error for a text that is not a session id.
#[derive(Debug, thiserror::Error)]
#[error("not a session")]
pub struct InvalidSessionId;

/// An open subscription whose access is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Listening {
    /// The user.
    pub user: UserId,
    /// The session that the user signed in with.
    pub session: SessionId,
    /// The board; `None` for the notification channel.
    pub project: Option<ProjectId>,
}

/// The result of an access check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Granted, with the current end of the project's log.
    Granted(Option<LogPlace>),
    /// The user is not a member, or the project is deleted.
    NoAccess,
    /// The session ended, or the account was disabled.
    SignedOut,
}

impl SessionId {
    /// The session id of a cookie's token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

// The hash signs nobody in, but would link log lines to people.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId")
    }
}

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidSessionId)?;
        bytes.try_into().map(Self).map_err(|_| InvalidSessionId)
    }
}

impl TryFrom<String> for SessionId {
    type Error = InvalidSessionId;

    fn try_from(text: String) -> Result<Self, InvalidSessionId> {
        text.parse()
    }
}

impl From<SessionId> for String {
    fn from(session: SessionId) -> Self {
        session.to_string()
    }
}

impl Store {
    /// Checks the access of each subscription now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn access(&self, listening: &[Listening], now: Timestamp) -> Result<Vec<Access>, StoreError> {
        let mut access = vec![Access::SignedOut; listening.len()];
        for (chunk, access) in listening.chunks(CHUNK).zip(access.chunks_mut(CHUNK)) {
            self.access_of(chunk, now, access).await?;
        }
        Ok(access)
    }

    async fn access_of(&self, chunk: &[Listening], now: Timestamp, access: &mut [Access]) -> Result<(), StoreError> {
        // Both databases call the columns of a VALUES list column1, column2.
        let sql = format!(
            "SELECT v.column1 AS n, s.user_id AS session_user, v.column4 AS wanted, p.epoch, p.seq
             FROM (VALUES {}) AS v
             LEFT JOIN sessions s ON s.token_hash = v.column3 AND s.user_id = v.column2 AND s.expires_at > ${}
              AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id AND u.disabled_at IS NOT NULL)
             LEFT JOIN project_members m ON m.project_id = v.column4 AND m.user_id = v.column2
             LEFT JOIN projects p ON p.id = m.project_id AND p.deleted_at IS NULL",
            placeholders(chunk.len(), 4),
            chunk.len() * 4 + 1
        );
        // A socket that opens asks alone: that statement is worth preparing.
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(chunk.len() == 1);
        for (n, Listening { user, session, project }) in (0_i64..).zip(chunk) {
            query = query
                .bind(n)
                .bind(user.to_string())
                .bind(session.to_string())
                .bind(project.map(|project| project.to_string()));
        }
        for row in query.bind(now.millis()).fetch_all(&self.reader).await? {
            let found = match (row.opt_text("session_user")?, row.opt_text("wanted")?, row.opt_text("epoch")?) {
                (None, _, _) => Access::SignedOut,
                (Some(_), None, _) => Access::Granted(None),
                (Some(_), Some(_), None) => Access::NoAccess,
                (Some(_), Some(wanted), Some(_)) => {
                    // An unreadable log does not end access: the room reports the failure.
                    let unknown = LogPlace { epoch: Epoch::new(Uuid::nil()), seq: 0 };
                    let left_out = |error: &StoreError| leave_out("projects", &wanted, error);
                    Access::Granted(Some(place(&row).inspect_err(left_out).unwrap_or(unknown)))
                }
            };
            if let Some(access) = usize::try_from(row.int("n")?).ok().and_then(|n| access.get_mut(n)) {
                *access = found;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_round_trips_and_is_not_shown_in_logs() {
        let session = SessionId::of("token");
        assert_eq!(session.to_string().len(), 43);
        assert_eq!(session.to_string().parse::<SessionId>().unwrap(), session);
        assert!("".parse::<SessionId>().is_err() && "x".repeat(43).parse::<SessionId>().is_err());
        assert_eq!(format!("{session:?}"), "SessionId");
    }
}
