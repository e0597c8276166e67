//! Snapshots of a project's board, at one `seq`.

use engine::{Label, Project, ProjectId, Role, Snapshot, Task, UserId};
use sqlx::any::AnyRow;

use super::{
    Store, StoreError,
    log::event_id,
    members,
    row::{Columns, readable},
    statuses,
    tasks::{TaskRow, task_columns},
};

impl Store {
    /// The board as a member sees it, read in one transaction; `None` for non-members.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn board(&self, project: ProjectId, user: UserId) -> Result<Option<Snapshot>, StoreError> {
        let mut read = self.dialect.begin_read(&self.reader).await?;
        let id = project.to_string();
        let head = sqlx::query(
            "SELECT p.name, p.epoch, p.seq, e.event_id AS last, p.created_at, p.updated_at, m.role FROM projects p
             JOIN project_members m ON m.project_id = p.id AND m.user_id = $2
             LEFT JOIN project_events e ON e.project_id = p.id AND e.seq = p.seq
             WHERE p.id = $1 AND p.deleted_at IS NULL",
        )
        .bind(&id)
        .bind(user.to_string())
        .fetch_optional(&mut *read)
        .await?;
        let Some(head) = head else { return Ok(None) };
        let statuses = statuses::rows(&mut read, project).await?;
        let tasks = sqlx::query(concat!(
            "SELECT ",
            task_columns!(),
            " FROM tasks t WHERE t.project_id = $1 AND t.deleted_at IS NULL ORDER BY t.rank, t.id"
        ))
        .bind(&id)
        .fetch_all(&mut *read)
        .await?;
        let mut members = members::all(&mut read, project).await?;
        members.extend(members::former(&mut read, project).await?);
        let labels = sqlx::query("SELECT id, name, color FROM labels WHERE project_id = $1 ORDER BY name, id")
            .bind(&id)
            .fetch_all(&mut *read)
            .await?;
        read.commit().await?;
        let tasks = readable("tasks", &tasks, |row| Ok(TaskRow::read(row)?.task));
        let mut unreadable = tasks.left_out;
        if statuses.left_out > 0 {
            // Tasks of an unreadable column are hidden with it.
            let unseen = |task: &&Task| statuses.rows.iter().all(|status| status.id != task.status_id);
            unreadable += u32::try_from(tasks.rows.iter().filter(unseen).count()).unwrap_or(u32::MAX);
        }
        let label =
            |row: &AnyRow| Ok(Label { id: row.parse("id")?, name: row.text("name")?, color: row.text("color")? });
        Ok(Some(Snapshot {
            epoch: head.parse("epoch")?,
            seq: head.seq("seq")?,
            last: event_id(&head, "last")?,
            project: Project {
                id: project,
                name: head.text("name")?,
                role: Some(head.word::<Role>("role")?),
                created_at: head.time("created_at")?,
                updated_at: head.time("updated_at")?,
            },
            statuses: statuses.rows,
            tasks: tasks.rows,
            unreadable,
            members,
            labels: readable("labels", &labels, label).rows,
        }))
    }
}
