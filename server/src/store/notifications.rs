//! The notifications of users.

mod insert;

use std::collections::BTreeSet;

use engine::{
    CommentId, Notification, NotificationId, ProjectId, Timestamp, UserId, limit::PAGE, notification::NotificationPage,
};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::{Columns, optional, readable},
};
pub(crate) use insert::{MailKind, NewNotification};

/// The columns of `notifications n` and `users a`, the actor, that make a [`Notification`].
macro_rules! notification_columns {
    () => {
        "n.id, n.kind, n.title, n.message, n.reference_type, n.reference_id, n.task_id, n.project_id, n.actor_id,
         a.name AS actor_name, n.times, n.created_at, n.read_at, n.alert
         FROM notifications n LEFT JOIN users a ON a.id = n.actor_id "
    };
}

/// The rows that a bell shows.
const SHOWN: &str = "user_id = $1 AND in_bell = 1";
/// The unread ones among them.
const UNREAD: &str = " AND read_at IS NULL";

/// A selection of a user's notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WhichNotifications {
    /// These ids.
    Ids(Vec<NotificationId>),
    /// This one and all older ones.
    UpTo(NotificationId),
    /// All of them.
    All,
}

/// The numbers of a user's bell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The user.
    pub user: UserId,
    /// How many notifications there are.
    pub count: u64,
    /// How many are unread.
    pub unread: u64,
}

impl Store {
    /// A page of a user's notifications, newest first, older than `before`, with the total number of unread ones; read
    /// in one transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notifications(
        &self,
        user: UserId,
        unread: bool,
        before: Option<NotificationId>,
    ) -> Result<NotificationPage, StoreError> {
        let mut tx = self.dialect.begin_read(&self.reader).await?;
        page(&mut tx, user, unread, before).await
    }

    /// A user's newest notifications and their total number, read in one transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_notifications(&self, user: UserId) -> Result<(NotificationPage, u64), StoreError> {
        let mut tx = self.dialect.begin_read(&self.reader).await?;
        let page = page(&mut tx, user, false, None).await?;
        Ok((page, count(&mut tx, user, "").await?))
    }

    /// The bell numbers of users.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tallies(&self, users: &[UserId]) -> Result<Vec<Tally>, StoreError> {
        let mut tallies = Vec::with_capacity(users.len());
        for chunk in users.chunks(CHUNK) {
            // Both databases call the column of a VALUES list column1.
            let sql = format!(
                "SELECT v.column1 AS user_id,
                 (SELECT COUNT(*) FROM notifications n WHERE n.user_id = v.column1 AND n.in_bell = 1) AS count,
                 (SELECT COUNT(*) FROM notifications n
                  WHERE n.user_id = v.column1 AND n.in_bell = 1 AND n.read_at IS NULL) AS unread
                 FROM (VALUES {}) AS v",
                placeholders(chunk.len(), 1)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(chunk.len() == 1);
            for user in chunk {
                query = query.bind(user.to_string());
            }
            for row in query.fetch_all(&self.reader).await? {
                let (user, count) = (row.parse("user_id")?, row.seq("count")?);
                tallies.push(Tally { user, count, unread: row.seq("unread")? });
            }
        }
        Ok(tallies)
    }

    /// Deletes up to `limit` notifications that were created and read before a time. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_notifications(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let mut write = self.write().await?;
        let done = sqlx::query(
            "DELETE FROM notifications WHERE id IN
             (SELECT id FROM notifications WHERE read_at IS NOT NULL AND created_at < $1 AND read_at < $1 LIMIT $2)",
        )
        .bind(before.millis())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .execute(&mut *write.tx)
        .await?;
        write.commit().await?;
        Ok(done.rows_affected())
    }
}

impl WriteTx {
    /// Changes the comment text that notifications quote. Returns the ones in a bell, each with its user.
    pub(crate) async fn requote(
        &mut self,
        comment: CommentId,
        message: &str,
    ) -> Result<Vec<(UserId, Notification)>, StoreError> {
        let sql = "UPDATE notifications SET message = $2 WHERE reference_type = 'comment' AND reference_id = $1";
        let changed = sqlx::query(sql).bind(comment.to_string()).bind(message).execute(&mut *self.tx).await?;
        self.requote_withdrawn(comment, message).await?;
        if changed.rows_affected() == 0 {
            return Ok(Vec::new());
        }
        let sql = concat!(
            "SELECT n.user_id, ",
            notification_columns!(),
            "WHERE n.reference_type = 'comment' AND n.reference_id = $1 AND n.in_bell = 1"
        );
        let rows = sqlx::query(sql).bind(comment.to_string()).fetch_all(&mut *self.tx).await?;
        Ok(readable("notifications", &rows, |row| Ok((row.parse("user_id")?, notification(row)?))).rows)
    }

