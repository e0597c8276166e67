//! Tasks, and where they stand in their columns.

use engine::{ProjectId, Rank, Status, StatusId, Task, TaskId, Timestamp};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::{Columns, word},
    statuses,
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
}

/// A place in a column that exists.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The column.
    pub(crate) status: Status,
    /// The rank right above; `None` at the top.
    pub(crate) above: Option<Rank>,
    /// The rank right below; `None` at the end.
    pub(crate) below: Option<Rank>,
    /// What the place was found by.
    pub(crate) anchor: Anchor,
}

/// What a place in a column is found by. It still tells the place where ranks are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// Right below this task.
    After(TaskId),
    /// Right above this task.
    Before(TaskId),
    /// Below every task of this rank.
    Below(Rank),
    /// At the end.
    End,
}

/// The columns of table `t` that make a [`TaskRow`].
macro_rules! task_columns {
    () => {
        "t.id, t.project_id, t.status_id, t.rank, t.title, t.description_version, t.assignee_id, t.priority, t.start_at,
         t.due_at, t.estimate_hours, t.blocked_reason, t.blocked_since, t.completed_at, t.created_by, t.created_at,
         t.updated_at, t.deleted_at, t.version"
    };
}
pub(super) use task_columns;

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
        row.map(|row| Ok(Task { description: Some(row.text("description")?), ..TaskRow::read(&row)?.task })).transpose()
    }
}

impl WriteTx {
    /// Makes a task. [`StoreError::Exists`] when its id is taken.
    pub(crate) async fn add_task(&mut self, task: &Task) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO tasks (id, project_id, status_id, rank, title, description, description_version, assignee_id,
             priority, start_at, due_at, estimate_hours, blocked_reason, blocked_since, completed_at, created_by,
             created_at, updated_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(task.id.to_string())
        .bind(task.project_id.to_string())
        .bind(task.status_id.to_string())
        .bind(task.rank.as_str())
        .bind(&task.title)
        .bind(task.description.as_deref().unwrap_or_default())
        .bind(task.assignee_id.map(|id| id.to_string()))
        .bind(word(task.priority)?)
        .bind(task.start_at.map(Timestamp::millis))
        .bind(task.due_at.map(Timestamp::millis))
        .bind(task.estimate_hours)
        .bind(&task.blocked_reason)
        .bind(task.blocked_since.map(Timestamp::millis))
        .bind(task.completed_at.map(Timestamp::millis))
        .bind(task.created_by.to_string())
        .bind(task.created_at.millis())
        .bind(task.updated_at.millis())
        .bind(task.version)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Stores all that can change of a task; a description only where it has one.
    pub(crate) async fn save_task(&mut self, row: &TaskRow) -> Result<(), StoreError> {
        let task = &row.task;
        sqlx::query(
            "UPDATE tasks SET status_id = $2, rank = $3, title = $4, description = COALESCE($5, description),
             description_version = $6, assignee_id = $7, priority = $8, start_at = $9, due_at = $10,
             estimate_hours = $11, blocked_reason = $12, blocked_since = $13, completed_at = $14, updated_at = $15,
             deleted_at = $16, version = $17 WHERE id = $1",
        )
        .bind(task.id.to_string())
        .bind(task.status_id.to_string())
        .bind(task.rank.as_str())
        .bind(&task.title)
        .bind(&task.description)
        .bind(row.description_version)
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
        .bind(task.version)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// A task's description.
    pub(crate) async fn description(&mut self, id: TaskId) -> Result<String, StoreError> {
        let sql = "SELECT description FROM tasks WHERE id = $1";
        sqlx::query(sql).bind(id.to_string()).fetch_one(&mut *self.tx).await?.text("description")
    }

    /// The place that two neighbours name for a task. A neighbour that is not in the column counts
    /// for nothing, and `after` counts more than `before`. `None` when there is no such column.
    pub(crate) async fn place(
        &mut self,
        project: ProjectId,
        status: StatusId,
        task: TaskId,
        after: Option<TaskId>,
        before: Option<TaskId>,
    ) -> Result<Option<Place>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            statuses::status_columns!(),
            ", a.rank AS after_rank, b.rank AS before_rank,
             (SELECT n.rank FROM tasks n WHERE n.status_id = s.id AND n.deleted_at IS NULL AND n.id <> $5
              AND (n.rank, n.id) > (a.rank, a.id) ORDER BY n.rank, n.id LIMIT 1) AS after_next,
             (SELECT n.rank FROM tasks n WHERE n.status_id = s.id AND n.deleted_at IS NULL AND n.id <> $5
              AND (n.rank, n.id) < (b.rank, b.id) ORDER BY n.rank DESC, n.id DESC LIMIT 1) AS before_previous,
             (SELECT n.rank FROM tasks n WHERE n.status_id = s.id AND n.deleted_at IS NULL AND n.id <> $5
              ORDER BY n.rank DESC, n.id DESC LIMIT 1) AS last_rank
             FROM statuses s
             LEFT JOIN tasks a ON a.id = $3 AND a.status_id = s.id AND a.deleted_at IS NULL
             LEFT JOIN tasks b ON b.id = $4 AND b.status_id = s.id AND b.deleted_at IS NULL
             WHERE s.id = $1 AND s.project_id = $2"
        ))
        .bind(status.to_string())
        .bind(project.to_string())
        .bind(after.map(|id| id.to_string()))
        .bind(before.map(|id| id.to_string()))
        .bind(task.to_string())
        .fetch_optional(&mut *self.tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (after_rank, before_rank) = (row.opt_rank("after_rank")?, row.opt_rank("before_rank")?);
        let (above, below, anchor) = match (after_rank.zip(after), before_rank.zip(before)) {
            (Some((rank, after)), _) => (Some(rank), row.opt_rank("after_next")?, Anchor::After(after)),
            (None, Some((rank, before))) => (row.opt_rank("before_previous")?, Some(rank), Anchor::Before(before)),
            (None, None) => (row.opt_rank("last_rank")?, None, Anchor::End),
        };
        Ok(Some(Place { status: statuses::status(&row)?, above, below, anchor }))
    }

