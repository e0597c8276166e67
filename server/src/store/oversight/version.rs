//! Version numbers that change whenever anything changes that a user oversees.

use engine::UserId;
use sqlx::AssertSqlSafe;

use crate::store::{
    Store, StoreError,
    row::{Columns, readable},
};

/// The version of everything that one user oversees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OversightVersion {
    /// How many projects they are in.
    pub projects: i64,
    /// The sum of the log positions of these projects: each only grows.
    pub seqs: i64,
    /// How often capacities were changed.
    pub capacities: i64,
}

impl Store {
    /// The versions of users, in one query. Users without projects have none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn oversight_versions(&self, users: &[UserId]) -> Result<Vec<(UserId, OversightVersion)>, StoreError> {
        let sql = format!(
            "SELECT m.user_id, COUNT(*) AS projects, CAST(SUM(p.seq) AS BIGINT) AS seqs,
             (SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM capacities) AS capacities
             FROM project_members m JOIN projects p ON p.id = m.project_id AND p.deleted_at IS NULL
             WHERE m.user_id IN ({}) GROUP BY m.user_id",
            self.dialect.texts()
        );
        let users: Vec<String> = users.iter().map(ToString::to_string).collect();
        let users = serde_json::to_string(&users).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(users).fetch_all(&self.reader).await?;
        let version = |row: &sqlx::any::AnyRow| {
            let (projects, seqs, capacities) = (row.int("projects")?, row.int("seqs")?, row.int("capacities")?);
            Ok((row.parse("user_id")?, OversightVersion { projects, seqs, capacities }))
        };
        Ok(readable("users", &rows, version).rows)
    }
}
