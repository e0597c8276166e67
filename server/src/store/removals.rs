//! Removed things of a project that can be restored for a while.

use engine::{ProjectId, Timestamp, UserId};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::any::AnyRow;

use super::{
    Store, StoreError, WriteTx,
    row::{Columns, only},
};

/// The key of a removed thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemovalKey {
    project: ProjectId,
    kind: &'static str,
    subject: String,
}

impl RemovalKey {
    /// A thing of a project, by kind and id.
    pub(crate) fn new(project: ProjectId, kind: &'static str, subject: impl ToString) -> Self {
        Self { project, kind, subject: subject.to_string() }
    }

    /// A member of a project.
    pub(crate) fn of_member(project: ProjectId, user: UserId) -> Self {
        Self::new(project, "member", user)
    }
}

/// The state of a removed thing.
#[derive(Clone, Debug)]
pub(crate) struct Removal<T> {
    /// Who removed it.
    pub(crate) by: UserId,
    /// When it was removed.
    pub(crate) at: Timestamp,
    /// Its state.
    pub(crate) data: T,
}

impl WriteTx {
    /// Stores a removed thing, replacing an earlier removal of it.
    pub(crate) async fn store_removal<T: Serialize>(
        &mut self,
        key: &RemovalKey,
        removal: &Removal<T>,
    ) -> Result<(), StoreError> {
        let data = serde_json::to_string(&removal.data).map_err(|_| StoreError::Unreadable("data".into()))?;
        sqlx::query(
            "INSERT INTO removals (project_id, kind, subject, removed_by, removed_at, data)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (project_id, kind, subject) DO UPDATE
             SET removed_by = excluded.removed_by, removed_at = excluded.removed_at, data = excluded.data",
        )
        .bind(key.project.to_string())
        .bind(key.kind)
        .bind(&key.subject)
        .bind(removal.by.to_string())
        .bind(removal.at.millis())
        .bind(data)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// A removed thing, if it is still stored.
    pub(crate) async fn removal<T: DeserializeOwned>(
        &mut self,
        key: &RemovalKey,
    ) -> Result<Option<Removal<T>>, StoreError> {
        let row = sqlx::query(
            "SELECT subject AS id, removed_by, removed_at, data FROM removals
             WHERE project_id = $1 AND kind = $2 AND subject = $3",
        )
        .bind(key.project.to_string())
        .bind(key.kind)
        .bind(&key.subject)
        .fetch_optional(&mut *self.tx)
        .await?;
        let read = |row: &AnyRow| -> Result<Removal<T>, StoreError> {
            let data = serde_json::from_str(&row.text("data")?).map_err(|_| StoreError::Unreadable("data".into()))?;
            Ok(Removal { by: row.parse("removed_by")?, at: row.time("removed_at")?, data })
        };
        row.map(|row| only("removals", &row, read)).transpose()
    }

    /// Deletes the stored state of a thing that was restored.
    pub(crate) async fn delete_removal(&mut self, key: &RemovalKey) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM removals WHERE project_id = $1 AND kind = $2 AND subject = $3")
            .bind(key.project.to_string())
            .bind(key.kind)
            .bind(&key.subject)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

impl Store {
    /// Deletes up to `limit` removals older than a time. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_removals(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "DELETE FROM removals WHERE (project_id, kind, subject) IN
              (SELECT project_id, kind, subject FROM removals WHERE removed_at < $1 ORDER BY removed_at LIMIT $2)",
        );
        let query = query.bind(before.millis()).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.write_one(query).await?.rows_affected())
    }
}
