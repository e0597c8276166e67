//! The queue of invitation e-mails, and their results.

use engine::{InvitationId, Timestamp, UserId};
use sqlx::AssertSqlSafe;

use super::{
    Store, StoreError, WriteTx,
    mail::{FREE, LEASE_MS, MAX_REASON},
    row::{Columns, optional},
};

/// Whether a letter was sent, failed, or is queued.
const MAILED: &str = "(mail_at IS NOT NULL OR mailed_at IS NOT NULL OR mail_failed_at IS NOT NULL)";

impl Store {
    /// Claims a due invitation, so that no other node sends it before the lease ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn claim_invitation(&self, now: Timestamp) -> Result<Option<InvitationId>, StoreError> {
        let open = format!("{FREE} AND accepted_at IS NULL AND revoked_at IS NULL");
        // The condition appears twice: the second one skips a row that another node claimed first.
        let sql = format!(
            "UPDATE invitations SET mail_taken_at = $1 WHERE id =
              (SELECT id FROM invitations WHERE {open} ORDER BY mail_at, id LIMIT 1)
             AND {open} RETURNING id"
        );
        loop {
            let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(now.millis()).bind(now.plus(-LEASE_MS).millis());
            let mut write = self.write().await?;
            let rows = query.fetch_all(&mut *write.tx).await?;
            write.commit().await?;
            let Some(row) = rows.first() else { return Ok(None) };
            // A row with an unreadable id is claimed all the same, so that it does not block the next one.
            if let Some(id) = optional("invitations", Some(row), |row| row.parse("id")) {
                return Ok(Some(id));
            }
        }
    }

    /// Marks the letter as sent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn mark_invitation_sent(&self, id: InvitationId, now: Timestamp) -> Result<(), StoreError> {
        self.update_invitation(id, "mailed_at = $2", Some(now)).await
    }

    /// Postpones a letter that could not be sent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn postpone_invitation(&self, id: InvitationId, until: Timestamp) -> Result<(), StoreError> {
        self.update_invitation(id, "mail_at = $2, mail_taken_at = NULL, mail_tries = mail_tries + 1", Some(until)).await
    }

    /// Releases a letter without counting an attempt.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn release_invitation(&self, id: InvitationId) -> Result<(), StoreError> {
        self.update_invitation(id, "mail_taken_at = NULL", None).await
    }

    /// Cancels the letter: the invitation has ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn cancel_invitation_letter(&self, id: InvitationId) -> Result<(), StoreError> {
        self.update_invitation(id, "mail_at = NULL", None).await
    }

    /// Gives up on the letter, with the reason.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn fail_invitation(&self, id: InvitationId, why: &str, now: Timestamp) -> Result<(), StoreError> {
        // PostgreSQL texts cannot contain NUL.
        let why: String = why.chars().filter(|char| *char != '\0').take(MAX_REASON).collect();
        let sql = "UPDATE invitations SET mail_at = NULL, mail_failed_at = $2, mail_error = $3 WHERE id = $1";
        self.write_one(sqlx::query(sql).bind(id.to_string()).bind(now.millis()).bind(why)).await?;
        Ok(())
    }

    async fn update_invitation(&self, id: InvitationId, set: &str, at: Option<Timestamp>) -> Result<(), StoreError> {
        let sql = format!("UPDATE invitations SET {set} WHERE id = $1");
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(id.to_string());
        if let Some(at) = at {
            query = query.bind(at.millis());
        }
        self.write_one(query).await?;
        Ok(())
    }
}

impl WriteTx {
    /// How many letters a member has caused since a time, across all projects.
    pub(crate) async fn letters_by(&mut self, inviter: UserId, since: Timestamp) -> Result<i64, StoreError> {
        let sql = format!(
            "SELECT COUNT(*) AS letters FROM invitations WHERE invited_by = $1 AND created_at > $2 AND {MAILED}"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(inviter.to_string()).bind(since.millis());
        query.fetch_one(&mut *self.tx).await?.int("letters")
    }

    /// When the `nth` last letter to an address was, or will be, sent; 0 is the last one.
    pub(crate) async fn last_letter_to(&mut self, email: &str, nth: u32) -> Result<Option<Timestamp>, StoreError> {
        // Letters revoked before they were sent don't count.
        let row = sqlx::query(
            "SELECT COALESCE(mailed_at, mail_at) AS sent FROM invitations WHERE email = $1
             AND (mailed_at IS NOT NULL OR (mail_at IS NOT NULL AND revoked_at IS NULL AND accepted_at IS NULL))
             ORDER BY COALESCE(mailed_at, mail_at) DESC LIMIT 1 OFFSET $2",
        )
        .bind(email)
        .bind(i64::from(nth))
        .fetch_optional(&mut *self.tx)
        .await?;
        row.map(|row| row.time("sent")).transpose()
    }
}
