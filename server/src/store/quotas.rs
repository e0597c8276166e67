//! Counts for comparing with limits. Each reads an index, and no more rows than the limit allows.

use engine::{ProjectId, Timestamp, UserId};

use super::{StoreError, WriteTx, row::Columns};

/// `$1` is a user, `$2` the time since when deleted projects count.
const OWNED_PROJECTS: &str = "SELECT COUNT(*) AS count FROM project_members m JOIN projects p ON p.id = m.project_id
    WHERE m.user_id = $1 AND m.role = 'owner' AND (p.deleted_at IS NULL OR p.deleted_at > $2)";
/// `$1` is a project.
const MEMBERS: &str = "SELECT COUNT(*) AS count FROM project_members WHERE project_id = $1";
/// `$1` is a user, `$2` the time since when.
const INVITATIONS: &str = "SELECT COUNT(*) AS count, MIN(created_at) AS first FROM invitations
    WHERE invited_by = $1 AND created_at > $2";

/// The recent invitations of a user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecentInvitations {
    /// How many.
    pub(crate) count: u64,
    /// When the first of them was created.
    pub(crate) first: Option<Timestamp>,
}

impl WriteTx {
    /// How many projects a user owns, including those deleted since a time.
    pub(crate) async fn owned_projects(&mut self, user: UserId, since: Timestamp) -> Result<u64, StoreError> {
        let query = sqlx::query(OWNED_PROJECTS).bind(user.to_string()).bind(since.millis());
        query.fetch_one(&mut *self.tx).await?.seq("count")
    }

    /// How many members a project has.
    pub(crate) async fn count_members(&mut self, project: ProjectId) -> Result<u64, StoreError> {
        sqlx::query(MEMBERS).bind(project.to_string()).fetch_one(&mut *self.tx).await?.seq("count")
    }

    /// The invitations by a user since a time, across all projects, ended or not.
    pub(crate) async fn invitations_by(
        &mut self,
        user: UserId,
        since: Timestamp,
    ) -> Result<RecentInvitations, StoreError> {
        let query = sqlx::query(INVITATIONS).bind(user.to_string()).bind(since.millis());
        let row = query.fetch_one(&mut *self.tx).await?;
        Ok(RecentInvitations { count: row.seq("count")?, first: row.opt_time("first")? })
    }

    /// Locks a user against other writes that check the same limits, until this write ends. False if another write has
    /// the lock; waiting could deadlock, since that one may wait for this write's project.
    pub(crate) async fn try_lock_user(&mut self, user: UserId) -> Result<bool, StoreError> {
        let sql = self.dialect.try_lock("SELECT id FROM users WHERE id = $1");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(user.to_string());
        Ok(query.fetch_optional(&mut *self.tx).await?.is_some())
    }

    /// Counts tasks that were created outside a write to the board.
    pub(crate) async fn add_to_task_count(&mut self, project: ProjectId, tasks: usize) -> Result<(), StoreError> {
        sqlx::query("UPDATE projects SET task_count = task_count + $2 WHERE id = $1")
            .bind(project.to_string())
            .bind(i64::try_from(tasks).unwrap_or(i64::MAX))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Row as _};

    use super::{super::Store, *};

    #[tokio::test]
    async fn no_count_scans_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", folder.path().join("plans.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        for sql in [OWNED_PROJECTS, MEMBERS, INVITATIONS] {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let rows = sqlx::query(AssertSqlSafe(explain)).bind("x").bind(0).fetch_all(&store.reader).await;
            let steps: Vec<String> = rows.unwrap().iter().map(|row| row.get("detail")).collect();
            assert!(!steps.is_empty() && steps.iter().all(|step| step.starts_with("SEARCH")), "{sql}: {steps:?}");
        }
        store.close().await;
    }
}
