//! The queue of notification e-mails, and their results.

use engine::{Notification, NotificationId, Timestamp, UserId};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    notifications::{MailKind, notification},
    row::{Columns, optional, readable, word},
};

/// How long a node may hold mail that it sends, in milliseconds.
pub(super) const LEASE_MS: i64 = 5 * 60_000;
/// Shortest interval between two digests of one user, in milliseconds.
const HOUR_MS: i64 = 3_600_000;
/// Users per round of digests.
const DIGEST_USERS: usize = 50;
/// Most characters of a stored reason for giving up.
pub(super) const MAX_REASON: usize = 300;
/// Notifications per digest; the rest go into the next one.
const DIGEST_NOTIFICATIONS: usize = 100;

/// One e-mail to one user.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    /// The recipient.
    pub(crate) user: UserId,
    /// Their address.
    pub(crate) email: String,
    /// Their name.
    pub(crate) name: String,
    /// The notifications, oldest first, each with the name of its project, if it belongs to one.
    pub(crate) notifications: Vec<(Option<String>, Notification)>,
    /// The number of attempts.
    pub(crate) tries: u32,
}

impl Envelope {
    /// The ids of the notifications.
    pub(crate) fn ids(&self) -> Vec<NotificationId> {
        self.notifications.iter().map(|(_, notification)| notification.id).collect()
    }
}

/// Mail that can be claimed: due, not sent, and not claimed elsewhere. `$1` is now, `$2` the start of a lease that
/// ends now.
pub(super) const FREE: &str = "mail_at <= $1 AND mailed_at IS NULL AND (mail_taken_at IS NULL OR mail_taken_at <= $2)";

