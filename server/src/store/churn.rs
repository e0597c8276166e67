//! Coalesces repeated notifications about one card by one person into one row.

use engine::{NotificationId, TaskId, Timestamp, UserId, notification::NotificationKind};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    NewNotification, StoreError, WriteTx,
    row::{Columns, readable, word},
};

/// An open row: unread, not mailed, and not claimed for mailing.
const OPEN: &str = "read_at IS NULL AND mailed_at IS NULL AND mail_taken_at IS NULL";

/// A notification that can absorb a repeated one.
#[derive(Clone, Debug)]
pub(crate) struct OpenNotification {
    /// Its id.
    pub(crate) id: NotificationId,
    /// Its recipient.
    pub(crate) user: UserId,
    /// The task it is about.
    pub(crate) task: TaskId,
    /// Its kind.
    pub(crate) kind: NotificationKind,
    /// Whether it is in the bell.
    pub(crate) in_bell: bool,
    /// How many events it counts.
    pub(crate) times: u32,
}

impl WriteTx {
    /// The unread notifications since a time about what a user did to these tasks, one per row, oldest first.
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

    /// Replaces a notification by one that counts it. False if it was read or claimed for mailing meanwhile. The time
    /// at which it is mailed stays.
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
        let notification = &new.notification;
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(old.to_string())
            .bind(notification.id.to_string())
            .bind(&notification.title)
            .bind(&notification.message)
            .bind(word(notification.reference_type)?)
            .bind(&notification.reference_id)
            .bind(&new.cause)
            .bind(i64::from(notification.alert))
            .bind(notification.created_at.millis())
            .bind(i64::from(notification.times))
            .bind(new.mail.map(|(at, _)| at.millis()))
            .bind(new.mail.map(|(_, kind)| word(kind)).transpose()?);
        Ok(query.execute(&mut *self.tx).await?.rows_affected() > 0)
    }
}
