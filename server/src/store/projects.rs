//! Projects, and the first statement of writes to them.

use engine::{Epoch, EventId, OpId, Placement, Project, ProjectId, Role, TaskId, Timestamp, UserId};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    insertion_points::{self, InsertionPoint, place_of},
    log::event_id,
    ops::StoredResponse,
    row::{Columns, readable},
    tasks::{TaskRow, task_columns},
    watchers::watchers_column,
};

/// The state of a project that every write starts from.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The project, without a role.
    pub(crate) project: Project,
    /// The epoch of its log.
    pub(crate) epoch: Epoch,
    /// The seq at the end of its log.
    pub(crate) seq: u64,
    /// The id of the last event, if the log still has it.
    pub(crate) last: Option<EventId>,
    /// Whether it is deleted.
    pub(crate) deleted: bool,
    /// The role of the asking user; `None` for a non-member.
    pub(crate) role: Option<Role>,
    /// How many tasks were ever created in it.
    pub(crate) task_count: u64,
    /// The stored response to this op, if it was executed before.
    pub(crate) stored: Option<StoredResponse>,
}

macro_rules! entry_columns {
    () => {
        "p.id AS p_id, p.name AS p_name, p.epoch AS p_epoch, p.seq AS p_seq, p.created_at AS p_created_at,
         (SELECT l.event_id FROM project_events l WHERE l.project_id = p.id AND l.seq = p.seq) AS p_last,
         p.updated_at AS p_updated_at, p.deleted_at AS p_deleted_at, p.task_count AS p_task_count, m.role AS m_role,
         o.request_hash AS o_hash, o.status AS o_status, o.answer AS o_answer"
    };
}

macro_rules! entry_joins {
    () => {
        " LEFT JOIN project_members m ON m.project_id = p.id AND m.user_id = $2
          LEFT JOIN client_ops o ON o.user_id = $2 AND o.op_id = $3 "
    };
}

macro_rules! entry_of_task {
    () => {
        concat!(
            "SELECT ",
            entry_columns!(),
            ", ",
            task_columns!(),
            ", ",
            watchers_column!(),
            " FROM tasks t JOIN projects p ON p.id = t.project_id ",
            entry_joins!(),
            "WHERE t.id = $1"
        )
    };
}

impl Store {
    /// The projects of a user, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn projects_of(&self, user: UserId) -> Result<Vec<Project>, StoreError> {
        let rows = sqlx::query(
            "SELECT p.id, p.name, p.created_at, p.updated_at, m.role FROM projects p
             JOIN project_members m ON m.project_id = p.id AND m.user_id = $1
             WHERE p.deleted_at IS NULL ORDER BY p.created_at, p.id",
        )
        .bind(user.to_string())
        .fetch_all(&self.reader)
        .await?;
        Ok(readable("projects", &rows, project).rows)
    }

    /// A project of a user; `None` for non-members.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn project(&self, id: ProjectId, user: UserId) -> Result<Option<Project>, StoreError> {
        let row = sqlx::query(
            "SELECT p.id, p.name, p.created_at, p.updated_at, m.role FROM projects p
             JOIN project_members m ON m.project_id = p.id AND m.user_id = $2
             WHERE p.id = $1 AND p.deleted_at IS NULL",
        )
        .bind(id.to_string())
        .bind(user.to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.as_ref().map(project).transpose()
    }
}

impl Store {
    /// Begins a write to a project, and reads its state. Until it ends, the project has no other writer.
    pub(crate) async fn enter_project(
        &self,
        id: ProjectId,
        user: UserId,
        op: OpId,
    ) -> Result<(WriteTx, Option<Entry>), StoreError> {
        let mut write = self.write_with_first_statement(Some(id)).await?;
        let id = id.to_string();
        let sql = concat!("SELECT ", entry_columns!(), " FROM projects p ", entry_joins!(), "WHERE p.id = $1");
        let row = write.first_row(sql, &id, user, op, &[]).await?;
        let entry = row.as_ref().map(entry).transpose()?;
        Ok((write, entry))
    }

    /// Begins a write to a task, and reads the task, deleted or not. An unreadable one is reported only to users who
    /// may see it.
    pub(crate) async fn enter_task(
        &self,
        id: TaskId,
        user: UserId,
        op: OpId,
    ) -> Result<(WriteTx, Option<(Entry, Result<TaskRow, StoreError>)>), StoreError> {
        let enter = async |write: &mut WriteTx| {
            let row = write.first_row(entry_of_task!(), &id.to_string(), user, op, &[]).await?;
            row.map(|row| Ok((entry(&row)?, TaskRow::watched(&row)))).transpose()
        };
        self.write_task(id, enter).await
    }

