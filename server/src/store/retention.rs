//! Logs as a whole: how long they are, and what is taken from them.

use engine::{Epoch, ProjectId, Timestamp};
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{
    Store, StoreError,
    row::{Columns, readable},
};

/// What a log holds.
#[derive(Clone, Copy, Debug)]
pub struct LogSpan {
    /// Whose.
    pub project: ProjectId,
    /// Its first event that is still there; one past the last when none is.
    pub first: u64,
    /// Its last event.
    pub last: u64,
}

impl Store {
    /// The logs that had more than so many events.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn logs_longer_than(&self, events: u64) -> Result<Vec<LogSpan>, StoreError> {
        let rows = sqlx::query(
            "SELECT p.id, p.seq, COALESCE((SELECT MIN(e.seq) FROM project_events e WHERE e.project_id = p.id), p.seq + 1)
             AS first_seq FROM projects p WHERE p.seq > $1",
        )
        .bind(i64::try_from(events).unwrap_or(i64::MAX))
        .fetch_all(&self.reader)
        .await?;
        let span = |row: &AnyRow| {
            Ok(LogSpan { project: row.parse("id")?, first: row.seq("first_seq")?, last: row.seq("seq")? })
        };
        Ok(readable("projects", &rows, span).rows)
    }

    /// Removes events from `from` on, up to `to` (exclusive) or the first one that was not made
    /// `before` a moment, and says where it stopped: what remains has no gap.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prune_log(
        &self,
        project: ProjectId,
        from: u64,
        to: u64,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let number = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        let young = sqlx::query(
            "SELECT MIN(seq) AS seq FROM project_events
             WHERE project_id = $1 AND seq >= $2 AND seq < $3 AND created_at >= $4",
        )
        .bind(project.to_string())
        .bind(number(from))
        .bind(number(to))
        .bind(before.millis())
        .fetch_one(&self.reader)
        .await?;
        let end = young.opt_int("seq")?.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(to);
        let query = sqlx::query("DELETE FROM project_events WHERE project_id = $1 AND seq >= $2 AND seq < $3")
            .bind(project.to_string())
            .bind(number(from))
            .bind(number(end));
        self.write_many(query).await?;
        Ok(end)
    }

    /// Gives a log another epoch, also in the events that it holds; where `only` is given, unless it has another one
    /// than that by now. False when it keeps the one that it has, or is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotate_epoch(&self, project: ProjectId, only: Option<Epoch>) -> Result<bool, StoreError> {
        let mut write = self.write_project(project).await?;
        self.dialect.take_time(&mut write.tx).await?;
        let row = sqlx::query("SELECT epoch FROM projects WHERE id = $1")
            .bind(project.to_string())
            .fetch_optional(&mut *write.tx)
            .await?;
        // As a text: one that cannot be read is healed by another one.
        let old = row.map(|row| row.text("epoch")).transpose()?;
        let Some(old) = old.filter(|old| only.is_none_or(|only| only.to_string() == *old)) else {
            write.commit().await?;
            return Ok(false);
        };
        let new = Epoch::new(Uuid::new_v4());
        sqlx::query("UPDATE projects SET epoch = $2 WHERE id = $1")
            .bind(project.to_string())
            .bind(new.to_string())
            .execute(&mut *write.tx)
            .await?;
        // A quotation mark inside a text is escaped, so this is found nowhere else.
        let field = |epoch: &str| format!(r#""epoch":"{epoch}""#);
        sqlx::query("UPDATE project_events SET frame = REPLACE(frame, $2, $3) WHERE project_id = $1")
            .bind(project.to_string())
            .bind(field(&old))
            .bind(field(&new.to_string()))
            .execute(&mut *write.tx)
            .await?;
        write.commit().await?;
        Ok(true)
    }
}
