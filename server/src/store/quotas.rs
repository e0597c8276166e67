//! Counts that limits are compared with. Each reads an index, and no more rows than the limit lets be.

use engine::{ProjectId, Timestamp, UserId};

use super::{StoreError, WriteTx, row::Columns};

/// `$1` a user, `$2` since when deleted projects count.
const OWNED_PROJECTS: &str = "SELECT COUNT(*) AS count FROM project_members m JOIN projects p ON p.id = m.project_id
    WHERE m.user_id = $1 AND m.role = 'owner' AND (p.deleted_at IS NULL OR p.deleted_at > $2)";
/// `$1` a project.
const MEMBERS: &str = "SELECT COUNT(*) AS count FROM project_members WHERE project_id = $1";
/// `$1` a user, `$2` since when.
const INVITATIONS: &str = "SELECT COUNT(*) AS count, MIN(created_at) AS first FROM invitations
    WHERE invited_by = $1 AND created_at > $2";

/// Invitations that a user has made lately.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecentInvitations {
    /// How many.
    pub(crate) count: u64,
    /// When the first of them was made.
    pub(crate) first: Option<Timestamp>,
}

impl WriteTx {
    /// How many projects a user owns, with those that were deleted since a moment.
    pub(crate) async fn owned_projects(&mut self, user: UserId, since: Timestamp) -> Result<u64, StoreError> {
        let query = sqlx::query(OWNED_PROJECTS).bind(user.to_string()).bind(since.millis());
        query.fetch_one(&mut *self.tx).await?.seq("count")
    }

    /// How many members a project has.
    pub(crate) async fn count_members(&mut self, project: ProjectId) -> Result<u64, StoreError> {
        sqlx::query(MEMBERS).bind(project.to_string()).fetch_one(&mut *self.tx).await?.seq("count")
    }

    /// What a user has invited to since a moment, over all projects, ended or not.
    pub(crate) async fn invitations_by(
        &mut self,
        user: UserId,
        since: Timestamp,
    ) -> Result<RecentInvitations, StoreError> {
        let query = sqlx::query(INVITATIONS).bind(user.to_string()).bind(since.millis());
        let row = query.fetch_one(&mut *self.tx).await?;
        Ok(RecentInvitations { count: row.seq("count")?, first: row.opt_time("first")? })
    }

    /// Keeps other writes that want the same from what concerns this user, until this ends. False where one of them is
    /// faster: not waited for, since that one may wait for the project that this one holds.
    pub(crate) async fn try_lock_user(&mut self, user: UserId) -> Result<bool, StoreError> {
        let sql = self.dialect.try_lock("SELECT id FROM users WHERE id = $1");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(user.to_string());
        Ok(query.fetch_optional(&mut *self.tx).await?.is_some())
    }

    /// Counts tasks that were made outside of a write to the board.
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
