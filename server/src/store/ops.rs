//! Stored responses to ops.

use engine::{OpId, Timestamp, UserId};
use sqlx::{AnyConnection, any::AnyRow};

use super::{Store, StoreError, WriteTx, row::Columns};

/// The response to an executed op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// The fingerprint of the request.
    pub fingerprint: String,
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

impl StoredResponse {
    /// Reads the columns `o_hash`, `o_status` and `o_answer` of a left join with `client_ops`.
    pub(super) fn joined(row: &AnyRow) -> Result<Option<Self>, StoreError> {
        let Some(fingerprint) = row.opt_text("o_hash")? else { return Ok(None) };
        let status = u16::try_from(row.int("o_status")?).map_err(|_| StoreError::Unreadable("o_status".into()))?;
        Ok(Some(Self { fingerprint, status, body: row.text("o_answer")? }))
    }
}

impl WriteTx {
    /// The stored response to an op.
    pub(crate) async fn stored_response(
        &mut self,
        user: UserId,
        op: OpId,
    ) -> Result<Option<StoredResponse>, StoreError> {
        find(&mut self.tx, user, op).await
    }

    /// Stores the response to an op. [`StoreError::Exists`] when another request with this id was faster.
    pub(crate) async fn store_response(
        &mut self,
        user: UserId,
        op: OpId,
        answer: &StoredResponse,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO client_ops (user_id, op_id, request_hash, status, answer, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(user.to_string())
        .bind(op.to_string())
        .bind(&answer.fingerprint)
        .bind(i64::from(answer.status))
        .bind(&answer.body)
        .bind(at.millis())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

impl Store {
    /// The stored response to an op.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored_response(&self, user: UserId, op: OpId) -> Result<Option<StoredResponse>, StoreError> {
        let mut connection = self.reader.acquire().await?;
        find(&mut connection, user, op).await
    }

    /// Deletes up to `limit` of the oldest responses from before a time. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_responses(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "DELETE FROM client_ops WHERE (user_id, op_id) IN
              (SELECT user_id, op_id FROM client_ops WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
        );
        let query = query.bind(before.millis()).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.write_one(query).await?.rows_affected())
    }
}

async fn find(connection: &mut AnyConnection, user: UserId, op: OpId) -> Result<Option<StoredResponse>, StoreError> {
    let row = sqlx::query(
        "SELECT request_hash AS o_hash, status AS o_status, answer AS o_answer
         FROM client_ops WHERE user_id = $1 AND op_id = $2",
    )
    .bind(user.to_string())
    .bind(op.to_string())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map_or(Ok(None), StoredResponse::joined)
}
