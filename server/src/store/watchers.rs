//! Who is told of a task.

use engine::{TaskId, UserId};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::{Columns, leave_out},
};

/// The column of table `t` from which [`read`] reads who watches a task: in the row that a write reads anyway.
macro_rules! watchers_column {
    () => {
        "(SELECT string_agg(w.user_id, ',') FROM task_watchers w WHERE w.task_id = t.id AND w.watching = 1) AS watchers"
    };
}
pub(super) use watchers_column;

/// Reads the column of `watchers_column!`.
pub(super) fn read(row: &AnyRow) -> Result<Vec<UserId>, StoreError> {
    let watchers = row.opt_text("watchers")?.unwrap_or_default();
    let ids = watchers.split(',').filter(|id| !id.is_empty());
    let unreadable = |id| leave_out("task_watchers", id, &StoreError::Unreadable("user_id".into()));
    Ok(ids.filter_map(|id| id.parse().inspect_err(|_| unreadable(id)).ok()).collect())
}

impl WriteTx {
    /// Makes people watchers of tasks, but of none that they have said no to, and says how many of these watch now that
    /// did not before.
    pub(crate) async fn watch(&mut self, watchers: &[(TaskId, UserId)]) -> Result<u64, StoreError> {
        let mut fresh = 0;
        for chunk in watchers.chunks(CHUNK) {
            // Both databases call the columns of a VALUES list column1, column2. Without WHERE, SQLite takes ON
            // for a join's.
            let sql = format!(
                "INSERT INTO task_watchers (task_id, user_id, watching)
                 SELECT v.column1, v.column2, 1 FROM (VALUES {}) AS v WHERE TRUE ON CONFLICT DO NOTHING",
                placeholders(chunk.len(), 2)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(chunk.len() == 1);
            for (task, user) in chunk {
                query = query.bind(task.to_string()).bind(user.to_string());
            }
            fresh += query.execute(&mut *self.tx).await?.rows_affected();
        }
        Ok(fresh)
    }

    /// Does what somebody says of themselves: they watch a task, or they do not.
    pub(crate) async fn set_watching(&mut self, task: TaskId, user: UserId, watching: bool) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO task_watchers (task_id, user_id, watching) VALUES ($1, $2, $3)
             ON CONFLICT (task_id, user_id) DO UPDATE SET watching = excluded.watching",
        )
        .bind(task.to_string())
        .bind(user.to_string())
        .bind(i64::from(watching))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
