//! Notifications of one person's churn on one card: what happens again is counted in the row that is there.

use engine::{NotificationId, TaskId, Timestamp, UserId, notification::NotificationKind};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    NewNotification, StoreError, WriteTx,
    row::{Columns, readable, word},
};

/// A row that may still change: unread, not mailed, and not under way to be.
const OPEN: &str = "read_at IS NULL AND mailed_at IS NULL AND mail_taken_at IS NULL";

/// A notification that what happens now may be counted with.
#[derive(Clone, Debug)]
pub(crate) struct OpenNotification {
    /// Which.
    pub(crate) id: NotificationId,
    /// Whose.
    pub(crate) user: UserId,
    /// About which task.
    pub(crate) task: TaskId,
    /// Of which kind.
    pub(crate) kind: NotificationKind,
    /// Whether it is in the bell.
    pub(crate) in_bell: bool,
    /// How often it has happened.
    pub(crate) times: u32,
}

impl WriteTx {
    /// What users were told since a moment of what somebody did to these tasks, one by one, and have not read. Oldest first.
    pub(crate) async fn open_notifications(
        &mut self,
        tasks: &[TaskId],
        actor: UserId,
        since: Timestamp,
    ) -> Result<Vec<OpenNotification>, StoreError> {
        let sql = format!(
            "SELECT id, user_id, task_id, kind, in_bell, times FROM notifications
             WHERE task_id IN ({}) AND actor_id = $2 AND created_at >= $3 AND times > 0 AND {OPEN} ORDER BY id",
            self.dialect.texts()
        );
        let tasks: Vec<String> = tasks.iter().map(ToString::to_string).collect();
        let tasks = serde_json::to_string(&tasks).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let query = sqlx::query(AssertSqlSafe(sql)).bind(tasks).bind(actor.to_string()).bind(since.millis());
        let rows = query.fetch_all(&mut *self.tx).await?;
        let open = |row: &AnyRow| {
            Ok(OpenNotification {
                id: row.parse("id")?,
                user: row.parse("user_id")?,
                task: row.parse("task_id")?,
                kind: row.word("kind")?,
                in_bell: row.int("in_bell")? == 1,
                times: row.count("times")?,
            })
        };
        Ok(readable("notifications", &rows, open).rows)
    }

    /// Puts a notification in the place of one that it counts. False where that was read, or taken to be mailed, meanwhile.
    /// What waits to be mailed goes out when it would have.
    pub(crate) async fn replace_notification(
        &mut self,
        old: NotificationId,
        new: &NewNotification,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE notifications SET id = $2, title = $3, message = $4, reference_type = $5, reference_id = $6, cause = $7,
             alert = $8, created_at = $9, times = $10, mail_at = COALESCE(mail_at, $11), mail_kind = COALESCE(mail_kind, $12)
             WHERE id = $1 AND {OPEN}"
        );
        let told = &new.notification;
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(old.to_string())
            .bind(told.id.to_string())
            .bind(&told.title)
            .bind(&told.message)
            .bind(word(told.reference_type)?)
            .bind(&told.reference_id)
            .bind(&new.cause)
            .bind(i64::from(told.alert))
            .bind(told.created_at.millis())
            .bind(i64::from(told.times))
            .bind(new.mail.map(|(at, _)| at.millis()))
            .bind(new.mail.map(|(_, kind)| word(kind)).transpose()?);
        Ok(query.execute(&mut *self.tx).await?.rows_affected() > 0)
    }
}
