//! Reads and writes many tasks in few statements.

use engine::{ProjectId, TaskId};
use sqlx::AssertSqlSafe;

use super::{
    StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    tasks::{TaskRow, bind_one_of_many, task_columns, update_many},
    watchers::watchers_column,
};

impl WriteTx {
    /// The given tasks that are in a project, deleted or not, in no particular order.
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

    /// Stores the fields that a bulk change can change: all but title and description.
    pub(crate) async fn save_tasks(&mut self, rows: &[TaskRow]) -> Result<(), StoreError> {
        for chunk in rows.chunks(CHUNK) {
            let mut query = sqlx::query(AssertSqlSafe(update_many(chunk.len()))).persistent(false);
            for row in chunk {
                query = bind_one_of_many(query, row.stored())?;
            }
            query.execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}
