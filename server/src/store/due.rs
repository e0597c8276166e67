//! Due and overdue tasks, with the users to notify.

use engine::{ProjectId, TaskId, Timestamp, UserId};
use sqlx::any::AnyRow;

use super::{
    Store, StoreError,
    row::{Columns, readable},
};

/// A task about which a user is to be notified.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    /// The user.
    pub(crate) user: UserId,
    /// The task.
    pub(crate) task: TaskId,
    /// Its project.
    pub(crate) project: ProjectId,
    /// Its title.
    pub(crate) title: String,
    /// The midnight UTC that begins its due date.
    pub(crate) due_at: Timestamp,
}

/// Today's date in one time zone. Days are midnights in UTC, as in tasks.
#[derive(Clone, Debug)]
pub(crate) struct DueDay<'a> {
    /// The zone.
    pub(crate) time_zone: &'a str,
    /// Today there.
    pub(crate) today: Timestamp,
    /// Tomorrow there.
    pub(crate) tomorrow: Timestamp,
    /// Today, as the causes of notifications spell it.
    pub(crate) date: &'a str,
}

/// Where a page of due tasks ended: by stored texts, which may not be valid ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct DueCursor {
    task: String,
    user: String,
}

impl Store {
    /// The time zones that users have set.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn time_zones(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT DISTINCT time_zone FROM users").fetch_all(&self.reader).await?;
        Ok(readable("users", &rows, |row| row.text("time_zone")).rows)
    }

    /// Up to `limit` tasks that are due tomorrow or overdue, for users who were not notified today: the assignee, or
    /// the watchers if there is none. Continues after another page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn due(
        &self,
        day: &DueDay<'_>,
        after: DueCursor,
        limit: u32,
    ) -> Result<(Vec<Due>, Option<DueCursor>), StoreError> {
        let DueCursor { task, user } = after;
        let rows = sqlx::query(
            "SELECT t.id, t.project_id, t.title, t.due_at, m.user_id FROM tasks t
             JOIN projects p ON p.id = t.project_id AND p.deleted_at IS NULL
             JOIN project_members m ON m.project_id = t.project_id
             JOIN users u ON u.id = m.user_id AND u.time_zone = $1
             WHERE t.due_at IS NOT NULL AND t.deleted_at IS NULL AND t.completed_at IS NULL
             AND (t.due_at < $2 OR t.due_at = $3)
             AND (m.user_id = t.assignee_id OR (t.assignee_id IS NULL AND EXISTS
               (SELECT 1 FROM task_watchers w WHERE w.task_id = t.id AND w.user_id = m.user_id AND w.watching = 1)))
             AND NOT EXISTS
               (SELECT 1 FROM notifications n WHERE n.user_id = m.user_id AND n.cause = 'due:' || t.id || ':' || $4)
             AND (t.id > $5 OR (t.id = $5 AND m.user_id > $6))
             ORDER BY t.id, m.user_id LIMIT $7",
        )
        .bind(day.time_zone)
        .bind(day.today.millis())
        .bind(day.tomorrow.millis())
        .bind(day.date)
        .bind(task)
        .bind(user)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        let cursor =
            |row: &AnyRow| Ok::<_, StoreError>(DueCursor { task: row.text("id")?, user: row.text("user_id")? });
        Ok((readable("tasks", &rows, due).rows, rows.last().map(cursor).transpose()?))
    }
}

fn due(row: &AnyRow) -> Result<Due, StoreError> {
    Ok(Due {
        user: row.parse("user_id")?,
        task: row.parse("id")?,
        project: row.parse("project_id")?,
        title: row.text("title")?,
        due_at: row.time("due_at")?,
    })
}
