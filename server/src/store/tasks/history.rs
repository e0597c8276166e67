//! The history of tasks, kept for good. Flow metrics and reports are computed from it.

use engine::{ProjectId, Task, TaskId, Timestamp};
use sqlx::AssertSqlSafe;

use super::{StoredTask, TaskColumn, history_columns, parameter};
use crate::store::{
    StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::word,
};

/// The columns of `task_history` that `tasks` does not have, in the order of every statement here.
const OWN: &str = "task_id, project_id, seq, at, category, present";

/// An earlier state of a task, for tasks created with a past.
#[derive(Clone, Debug)]
pub(crate) struct HistoricState {
    /// When this state began.
    pub(crate) at: Timestamp,
    /// The task in this state.
    pub(crate) task: Task,
    /// The category of its column.
    pub(crate) category: engine::Category,
}

/// All columns of `task_history`.
fn columns() -> String {
    history_columns().fold(OWN.to_owned(), |columns, column| columns + ", " + column.name)
}

/// The values of the columns shared with `tasks`, each rendered by `of` after a comma.
fn values(of: impl Fn(&TaskColumn) -> String) -> String {
    history_columns().map(|column| format!(", {}", of(column))).collect()
}

/// SQL that appends the current state of a task. It shares the parameters of the statement that stores the task, and
/// needs three more.
pub(in crate::store) fn append(project: usize, seq: usize, at: usize) -> String {
    let (id, status, deleted) = (parameter("id"), parameter("status_id"), parameter("deleted_at"));
    format!(
        "INSERT INTO task_history ({})
         SELECT {id}, ${project}, ${seq}, ${at},
          COALESCE((SELECT s.category FROM statuses s WHERE s.id = {status}), 'todo'),
          CASE WHEN {deleted} IS NULL THEN 1 ELSE 0 END{}",
        columns(),
        values(|column| (column.value)(&parameter(column.name)))
    )
}

impl WriteTx {
    /// Appends the current states of tasks of a project.
    pub(crate) async fn append_history(&mut self, tasks: &[TaskId], seq: u64, at: Timestamp) -> Result<(), StoreError> {
        let ids: Vec<String> = tasks.iter().map(ToString::to_string).collect();
        self.append_history_by_id(&ids, seq, at).await
    }

    /// Appends the current states of tasks, by stored ids.
    pub(in crate::store) async fn append_history_by_id(
        &mut self,
        ids: &[String],
        seq: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO task_history ({})
             SELECT t.id, t.project_id, $1, $2, COALESCE(s.category, 'todo'),
              CASE WHEN t.deleted_at IS NULL THEN 1 ELSE 0 END{}
             FROM tasks t LEFT JOIN statuses s ON s.id = t.status_id WHERE t.id IN ({})",
            columns(),
            values(|column| format!("t.{}", column.name)),
            self.dialect.texts_in(3)
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(stored_seq(seq)).bind(at.millis()).bind(json_list(ids)?);
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Appends the past of tasks of a project that has no log yet. The states of each task are in order.
    pub(crate) async fn append_past(&mut self, project: ProjectId, past: &[HistoricState]) -> Result<(), StoreError> {
        let project = project.to_string();
        let mut seq = -i64::try_from(past.len()).unwrap_or(i64::MAX);
        // Both databases call the columns of a VALUES list column1, column2.
        let own = OWN.split(", ").count();
        let numbered = |number: usize| format!("v.column{number}");
        let select: Vec<String> = (1..=own)
            .map(numbered)
            .chain(history_columns().zip(own + 1..).map(|(column, number)| (column.value)(&numbered(number))))
            .collect();
        for chunk in past.chunks(CHUNK) {
            let sql = format!(
                "INSERT INTO task_history ({}) SELECT {} FROM (VALUES {}) AS v",
                columns(),
                select.join(", "),
                placeholders(chunk.len(), select.len())
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
            for HistoricState { at, task, category } in chunk {
                query = query
                    .bind(task.id.to_string())
                    .bind(&project)
                    .bind(seq)
                    .bind(at.millis())
                    .bind(word(category)?)
                    .bind(1_i64);
                let stored = StoredTask { task, description_version: task.version, deleted: false };
                query = history_columns().try_fold(query, |query, column| (column.bind)(query, stored))?;
                seq += 1;
            }
            query.execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}

/// Ids as the JSON list that [`texts_in`](crate::store::dialect::Dialect::texts_in) reads.
pub(in crate::store) fn json_list(ids: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(ids).map_err(|error| StoreError::Unreadable(error.to_string()))
}

/// A seq in its stored form.
pub(in crate::store) fn stored_seq(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
