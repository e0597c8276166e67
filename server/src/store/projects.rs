//! Projects, and how a write enters one.

use engine::{Epoch, OpId, Project, ProjectId, Role, TaskId, Timestamp, UserId};
use sqlx::any::AnyRow;

use super::{
    Store, StoreError, WriteTx,
    ops::StoredAnswer,
    row::Columns,
    tasks::{TaskRow, task_columns},
};

/// What a write has to know of a project before it does anything.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The project, without a role.
    pub(crate) project: Project,
    /// Of its log.
    pub(crate) epoch: Epoch,
    /// Where its log ends.
    pub(crate) seq: u64,
    /// Whether it was deleted.
    pub(crate) deleted: bool,
    /// What the asking user may do in it; `None` for a stranger.
    pub(crate) role: Option<Role>,
    /// What this op was answered before.
    pub(crate) stored: Option<StoredAnswer>,
}

macro_rules! entry_columns {
    () => {
        "p.id AS p_id, p.name AS p_name, p.epoch AS p_epoch, p.seq AS p_seq, p.created_at AS p_created_at,
         p.updated_at AS p_updated_at, p.deleted_at AS p_deleted_at, m.role AS m_role,
         o.request_hash AS o_hash, o.status AS o_status, o.answer AS o_answer"
    };
}

macro_rules! entry_joins {
    () => {
        " LEFT JOIN project_members m ON m.project_id = p.id AND m.user_id = $2
          LEFT JOIN client_ops o ON o.user_id = $2 AND o.op_id = $3 "
    };
}

impl Store {
    /// The projects that a user is in, oldest first.
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
        rows.iter().map(project).collect()
    }

    /// A project that a user is in; `None` for strangers.
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

impl WriteTx {
    /// What a write to a project has to know first.
    pub(crate) async fn enter_project(
        &mut self,
        id: ProjectId,
        user: UserId,
        op: OpId,
    ) -> Result<Option<Entry>, StoreError> {
        let row =
            sqlx::query(concat!("SELECT ", entry_columns!(), " FROM projects p ", entry_joins!(), "WHERE p.id = $1"))
                .bind(id.to_string())
                .bind(user.to_string())
                .bind(op.to_string())
                .fetch_optional(&mut *self.tx)
                .await?;
        row.as_ref().map(entry).transpose()
    }

    /// The same for a write to a task, with the task, deleted or not.
    pub(crate) async fn enter_task(
        &mut self,
        id: TaskId,
        user: UserId,
        op: OpId,
    ) -> Result<Option<(Entry, TaskRow)>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            entry_columns!(),
            ", ",
            task_columns!(),
            " FROM tasks t JOIN projects p ON p.id = t.project_id ",
            entry_joins!(),
            "WHERE t.id = $1"
        ))
        .bind(id.to_string())
        .bind(user.to_string())
        .bind(op.to_string())
        .fetch_optional(&mut *self.tx)
        .await?;
        row.map(|row| Ok((entry(&row)?, TaskRow::read(&row)?))).transpose()
    }

    /// Makes a project, without members or statuses.
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

    /// Takes a project out of everybody's sight.
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
        deleted: row.opt_int("p_deleted_at")?.is_some(),
        role: row.opt_word("m_role")?,
        stored: StoredAnswer::joined(row)?,
    })
}
