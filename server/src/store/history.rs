//! How tasks stood from when on: what flow and reports are counted from, kept for good.

use engine::{ProjectId, StatusId, Task, TaskId, Timestamp, UserId};
use sqlx::AssertSqlSafe;

use super::{
    StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::word,
};

/// The columns of the table, in the order of all statements here.
const COLUMNS: &str = "task_id, project_id, seq, at, status_id, category, assignee_id, due_at, blocked_reason,
    blocked_since, completed_at, present";
/// The same of a task `t` in a status `s`, with the seq and the moment in `$1` and `$2`.
const OF_TASK: &str =
    "SELECT t.id, t.project_id, $1, $2, t.status_id, COALESCE(s.category, 'todo'), t.assignee_id, t.due_at,
    t.blocked_reason, t.blocked_since, t.completed_at, CASE WHEN t.deleted_at IS NULL THEN 1 ELSE 0 END";

/// What the history keeps of a task. When any of it changes, there is a row more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    status: StatusId,
    assignee: Option<UserId>,
    due_at: Option<Timestamp>,
    blocked_reason: Option<String>,
    deleted: bool,
}

impl Standing {
    /// How a task stands.
    pub(super) fn of(task: &Task, deleted: bool) -> Self {
        let Task { status_id, assignee_id, due_at, ref blocked_reason, .. } = *task;
        let blocked_reason = blocked_reason.clone();
        Self { status: status_id, assignee: assignee_id, due_at, blocked_reason, deleted }
    }
}

/// How a task stood from a moment on, for one that is made with a past.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    /// When that began.
    pub(crate) at: Timestamp,
    /// The task as it was.
    pub(crate) task: Task,
    /// What its column was for.
    pub(crate) category: engine::Category,
}

/// Notes how a task stands, from what [`tasks::bind`](super::tasks::bind) binds, and from these parameters: one more
/// write beside that of the task.
pub(super) fn note(project: usize, seq: usize, at: usize) -> String {
    format!(
        "INSERT INTO task_history ({COLUMNS})
         SELECT $1, ${project}, ${seq}, ${at}, $2, COALESCE((SELECT s.category FROM statuses s WHERE s.id = $2), 'todo'),
          $7, $10, $12, $13, $14, CASE WHEN $16 IS NULL THEN 1 ELSE 0 END"
    )
}

impl WriteTx {
    /// Notes how these tasks of a project stand, as they are stored.
    pub(crate) async fn note_tasks(&mut self, tasks: &[TaskId], seq: u64, at: Timestamp) -> Result<(), StoreError> {
        let ids: Vec<String> = tasks.iter().map(ToString::to_string).collect();
        self.note_ids(&ids, seq, at).await
    }

    /// The same of tasks by their ids as they are stored.
    pub(super) async fn note_ids(&mut self, ids: &[String], seq: u64, at: Timestamp) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO task_history ({COLUMNS}) {OF_TASK}
             FROM tasks t LEFT JOIN statuses s ON s.id = t.status_id WHERE t.id IN ({})",
            self.dialect.texts_in(3)
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(number(seq)).bind(at.millis()).bind(list(ids)?);
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Notes the past of tasks of a project that has no log yet. Those of one task are in order.
    pub(crate) async fn note_past(&mut self, project: ProjectId, past: &[Past]) -> Result<(), StoreError> {
        let project = project.to_string();
        let mut seq = -i64::try_from(past.len()).unwrap_or(i64::MAX);
        for chunk in past.chunks(CHUNK) {
            let sql = format!("INSERT INTO task_history ({COLUMNS}) VALUES {}", placeholders(chunk.len(), 12));
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
            for Past { at, task, category } in chunk {
                query = query
                    .bind(task.id.to_string())
                    .bind(&project)
                    .bind(seq)
                    .bind(at.millis())
                    .bind(task.status_id.to_string())
                    .bind(word(category)?)
                    .bind(task.assignee_id.map(|id| id.to_string()))
                    .bind(task.due_at.map(Timestamp::millis))
                    .bind(&task.blocked_reason)
                    .bind(task.blocked_since.map(Timestamp::millis))
                    .bind(task.completed_at.map(Timestamp::millis))
                    .bind(1_i64);
                seq += 1;
            }
            query.execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}

/// Ids as the JSON list that [`texts_in`](super::dialect::Dialect::texts_in) reads.
pub(super) fn list(ids: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(ids).map_err(|error| StoreError::Unreadable(error.to_string()))
}

/// A seq as it is stored.
pub(super) fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