    /// The ranks around a rank that a task (which is not counted) wants to have again: the nearest
    /// one that is not below it, and the nearest one that is.
    pub(crate) async fn around(
        &mut self,
        status: StatusId,
        task: TaskId,
        rank: &Rank,
    ) -> Result<(Option<Rank>, Option<Rank>), StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT MAX(n.rank) FROM tasks n WHERE n.status_id = $1 AND n.deleted_at IS NULL AND n.id <> $2
                     AND n.rank <= $3) AS above,
                    (SELECT MIN(n.rank) FROM tasks n WHERE n.status_id = $1 AND n.deleted_at IS NULL AND n.id <> $2
                     AND n.rank > $3) AS below",
        )
        .bind(status.to_string())
        .bind(task.to_string())
        .bind(rank.as_str())
        .fetch_one(&mut *self.tx)
        .await?;
        Ok((row.opt_rank("above")?, row.opt_rank("below")?))
    }

    /// The tasks of a column and their ranks, in order.
    pub(crate) async fn column(&mut self, status: StatusId) -> Result<Vec<(TaskId, Rank)>, StoreError> {
        let rows =
            sqlx::query("SELECT id, rank FROM tasks WHERE status_id = $1 AND deleted_at IS NULL ORDER BY rank, id")
                .bind(status.to_string())
                .fetch_all(&mut *self.tx)
                .await?;
        rows.iter().map(|row| Ok((row.parse("id")?, row.rank("rank")?))).collect()
    }

    /// Gives tasks new ranks, in few statements.
    pub(crate) async fn save_ranks(&mut self, ranks: &[(TaskId, Rank)]) -> Result<(), StoreError> {
        for chunk in ranks.chunks(CHUNK) {
            // Both databases call the columns of a VALUES list column1, column2.
            let sql = format!(
                "UPDATE tasks SET rank = v.column2 FROM (VALUES {}) AS v WHERE tasks.id = v.column1",
                placeholders(chunk.len(), 2)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
            for (id, rank) in chunk {
                query = query.bind(id.to_string()).bind(rank.as_str());
            }
            query.execute(&mut *self.tx).await?;
        }
        Ok(())
    }

    /// The tasks of a column that are finished, or those that are not.
    pub(crate) async fn tasks_by_completion(
        &mut self,
        status: StatusId,
        completed: bool,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            task_columns!(),
            " FROM tasks t WHERE t.status_id = $1 AND t.deleted_at IS NULL ORDER BY t.rank, t.id"
        ))
        .bind(status.to_string())
        .fetch_all(&mut *self.tx)
        .await?;
        let rows: Result<Vec<TaskRow>, StoreError> = rows.iter().map(TaskRow::read).collect();
        Ok(rows?.into_iter().filter(|row| row.task.completed_at.is_some() == completed).collect())
    }
}

impl TaskRow {
    /// From the columns of `task_columns!`.
    pub(super) fn read(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            task: Task {
                id: row.parse("id")?,
                project_id: row.parse("project_id")?,
                status_id: row.parse("status_id")?,
                rank: row.rank("rank")?,
                title: row.text("title")?,
                description: None,
                assignee_id: row.opt_parse("assignee_id")?,
                priority: row.word("priority")?,
                start_at: row.opt_time("start_at")?,
                due_at: row.opt_time("due_at")?,
                estimate_hours: row.opt_float("estimate_hours")?,
                blocked_reason: row.opt_text("blocked_reason")?,
                blocked_since: row.opt_time("blocked_since")?,
                completed_at: row.opt_time("completed_at")?,
                created_by: row.parse("created_by")?,
                created_at: row.time("created_at")?,
                updated_at: row.time("updated_at")?,
                version: row.int("version")?,
            },
            description_version: row.int("description_version")?,
            deleted: row.opt_int("deleted_at")?.is_some(),
        })
    }

    /// Counts a change.
    pub(crate) fn touch(&mut self, at: Timestamp) {
        self.task.version += 1;
        self.task.updated_at = at;
    }
}