    /// Deletes all notifications about a project. Returns the affected users.
    pub(crate) async fn forget_project(&mut self, project: ProjectId) -> Result<Vec<UserId>, StoreError> {
        // By user, because that is the index.
        let sql = "DELETE FROM notifications WHERE project_id = $1
             AND user_id IN (SELECT user_id FROM project_members WHERE project_id = $1) RETURNING user_id";
        let rows = sqlx::query(sql).bind(project.to_string()).fetch_all(&mut *self.tx).await?;
        let users: Result<BTreeSet<UserId>, StoreError> = rows.iter().map(|row| row.parse("user_id")).collect();
        Ok(users?.into_iter().collect())
    }

    /// Marks notifications of a user as read, which also cancels their mail. Returns the number of unread ones left.
    pub(crate) async fn mark_read(
        &mut self,
        user: UserId,
        which: &WhichNotifications,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        match which {
            WhichNotifications::Ids(ids) => {
                let sql = format!(
                    "UPDATE notifications SET read_at = $3, mail_at = NULL
                     WHERE user_id = $2 AND in_bell = 1 AND read_at IS NULL AND id IN ({})",
                    self.dialect.texts()
                );
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Unreadable(error.to_string()))?;
                let query = sqlx::query(AssertSqlSafe(sql)).bind(ids).bind(user.to_string()).bind(at.millis());
                query.execute(&mut *self.tx).await?;
            }
            WhichNotifications::UpTo(newest) => {
                let sql = format!(
                    "UPDATE notifications SET read_at = $3, mail_at = NULL WHERE {SHOWN} AND read_at IS NULL AND id <= $2"
                );
                let query = sqlx::query(AssertSqlSafe(sql)).bind(user.to_string()).bind(newest.to_string());
                query.bind(at.millis()).execute(&mut *self.tx).await?;
            }
            WhichNotifications::All => {
                let sql =
                    format!("UPDATE notifications SET read_at = $2, mail_at = NULL WHERE {SHOWN} AND read_at IS NULL");
                sqlx::query(AssertSqlSafe(sql)).bind(user.to_string()).bind(at.millis()).execute(&mut *self.tx).await?;
            }
        }
        count(&mut self.tx, user, UNREAD).await
    }

    /// A user's newest notification.
    pub(crate) async fn newest_notification(&mut self, user: UserId) -> Result<Option<NotificationId>, StoreError> {
        let sql = format!("SELECT MAX(id) AS newest FROM notifications WHERE {SHOWN}");
        let row = sqlx::query(AssertSqlSafe(sql)).bind(user.to_string()).fetch_one(&mut *self.tx).await?;
        Ok(optional("notifications", Some(&row), |row| row.opt_parse("newest")).flatten())
    }
}

async fn page(
    connection: &mut AnyConnection,
    user: UserId,
    unread: bool,
    before: Option<NotificationId>,
) -> Result<NotificationPage, StoreError> {
    let unread = if unread { UNREAD } else { "" };
    let mut before = before.map(|id| id.to_string());
    let (notifications, more) = loop {
        let older = if before.is_some() { " AND n.id < $2" } else { "" };
        let sql = format!(
            concat!("SELECT ", notification_columns!(), "WHERE {}{}{} ORDER BY n.id DESC LIMIT {}"),
            SHOWN,
            unread,
            older,
            PAGE + 1
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(user.to_string());
        if let Some(before) = &before {
            query = query.bind(before);
        }
        let rows = query.fetch_all(&mut *connection).await?;
        let (shown, more) = (&rows[..rows.len().min(PAGE)], rows.len() > PAGE);
        let notifications = readable("notifications", shown, notification).rows;
        // A page of unreadable rows alone could not say where the next one begins.
        match shown.last() {
            Some(last) if more && notifications.is_empty() => before = Some(last.text("id")?),
            _ => break (notifications, more),
        }
    };
    let unread = count(connection, user, UNREAD).await?;
    Ok(NotificationPage { notifications, more, unread })
}

/// The number of a user's notifications, filtered by a condition.
async fn count(connection: &mut AnyConnection, user: UserId, of: &str) -> Result<u64, StoreError> {
    let sql = format!("SELECT COUNT(*) AS count FROM notifications WHERE {SHOWN}{of}");
    sqlx::query(AssertSqlSafe(sql)).bind(user.to_string()).fetch_one(connection).await?.seq("count")
}

/// Reads the columns of a notification.
pub(super) fn notification(row: &AnyRow) -> Result<Notification, StoreError> {
    Ok(Notification {
        id: row.parse("id")?,
        kind: row.word("kind")?,
        title: row.text("title")?,
        message: row.text("message")?,
        reference_type: row.word("reference_type")?,
        reference_id: row.text("reference_id")?,
        task_id: row.opt_parse("task_id")?,
        project_id: row.opt_parse("project_id")?,
        actor_id: row.opt_parse("actor_id")?,
        actor_name: row.opt_text("actor_name")?,
        times: row.count("times")?.max(1),
        created_at: row.time("created_at")?,
        read_at: row.opt_time("read_at")?,
        alert: row.int("alert")? == 1,
    })
}
