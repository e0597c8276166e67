//! Tasks that lag behind their column: its category differs from what their completion or history says.
//!
//! The category of a column changes at once; its tasks follow in chunks. The remaining ones are found by reading the
//! tasks themselves, so a crash in between loses nothing. The write that changes a category marks the column
//! (`lagging`), so that a sweep reads only marked columns.

use engine::{ProjectId, StatusId, TaskId, Timestamp};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    row::{Columns, readable},
    tasks::{TaskRow, history, task_columns},
};

/// Whether a task `t` lags behind its column `s`. A task without history is counted by its column.
const LAGS: &str = "((s.category = 'done') <> (t.completed_at IS NOT NULL) OR s.category <> COALESCE(
     (SELECT h.category FROM task_history h WHERE h.task_id = t.id ORDER BY h.seq DESC LIMIT 1), s.category))";

/// The marked columns after an id.
const MARKED: &str = "SELECT s.id, s.project_id FROM statuses s
    JOIN projects p ON p.id = s.project_id AND p.deleted_at IS NULL
    WHERE s.lagging = 1 AND s.id > $1 ORDER BY s.id LIMIT $2";

/// The lagging tasks of the column `$1`.
const OF_COLUMN: &str =
    "FROM statuses s JOIN tasks t ON t.status_id = s.id WHERE s.id = $1 AND t.deleted_at IS NULL AND";

/// The lagging tasks of one column.
pub(crate) struct Lagging {
    /// The ids of all of them.
    ids: Vec<String>,
    /// The readable ones.
    pub(crate) rows: Vec<TaskRow>,
}

impl Lagging {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    fn read(rows: &[AnyRow]) -> Result<Self, StoreError> {
        let ids = rows.iter().map(|row| row.text("id")).collect::<Result<_, _>>()?;
        Ok(Self { ids, rows: readable("tasks", rows, TaskRow::read).rows })
    }
}

impl Store {
    /// Up to `limit` marked columns after a stored id, with their projects, and the id where the page ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn lagging_columns(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<(Vec<(ProjectId, StatusId)>, Option<String>), StoreError> {
        let rows = sqlx::query(MARKED).bind(after).bind(i64::from(limit)).fetch_all(&self.reader).await?;
        let end = rows.last().map(|row| row.text("id")).transpose()?;
        let column = |row: &AnyRow| Ok((row.parse("project_id")?, row.parse("id")?));
        Ok((readable("statuses", &rows, column).rows, end))
    }

    /// Unmarks a column, unless one of its tasks lags behind it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn unmark_lagging(&self, project: ProjectId, status: StatusId) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE statuses SET lagging = 0 WHERE id = $1 AND lagging = 1
             AND NOT EXISTS (SELECT 1 {OF_COLUMN} {LAGS})"
        );
        // The project's lock keeps the category from changing meanwhile.
        let mut write = self.write_project(project).await?;
        sqlx::query(AssertSqlSafe(sql)).bind(status.to_string()).execute(&mut *write.tx).await?;
        write.commit().await
    }

    /// The lagging tasks of a column, from the top.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn lagging_tasks(&self, status: StatusId) -> Result<Vec<TaskId>, StoreError> {
        let sql = format!("SELECT t.id {OF_COLUMN} {LAGS} ORDER BY t.rank, t.id");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(status.to_string());
        let rows = query.fetch_all(&self.reader).await?;
        Ok(readable("tasks", &rows, |row: &AnyRow| row.parse("id")).rows)
    }
}

impl WriteTx {
    /// Marks a column whose tasks may lag behind it.
    pub(crate) async fn mark_lagging(&mut self, status: StatusId) -> Result<(), StoreError> {
        let sql = "UPDATE statuses SET lagging = 1 WHERE id = $1";
        sqlx::query(sql).bind(status.to_string()).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// The first `limit` lagging tasks of a column.
    pub(crate) async fn first_lagging(&mut self, status: StatusId, limit: usize) -> Result<Lagging, StoreError> {
        let sql =
            format!(concat!("SELECT ", task_columns!(), " {} {} ORDER BY t.rank, t.id LIMIT $2"), OF_COLUMN, LAGS);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(status.to_string()).bind(limit);
        Lagging::read(&query.fetch_all(&mut *self.tx).await?)
    }

    /// The given tasks that are in this column and lag behind it.
    pub(crate) async fn lagging_of(&mut self, status: StatusId, ids: &[TaskId]) -> Result<Lagging, StoreError> {
        // CROSS JOIN makes SQLite start with the ids: starting with the column, it would read all of its tasks for
        // each chunk.
        let sql = format!(
            concat!(
                "SELECT ",
                task_columns!(),
                " FROM tasks t CROSS JOIN statuses s WHERE t.id IN ({}) AND s.id = t.status_id AND t.deleted_at IS NULL
                 AND {} ORDER BY t.rank, t.id"
            ),
            self.dialect.texts(),
            LAGS
        );
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let query = sqlx::query(AssertSqlSafe(sql)).bind(history::json_list(&ids)?);
        let mut rows = query.fetch_all(&mut *self.tx).await?;
        let status = status.to_string();
        rows.retain(|row| row.text("status_id").is_ok_and(|text| text == status));
        Lagging::read(&rows)
    }

    /// Marks lagging tasks as finished or unfinished, and adds a history row for each.
    pub(crate) async fn complete(
        &mut self,
        lagging: &Lagging,
        finished: bool,
        seq: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let change = match finished {
            true => "completed_at = $2, updated_at = $2, version = version + 1 WHERE completed_at IS NULL",
            false => "completed_at = NULL, updated_at = $2, version = version + 1 WHERE completed_at IS NOT NULL",
        };
        let sql = format!("UPDATE tasks SET {change} AND id IN ({})", self.dialect.texts());
        let query = sqlx::query(AssertSqlSafe(sql)).bind(history::json_list(&lagging.ids)?).bind(at.millis());
        query.execute(&mut *self.tx).await?;
        self.append_history_by_id(&lagging.ids, seq, at).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sweep_reads_only_marked_columns() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", folder.path().join("a.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {MARKED}"));
        let rows = sqlx::query(explain).bind("").bind(100_i64).fetch_all(&store.reader).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.text("detail").unwrap()).collect();
        assert!(
            plan.iter().any(|step| step.contains("SEARCH s USING") && step.contains("statuses_lagging")),
            "{plan:?}"
        );
        assert!(plan.iter().all(|step| !step.contains("SCAN") && !step.contains("TEMP B-TREE")), "{plan:?}");
        store.close().await;
    }
}
