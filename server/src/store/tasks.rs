//! Tasks.

use engine::{ProjectId, Task, TaskId, Timestamp};
use sqlx::{
    Any, AssertSqlSafe,
    any::{AnyArguments, AnyRow},
    query::Query,
};

use super::{
    Store, StoreError, WriteTx,
    history::{self, Standing},
    row::{Columns, only, word},
    watchers::{self, Watchers},
};

/// A task with what only the server knows of it.
#[derive(Clone, Debug)]
pub(crate) struct TaskRow {
    /// The task, without its description.
    pub(crate) task: Task,
    /// The task's version when its description last changed.
    pub(crate) description_version: i64,
    /// Whether it is off the board.
    pub(crate) deleted: bool,
    /// Who watches it, in the rows that a write begins with: [`WriteTx::enter_task`] and [`WriteTx::tasks_of`].
    pub(crate) watchers: Watchers,
    /// What the history knows of it.
    known: Standing,
}

/// The columns of table `t` that make a [`TaskRow`].
macro_rules! task_columns {
    () => {
        "t.id, t.project_id, t.status_id, t.rank, t.title, t.description_version, t.assignee_id, t.priority, t.start_at,
         t.due_at, t.estimate_hours, t.blocked_reason, t.blocked_since, t.completed_at, t.created_by, t.created_at,
         t.updated_at, t.deleted_at, t.version, t.comment_count"
    };
}
pub(super) use task_columns;

/// Stores all that can change of a task, from what [`bind`] binds.
pub(super) const UPDATE: &str = "UPDATE tasks SET status_id = $2, rank = $3, title = $4,
    description = COALESCE($5, description), description_version = $6, assignee_id = $7, priority = $8, start_at = $9,
    due_at = $10, estimate_hours = NULLIF($11, -1.0), blocked_reason = $12, blocked_since = $13, completed_at = $14,
    updated_at = $15, deleted_at = $16, version = $17 WHERE id = $1";
/// Parameters that [`bind`] binds.
pub(super) const PARAMETERS: usize = 17;

/// Binds what can change of a task, `$1` (its id) to `$17`.
pub(super) fn bind<'q>(
    query: Query<'q, Any, AnyArguments>,
    task: &'q Task,
    description_version: i64,
    deleted: bool,
) -> Result<Query<'q, Any, AnyArguments>, StoreError> {
    Ok(query
        .bind(task.id.to_string())
        .bind(task.status_id.to_string())
        .bind(task.rank.as_str())
        .bind(&task.title)
        .bind(&task.description)
        .bind(description_version)
        .bind(task.assignee_id.map(|id| id.to_string()))
        .bind(word(task.priority)?)
        .bind(task.start_at.map(Timestamp::millis))
        .bind(task.due_at.map(Timestamp::millis))
        // None is told as -1: sqlx (0.9) calls a number that is not there another type to PostgreSQL than one that is,
        // and a statement that was prepared for the one does not take the other.
        .bind(task.estimate_hours.unwrap_or(-1.0))
        .bind(&task.blocked_reason)
        .bind(task.blocked_since.map(Timestamp::millis))
        .bind(task.completed_at.map(Timestamp::millis))
        .bind(task.updated_at.millis())
        .bind(deleted.then_some(task.updated_at.millis()))
        .bind(task.version))
}

impl Store {
    /// A task on the board, with its description.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            task_columns!(),
            ", t.description FROM tasks t WHERE t.id = $1 AND t.deleted_at IS NULL"
        ))
        .bind(id.to_string())
        .fetch_optional(&self.reader)
        .await?;
        let task = |row: &AnyRow| Ok(Task { description: Some(row.text("description")?), ..TaskRow::read(row)?.task });
        row.map(|row| only("tasks", &row, task)).transpose()
    }
}

impl Store {
    /// Those of these tasks that are on a project's board.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tasks_on_board(&self, project: ProjectId, ids: &[TaskId]) -> Result<Vec<TaskId>, StoreError> {
        let sql = format!(
            "SELECT id FROM tasks WHERE project_id = $2 AND deleted_at IS NULL AND id IN ({})",
            self.dialect.texts()
        );
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let query = sqlx::query(AssertSqlSafe(sql)).bind(ids).bind(project.to_string());
        query.fetch_all(&self.reader).await?.iter().map(|row| row.parse("id")).collect()
    }
}

impl WriteTx {
    /// Makes a task, with the beginning of its history, at this seq, unless that is written by itself.
    /// [`StoreError::Exists`] when its id is taken.
    pub(crate) async fn add_task(&mut self, task: &Task, seq: Option<u64>) -> Result<(), StoreError> {
        let insert =
            "INSERT INTO tasks (id, status_id, rank, title, description, description_version, assignee_id, priority,
             start_at, due_at, estimate_hours, blocked_reason, blocked_since, completed_at, updated_at, deleted_at,
             version, project_id, created_by, created_at)
             VALUES ($1, $2, $3, $4, COALESCE($5, ''), $6, $7, $8, $9, $10, NULLIF($11, -1.0), $12, $13, $14, $15, $16, $17,
             $18, $19, $20)";
        let sql = match seq {
            Some(_) => self.dialect.together(&[history::note(18, 21, 20)], &format!("{insert} RETURNING id")),
            None => insert.to_owned(),
        };
        let mut query = bind(sqlx::query(AssertSqlSafe(sql)), task, 1, false)?
            .bind(task.project_id.to_string())
            .bind(task.created_by.to_string())
            .bind(task.created_at.millis());
        if let Some(seq) = seq {
            query = query.bind(history::number(seq));
        }
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// A task's description.
    pub(crate) async fn description(&mut self, id: TaskId) -> Result<String, StoreError> {
        let sql = "SELECT description FROM tasks WHERE id = $1";
        sqlx::query(sql).bind(id.to_string()).fetch_one(&mut *self.tx).await?.text("description")
    }
}

impl TaskRow {
    /// From the columns of `task_columns!`.
    pub(super) fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let task = Task {
            id: row.parse("id")?,
            project_id: row.parse("project_id")?,
            status_id: row.parse("status_id")?,
            rank: row.rank("rank")?,
            title: row.text("title")?,
            description: None,
            assignee_id: row.opt_parse("assignee_id")?,
            priority: row.word("priority")?,
            start_at: row.opt_date("start_at")?,
            due_at: row.opt_date("due_at")?,
            estimate_hours: row.opt_float("estimate_hours")?,
            blocked_reason: row.opt_text("blocked_reason")?,
            blocked_since: row.opt_time("blocked_since")?,
            completed_at: row.opt_time("completed_at")?,
            created_by: row.parse("created_by")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            version: row.int("version")?,
            comment_count: row.count("comment_count")?,
        };
        let deleted = row.opt_int("deleted_at")?.is_some();
        let known = Standing::of(&task, deleted);
        let description_version = row.int("description_version")?;
        Ok(Self { task, description_version, deleted, watchers: Watchers::default(), known })
    }

    /// The same with who watches it, where `watchers_column!` was asked for as well.
    pub(super) fn watched(row: &AnyRow) -> Result<Self, StoreError> {
        only("tasks", row, |row| Ok(Self { watchers: watchers::read(row)?, ..Self::read(row)? }))
    }

    /// Whether it stands otherwise than the history knows.
    pub(crate) fn is_news(&self) -> bool {
        Standing::of(&self.task, self.deleted) != self.known
    }

    /// Counts a change.
    pub(crate) fn touch(&mut self, at: Timestamp) {
        self.task.version += 1;
        self.task.updated_at = at;
    }
}
