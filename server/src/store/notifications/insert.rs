//! Inserts notifications.

use engine::{Notification, NotificationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use crate::store::{
    StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::{Columns, word},
};

/// Columns per row in [`WriteTx::add_notifications`].
const COLUMNS: usize = 17;

/// A notification to insert.
#[derive(Clone, Debug)]
pub(crate) struct NewNotification {
    /// The recipient.
    pub(crate) user: UserId,
    /// The notification.
    pub(crate) notification: Notification,
    /// A key that is unique per user: no user is notified twice of one cause.
    pub(crate) cause: String,
    /// Whether the bell shows it, or it is only mailed.
    pub(crate) in_bell: bool,
    /// Whether a repetition is counted in this row.
    pub(crate) counts: bool,
    /// When it is mailed, and how.
    pub(crate) mail: Option<(Timestamp, MailKind)>,
}

/// How a notification is mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MailKind {
    /// As soon as the user's quiet hours allow.
    Now,
    /// Together with others.
    Digest,
}

impl WriteTx {
    /// Inserts notifications, except those whose cause their user was notified of before. Returns the inserted ones.
    pub(crate) async fn add_notifications(
        &mut self,
        rows: &[NewNotification],
    ) -> Result<Vec<NotificationId>, StoreError> {
        let mut added = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(CHUNK) {
            let sql = format!(
                "INSERT INTO notifications (id, user_id, kind, title, message, reference_type, reference_id, task_id,
                 project_id, actor_id, cause, in_bell, alert, created_at, mail_at, mail_kind, times) VALUES {}
                 ON CONFLICT DO NOTHING RETURNING id",
                placeholders(chunk.len(), COLUMNS)
            );
            // Mostly there is one: that statement is worth preparing.
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(chunk.len() == 1);
            for row in chunk {
                let notification = &row.notification;
                query = query
                    .bind(notification.id.to_string())
                    .bind(row.user.to_string())
                    .bind(word(notification.kind)?)
                    .bind(&notification.title)
                    .bind(&notification.message)
                    .bind(word(notification.reference_type)?)
                    .bind(&notification.reference_id)
                    .bind(notification.task_id.map(|id| id.to_string()))
                    .bind(notification.project_id.map(|id| id.to_string()))
                    .bind(notification.actor_id.map(|id| id.to_string()))
                    .bind(&row.cause)
                    .bind(i64::from(row.in_bell))
                    .bind(i64::from(notification.alert))
                    .bind(notification.created_at.millis())
                    .bind(row.mail.map(|(at, _)| at.millis()))
                    .bind(row.mail.map(|(_, kind)| word(kind)).transpose()?)
                    .bind(i64::from(row.counts));
            }
            for row in query.fetch_all(&mut *self.tx).await? {
                added.push(row.parse("id")?);
            }
        }
        Ok(added)
    }
}