impl Store {
    /// Claims a notification to be mailed at once, so that no other node sends it before the lease ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn claim_letter(&self, now: Timestamp) -> Result<Option<NotificationId>, StoreError> {
        // The condition appears twice: the second one skips a row that another node claimed first.
        let sql = format!(
            "UPDATE notifications SET mail_taken_at = $1 WHERE id =
              (SELECT id FROM notifications WHERE mail_kind = $3 AND {FREE} ORDER BY mail_at, id LIMIT 1)
             AND {FREE} RETURNING id"
        );
        loop {
            let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(now.millis()).bind(now.plus(-LEASE_MS).millis());
            let mut write = self.write().await?;
            let rows = query.bind(word(MailKind::Now)?).fetch_all(&mut *write.tx).await?;
            write.commit().await?;
            let Some(row) = rows.first() else { return Ok(None) };
            // A row with an unreadable id is claimed all the same, so that it does not block the next one.
            if let Some(id) = optional("notifications", Some(row), |row| row.parse("id")) {
                return Ok(Some(id));
            }
        }
    }

    /// Users for whom a digest is due, and who had none in the last hour.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn digests_due(&self, now: Timestamp) -> Result<Vec<UserId>, StoreError> {
        let sql = format!(
            "SELECT DISTINCT n.user_id FROM notifications n
             JOIN users u ON u.id = n.user_id AND (u.digest_at IS NULL OR u.digest_at <= $4)
             WHERE n.mail_kind = $3 AND {FREE} LIMIT {DIGEST_USERS}"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(now.millis()).bind(now.plus(-LEASE_MS).millis());
        let query = query.bind(word(MailKind::Digest)?).bind(now.plus(-HOUR_MS).millis());
        let rows = query.fetch_all(&self.reader).await?;
        Ok(readable("notifications", &rows, |row| row.parse("user_id")).rows)
    }

    /// Claims a user's hour, and then the notifications of its digest; empty if another node has claimed the hour.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn claim_digest(&self, user: UserId, now: Timestamp) -> Result<Vec<NotificationId>, StoreError> {
        let mut write = self.write().await?;
        let hour =
            sqlx::query("UPDATE users SET digest_at = $2 WHERE id = $1 AND (digest_at IS NULL OR digest_at <= $3)")
                .bind(user.to_string())
                .bind(now.millis())
                .bind(now.plus(-HOUR_MS).millis())
                .execute(&mut *write.tx)
                .await?;
        if hour.rows_affected() == 0 {
            return Ok(Vec::new());
        }
        let sql = format!(
            "UPDATE notifications SET mail_taken_at = $1 WHERE id IN
              (SELECT id FROM notifications WHERE user_id = $4 AND mail_kind = $3 AND {FREE} ORDER BY id LIMIT {DIGEST_NOTIFICATIONS})
             AND {FREE} RETURNING id"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(now.millis()).bind(now.plus(-LEASE_MS).millis());
        let rows = query.bind(word(MailKind::Digest)?).bind(user.to_string()).fetch_all(&mut *write.tx).await?;
        // Rolled back if the digest is empty, so that the hour stays free.
        if !rows.is_empty() {
            write.commit().await?;
        }
        Ok(readable("notifications", &rows, |row| row.parse("id")).rows)
    }

    /// The e-mail for these notifications of one user. Gives up on those that were read or that the user may no longer
    /// see, and returns those that this build cannot read. `None` for an unverified address.
    ///
    /// # Errors
    /// When the database does not answer, or its user cannot be read.
    pub(crate) async fn envelope(
        &self,
        ids: &[NotificationId],
    ) -> Result<(Option<Envelope>, Vec<NotificationId>), StoreError> {
        let sql = format!(
            "SELECT n.id, n.kind, n.title, n.message, n.reference_type, n.reference_id, n.task_id, n.project_id, n.actor_id,
             a.name AS actor_name, n.times, n.created_at, n.read_at, n.alert, n.mail_tries, n.user_id, u.email, u.name, p.name AS project
             FROM notifications n
             JOIN users u ON u.id = n.user_id AND u.disabled_at IS NULL AND u.email_verified_at IS NOT NULL
             LEFT JOIN users a ON a.id = n.actor_id
             LEFT JOIN projects p ON p.id = n.project_id AND p.deleted_at IS NULL
             LEFT JOIN project_members m ON m.project_id = p.id AND m.user_id = n.user_id
             WHERE n.id IN ({}) AND n.read_at IS NULL AND (n.project_id IS NULL OR m.user_id IS NOT NULL) ORDER BY n.id",
            self.dialect.texts()
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(list(ids)?).fetch_all(&self.reader).await?;
        let found: Vec<NotificationId> = readable("notifications", &rows, |row| row.parse("id")).rows;
        let lost: Vec<_> = ids.iter().filter(|id| !found.contains(id)).copied().collect();
        if !lost.is_empty() {
            self.cancel_mail_of(&lost).await?;
        }
        let read = |row: &AnyRow| Ok((row.opt_text("project")?, notification(row)?, row.count("mail_tries")?));
        let read = readable("notifications", &rows, read).rows;
        let unreadable =
            found.into_iter().filter(|id| !read.iter().any(|(_, notification, _)| notification.id == *id)).collect();
        let Some(row) = rows.first().filter(|_| !read.is_empty()) else { return Ok((None, unreadable)) };
        let tries = read.iter().map(|(_, _, tries)| *tries).max().unwrap_or(0);
        let notifications = read.into_iter().map(|(project, notification, _)| (project, notification)).collect();
        let (user, email, name) = (row.parse("user_id")?, row.text("email")?, row.text("name")?);
        Ok((Some(Envelope { user, email, name, notifications, tries }), unreadable))
    }

    /// Marks notifications as mailed; those outside the bell also as read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn mark_mailed(&self, ids: &[NotificationId], now: Timestamp) -> Result<(), StoreError> {
        let set = "mailed_at = $2, read_at = CASE WHEN in_bell = 0 THEN $2 ELSE read_at END";
        self.update_mail(set, ids, Some(now)).await
    }

    /// Postpones notifications that could not be mailed, and frees the user's hour.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn postpone_mail(
        &self,
        user: UserId,
        ids: &[NotificationId],
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let set = "mail_at = $2, mail_taken_at = NULL, mail_tries = mail_tries + 1";
        self.free_mail(user, ids, set, Some(until)).await
    }

    /// Releases notifications without counting an attempt.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn release_mail(&self, user: UserId, ids: &[NotificationId]) -> Result<(), StoreError> {
        self.free_mail(user, ids, "mail_taken_at = NULL", None).await
    }

    /// Releases notifications, and the user's hour.
    async fn free_mail(
        &self,
        user: UserId,
        ids: &[NotificationId],
        set: &str,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let sql = format!("UPDATE notifications SET {set} WHERE id IN ({})", self.dialect.texts());
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(list(ids)?);
        if let Some(at) = at {
            query = query.bind(at.millis());
        }
        query.execute(&mut *write.tx).await?;
        sqlx::query("UPDATE users SET digest_at = NULL WHERE id = $1")
            .bind(user.to_string())
            .execute(&mut *write.tx)
            .await?;
        write.commit().await
    }

    /// Gives up on mailing notifications, with the reason. Those outside the bell are also marked as read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn fail_mail(&self, ids: &[NotificationId], why: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE notifications SET mail_at = NULL, mail_failed_at = $2, mail_error = $3,
             read_at = CASE WHEN in_bell = 0 THEN $2 ELSE read_at END WHERE id IN ({})",
            self.dialect.texts()
        );
        // PostgreSQL texts cannot contain NUL.
        let why: String = why.chars().filter(|char| *char != '\0').take(MAX_REASON).collect();
        let query = sqlx::query(AssertSqlSafe(sql)).bind(list(ids)?).bind(now.millis()).bind(why);
        self.write_one(query).await?;
        Ok(())
    }

    /// Cancels the mail of notifications. Those outside the bell are also marked as read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn cancel_mail_of(&self, ids: &[NotificationId]) -> Result<(), StoreError> {
        let set = "mail_at = NULL, read_at = CASE WHEN in_bell = 0 THEN created_at ELSE read_at END";
        self.update_mail(set, ids, None).await
    }

    async fn update_mail(&self, set: &str, ids: &[NotificationId], at: Option<Timestamp>) -> Result<(), StoreError> {
        let sql = format!("UPDATE notifications SET {set} WHERE id IN ({})", self.dialect.texts());
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(list(ids)?);
        if let Some(at) = at {
            query = query.bind(at.millis());
        }
        let mut write = self.write().await?;
        query.execute(&mut *write.tx).await?;
        write.commit().await
    }
}

impl WriteTx {
    /// Cancels all queued mail of a user.
    pub(crate) async fn cancel_mail(&mut self, user: UserId) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE notifications SET mail_at = NULL WHERE user_id = $1 AND mail_at IS NOT NULL AND mailed_at IS NULL",
        )
        .bind(user.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

fn list(ids: &[NotificationId]) -> Result<String, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    serde_json::to_string(&ids).map_err(|error| StoreError::Unreadable(error.to_string()))
}
