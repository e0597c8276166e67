//! Tasks that lag behind their column: its category is another one than their completion or history says.
//!
//! The category of a column changes at once, its tasks follow in chunks. What still has to follow is read from the
//! tasks themselves, so nothing is lost with a process that ends in between.

use engine::{ProjectId, StatusId, TaskId, Timestamp};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx, history,
    row::{Columns, readable},
    tasks::{TaskRow, task_columns},
};

/// Whether a task `t` lags behind its column `s`. A task without a history is counted by its column.
const LAGS: &str = "((s.category = 'done') <> (t.completed_at IS NOT NULL) OR s.category <> COALESCE(
     (SELECT h.category FROM task_history h WHERE h.task_id = t.id ORDER BY h.seq DESC LIMIT 1), s.category))";

/// The tasks of the column `$1` that lag behind it.
const OF_COLUMN: &str =
    "FROM statuses s JOIN tasks t ON t.status_id = s.id WHERE s.id = $1 AND t.deleted_at IS NULL AND";

/// Tasks of one column that lag behind it.
pub(crate) struct Lagging {
    /// The ids of all of them.
    ids: Vec<String>,
    /// Those that this build can read.
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
    /// The projects that are there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn project_ids(&self) -> Result<Vec<ProjectId>, StoreError> {
        let rows =
            sqlx::query("SELECT id FROM projects WHERE deleted_at IS NULL ORDER BY id").fetch_all(&self.reader).await?;
        Ok(readable("projects", &rows, |row: &AnyRow| row.parse("id")).rows)
    }

    /// The columns of a project with tasks that lag behind them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn lagging_columns(&self, project: ProjectId) -> Result<Vec<StatusId>, StoreError> {
        let sql = format!(
            "SELECT s.id FROM statuses s WHERE s.project_id = $1
             AND EXISTS (SELECT 1 FROM tasks t WHERE t.status_id = s.id AND t.deleted_at IS NULL AND {LAGS})"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(project.to_string());
        let rows = query.fetch_all(&self.reader).await?;
        Ok(readable("statuses", &rows, |row: &AnyRow| row.parse("id")).rows)
    }

    /// The tasks of a column that lag behind it, from the top.
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
    /// The first tasks of a column that lag behind it, `limit` at most.
    pub(crate) async fn first_lagging(&mut self, status: StatusId, limit: usize) -> Result<Lagging, StoreError> {
        let sql =
            format!(concat!("SELECT ", task_columns!(), " {} {} ORDER BY t.rank, t.id LIMIT $2"), OF_COLUMN, LAGS);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(status.to_string()).bind(limit);
        Lagging::read(&query.fetch_all(&mut *self.tx).await?)
    }

    /// Those of these tasks that are in this column and lag behind it.
    pub(crate) async fn lagging_of(&mut self, status: StatusId, ids: &[TaskId]) -> Result<Lagging, StoreError> {
        // CROSS JOIN makes SQLite begin with the ids: by the column it would read all of its tasks for each chunk.
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
        let query = sqlx::query(AssertSqlSafe(sql)).bind(history::list(&ids)?);
        let mut rows = query.fetch_all(&mut *self.tx).await?;
        let status = status.to_string();
        rows.retain(|row| row.text("status_id").is_ok_and(|text| text == status));
        Lagging::read(&rows)
    }

    /// Finishes tasks that lag behind their column, or makes them unfinished, and adds a history row for each.
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
        let query = sqlx::query(AssertSqlSafe(sql)).bind(history::list(&lagging.ids)?).bind(at.millis());
        query.execute(&mut *self.tx).await?;
        self.note_ids(&lagging.ids, seq, at).await
    }
}
