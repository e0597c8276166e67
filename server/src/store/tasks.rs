//! Tasks. `columns` lists their columns, `statements` builds SQL from the list, `history` records their earlier
//! states.

mod columns;
pub(super) mod history;
mod kind;
mod statements;

use engine::{ProjectId, Task, TaskId, Timestamp};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    row::{Columns, only},
    watchers::{self, Watchers},
};
pub(super) use columns::{
    HistoryColumn, StoredTask, TaskColumn, names_of_task_columns, task_columns, with_task_columns,
};
pub(super) use statements::{
    UPDATE, UPDATE_PARAMETERS, bind_one_of_many, bind_update, history_columns, parameter, parameter_number, update_many,
};

/// A task with the fields that only the server knows.
#[derive(Clone, Debug)]
pub(crate) struct TaskRow {
    /// The task, without its description.
    pub(crate) task: Task,
    /// The task's version when its description last changed.
    pub(crate) description_version: i64,
    /// Whether the task is deleted.
    pub(crate) deleted: bool,
    /// Who watches it. Filled by [`WriteTx::enter_task`] and [`WriteTx::tasks_of`].
    pub(crate) watchers: Watchers,
    /// The task as it was read, and whether it was deleted; filled by the same calls.
    before: Option<Box<(Task, bool)>>,
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
    /// The given tasks that are on a project's board.
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
    /// Inserts a task. With `seq`, also its first history row, at that seq. [`StoreError::Exists`] when the id is
    /// taken.
    pub(crate) async fn add_task(&mut self, task: &Task, seq: Option<u64>) -> Result<(), StoreError> {
        let sql = match seq {
            Some(_) => {
                let seq = statements::insert_parameters() + 1;
                let append = history::append(parameter_number("project_id"), seq, parameter_number("created_at"));
                self.dialect.combine(&[append], &format!("{} RETURNING id", *statements::INSERT))
            }
            None => statements::INSERT.clone(),
        };
        let stored = StoredTask { task, description_version: 1, deleted: false };
        let mut query = statements::bind_insert(sqlx::query(AssertSqlSafe(sql)), stored)?;
        if let Some(seq) = seq {
            query = query.bind(history::stored_seq(seq));
        }
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// The description of a task.
    pub(crate) async fn description(&mut self, id: TaskId) -> Result<String, StoreError> {
        let sql = "SELECT description FROM tasks WHERE id = $1";
        sqlx::query(sql).bind(id.to_string()).fetch_one(&mut *self.tx).await?.text("description")
    }
}

impl TaskRow {
    /// Reads a row of the columns of `task_columns!`.
    pub(super) fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let task = columns::read(row)?;
        let deleted = row.opt_int("deleted_at")?.is_some();
        let description_version = row.int("description_version")?;
        Ok(Self { task, description_version, deleted, watchers: Watchers::default(), before: None })
    }

    /// Reads a row at the beginning of a write: the query also selects `watchers_column!`.
    pub(super) fn watched(row: &AnyRow) -> Result<Self, StoreError> {
        only("tasks", row, |row| {
            let read = Self::read(row)?;
            let before = Some(Box::new((read.task.clone(), read.deleted)));
            Ok(Self { watchers: watchers::read(row)?, before, ..read })
        })
    }

    /// The values to store.
    pub(super) fn stored(&self) -> StoredTask<'_> {
        StoredTask { task: &self.task, description_version: self.description_version, deleted: self.deleted }
    }

    /// Whether a field recorded in `task_history` changed.
    pub(crate) fn state_changed(&self) -> bool {
        self.before.as_deref().is_none_or(|(task, deleted)| {
            let adds_row = history_columns().filter(|column| column.history == HistoryColumn::AddsRow);
            self.deleted != *deleted || adds_row.into_iter().any(|column| (column.differs)(task, &self.task))
        })
    }

    /// Counts a change: a new version, a new time.
    pub(crate) fn touch(&mut self, at: Timestamp) {
        self.task.version += 1;
        self.task.updated_at = at;
    }
}
