//! The length of logs, and pruning.

use engine::{Epoch, ProjectId, Timestamp};
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{
    Store, StoreError,
    row::{Columns, readable},
};

/// The range of a log.
#[derive(Clone, Copy, Debug)]
pub struct LogSpan {
    /// The project.
    pub project: ProjectId,
    /// The seq of its first event; one past the last if it has none.
    pub first: u64,
    /// The seq of its last event.
    pub last: u64,
}

impl Store {
    /// The logs with more than this many events.
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

    /// Removes events from `from` up to `to` (exclusive), or up to the first one not older than `before`. Returns
    /// where it stopped; the remaining log has no gap.
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

    /// Gives a log a new epoch, also inside its events. With `only`, just if the log still has that epoch. False if
    /// nothing changed, or the project is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotate_epoch(&self, project: ProjectId, only: Option<Epoch>) -> Result<bool, StoreError> {
        let mut write = self.write_project(project).await?;
        self.dialect.lift_statement_timeout(&mut write.tx).await?;
        let row = sqlx::query("SELECT epoch FROM projects WHERE id = $1")
            .bind(project.to_string())
            .fetch_optional(&mut *write.tx)
            .await?;
        // As a text: replacing an unreadable epoch repairs it.
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
        // Quotation marks inside texts are escaped, so this matches nowhere else.
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
