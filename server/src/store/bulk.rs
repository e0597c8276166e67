//! Many tasks in few statements.

use engine::{ProjectId, TaskId, Timestamp};
use sqlx::AssertSqlSafe;

use super::{
    StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::word,
    tasks::{TaskRow, task_columns},
    watchers::watchers_column,
};

/// Columns of one task in [`WriteTx::save_tasks`].
const COLUMNS: usize = 14;

impl WriteTx {
    /// Those of these tasks that are in a project, deleted or not, in no order.
    pub(crate) async fn tasks_of(&mut self, project: ProjectId, ids: &[TaskId]) -> Result<Vec<TaskRow>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!(
                concat!(
                    "SELECT ",
                    task_columns!(),
                    ", ",
                    watchers_column!(),
                    " FROM (VALUES {}) AS v JOIN tasks t ON t.id = v.column1 AND t.project_id = ${}"
                ),
                placeholders(chunk.len(), 1),
                chunk.len() + 1
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
            for id in chunk {
                query = query.bind(id.to_string());
            }
            let rows = query.bind(project.to_string()).fetch_all(&mut *self.tx).await?;
            for row in &rows {
                found.push(TaskRow::watched(row)?);
            }
        }
        Ok(found)
    }

    /// Stores all that a bulk change can change of tasks: everything but title and description.
    pub(crate) async fn save_tasks(&mut self, rows: &[TaskRow]) -> Result<(), StoreError> {
        for chunk in rows.chunks(CHUNK) {
            // Both databases call the columns of a VALUES list column1, column2.
            let sql = format!(
                "UPDATE tasks SET status_id = v.column2, rank = v.column3, assignee_id = v.column4, priority = v.column5,
                 start_at = v.column6, due_at = v.column7, estimate_hours = v.column8, blocked_reason = v.column9,
                 blocked_since = v.column10, completed_at = v.column11, updated_at = v.column12,
                 deleted_at = v.column13, version = v.column14 FROM (VALUES {}) AS v WHERE tasks.id = v.column1",
                placeholders(chunk.len(), COLUMNS)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
            for row in chunk {
                let task = &row.task;
                query = query
                    .bind(task.id.to_string())
                    .bind(task.status_id.to_string())
                    .bind(task.rank.as_str())
                    .bind(task.assignee_id.map(|id| id.to_string()))
                    .bind(word(task.priority)?)
                    .bind(task.start_at.map(Timestamp::millis))
                    .bind(task.due_at.map(Timestamp::millis))
                    .bind(task.estimate_hours)
                    .bind(&task.blocked_reason)
                    .bind(task.blocked_since.map(Timestamp::millis))
                    .bind(task.completed_at.map(Timestamp::millis))
                    .bind(task.updated_at.millis())
                    .bind(row.deleted.then_some(task.updated_at.millis()))
                    .bind(task.version);
            }
            query.execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}