    /// Begins a move of a task, and reads its target; `None` if the column does not exist.
    pub(crate) async fn enter_move(
        &self,
        id: TaskId,
        user: UserId,
        op: OpId,
        to: Placement,
    ) -> Result<(WriteTx, Option<(Entry, Result<(TaskRow, Option<InsertionPoint>), StoreError>)>), StoreError> {
        let Placement { status_id, after_id, before_id } = to;
        let sql = concat!(
            "SELECT * FROM (",
            entry_of_task!(),
            ") e LEFT JOIN (",
            place_of!(
                task: "$1", project: "(SELECT project_id FROM tasks WHERE id = $1)",
                status: "$4", after: "$5", before: "$6"
            ),
            ") x ON TRUE"
        );
        let to = [Some(status_id.to_string()), after_id.map(|id| id.to_string()), before_id.map(|id| id.to_string())];
        let enter = async |write: &mut WriteTx| {
            let row = write.first_row(sql, &id.to_string(), user, op, &to).await?;
            let moved = |row: &AnyRow| Ok((TaskRow::watched(row)?, insertion_points::place(row, after_id, before_id)?));
            row.map(|row| Ok((entry(&row)?, moved(&row)))).transpose()
        };
        self.write_task(id, enter).await
    }
}

impl WriteTx {
    /// The row of the first statement, which also begins the transaction. `more` are its parameters from `$4` on.
    async fn first_row(
        &mut self,
        sql: &str,
        id: &str,
        user: UserId,
        op: OpId,
        more: &[Option<String>],
    ) -> Result<Option<AnyRow>, StoreError> {
        let sql = format!("{}{sql}", self.tx.opening());
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(user.to_string()).bind(op.to_string());
        for parameter in more {
            query = query.bind(parameter);
        }
        // Fetch all rows: SQLite stops at the first statement for a reader that stops at the first row.
        let rows = query.fetch_all(&mut *self.tx).await?;
        self.tx.opened();
        Ok(rows.into_iter().next())
    }

    /// Whether a project exists and is not deleted.
    pub(crate) async fn has_project(&mut self, id: ProjectId) -> Result<bool, StoreError> {
        let query = sqlx::query("SELECT id FROM projects WHERE id = $1 AND deleted_at IS NULL").bind(id.to_string());
        Ok(query.fetch_optional(&mut *self.tx).await?.is_some())
    }

    /// Inserts a project, without members or statuses.
    pub(crate) async fn add_project(&mut self, project: &Project, epoch: Epoch) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO projects (id, name, epoch, seq, created_at, updated_at) VALUES ($1, $2, $3, 0, $4, $5)",
        )
        .bind(project.id.to_string())
        .bind(&project.name)
        .bind(epoch.to_string())
        .bind(project.created_at.millis())
        .bind(project.updated_at.millis())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Stores a project's name.
    pub(crate) async fn save_project(&mut self, project: &Project) -> Result<(), StoreError> {
        sqlx::query("UPDATE projects SET name = $2, updated_at = $3 WHERE id = $1")
            .bind(project.id.to_string())
            .bind(&project.name)
            .bind(project.updated_at.millis())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Marks a project as deleted.
    pub(crate) async fn delete_project(&mut self, id: ProjectId, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE projects SET deleted_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(at.millis())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

fn project(row: &AnyRow) -> Result<Project, StoreError> {
    Ok(Project {
        id: row.parse("id")?,
        name: row.text("name")?,
        role: Some(row.word("role")?),
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn entry(row: &AnyRow) -> Result<Entry, StoreError> {
    Ok(Entry {
        project: Project {
            id: row.parse("p_id")?,
            name: row.text("p_name")?,
            role: None,
            created_at: row.time("p_created_at")?,
            updated_at: row.time("p_updated_at")?,
        },
        epoch: row.parse("p_epoch")?,
        seq: row.seq("p_seq")?,
        last: event_id(row, "p_last")?,
        deleted: row.opt_int("p_deleted_at")?.is_some(),
        role: row.opt_word("m_role")?,
        task_count: row.seq("p_task_count")?,
        stored: StoredResponse::joined(row)?,
    })
}
