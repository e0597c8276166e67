//! The last rows of a write to a project, in one round trip to the database.
//!
//! Separate statements would cost more than the rows: on SQLite each round trip goes to the thread of the connection
//! and back.

use engine::{OpId, ProjectId, Timestamp, UserId};
use sqlx::{Any, AssertSqlSafe, any::AnyArguments, query::Query};

use super::{
    StoreError, WriteTx,
    dialect::CHUNK,
    log::Logged,
    ops::StoredResponse,
    row::Columns,
    tasks::{self, TaskRow, history},
};

/// The rows that end a write to a project.
pub(crate) struct CommitRows<'a> {
    /// The project whose log grows.
    pub(crate) project: ProjectId,
    /// The events to append, in order.
    pub(crate) events: &'a [Logged],
    /// The seq of the log after them.
    pub(crate) seq: u64,
    /// The time of the write.
    pub(crate) at: Timestamp,
    /// How many tasks were created.
    pub(crate) created: usize,
    /// The changed task, if there is exactly one. Adds a history row when a recorded field changed.
    pub(crate) task: Option<&'a TaskRow>,
    /// The user and op id of the write and its response, if a client may repeat the request.
    pub(crate) response: Option<(UserId, OpId, &'a StoredResponse)>,
}

impl CommitRows<'_> {
    /// Writes these rows and commits them with everything written before, then runs `after_commit`; callbacks run in
    /// the order of the writes to a project. [`StoreError::Exists`] when another request with this op id was faster.
    pub(crate) async fn commit(
        &self,
        mut write: WriteTx,
        after_commit: impl FnOnce() + Send + 'static,
    ) -> Result<(), StoreError> {
        let Self { project, events, seq, at, created, task, response } = *self;
        let (project, count) = (project.to_string(), i64::try_from(events.len()).unwrap_or(i64::MAX));
        let (earlier, last) = events.split_at(events.len().saturating_sub(1) / CHUNK * CHUNK);
        for chunk in earlier.chunks(CHUNK) {
            let sql = insert_events(chunk.len(), 1, 2, 3);
            let query = sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(&project).bind(at.millis());
            bind_events(query, chunk).execute(&mut *write.tx).await?;
        }

        let (mut also, mut next) = (Vec::with_capacity(4), 1);
        if task.is_some() {
            also.push(tasks::UPDATE.clone());
            next += *tasks::UPDATE_PARAMETERS;
        }
        let (of, by, now) = (next, next + 1, next + 2);
        next += 3;
        let recorded = task.filter(|row| row.state_changed());
        if recorded.is_some() {
            also.push(history::append(of, next, now));
            next += 1;
        }
        if response.is_some() {
            also.push(format!(
                "INSERT INTO client_ops (user_id, op_id, request_hash, status, answer, created_at)
                 VALUES (${next}, ${}, ${}, ${}, ${}, ${now})",
                next + 1,
                next + 2,
                next + 3,
                next + 4
            ));
            next += 5;
        }
        if !last.is_empty() {
            also.push(insert_events(last.len(), of, now, next));
        }
        // In the text rather than as a parameter, so that most writes share one prepared statement without it.
        let counted = if created > 0 { format!(", task_count = task_count + {created}") } else { String::new() };
        let advance = format!("UPDATE projects SET seq = seq + ${by}{counted} WHERE id = ${of} RETURNING seq");
        let mut sql = write.dialect.combine(&also, &advance);
        let commit_suffix = write.tx.commit_suffix();
        sql.push_str(commit_suffix);

        // Most writes have one event: that statement is worth preparing.
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(events.len() == 1);
        if let Some(row) = task {
            query = tasks::bind_update(query, row.stored())?;
        }
        query = query.bind(&project).bind(count).bind(at.millis());
        if recorded.is_some() {
            query = query.bind(history::stored_seq(seq));
        }
        if let Some((user, op, response)) = response {
            query = query.bind(user.to_string()).bind(op.to_string()).bind(&response.fingerprint);
            query = query.bind(i64::from(response.status)).bind(&response.body);
        }
        // Fetch all rows: SQLite does not run the remaining statements for a reader that stops at the first row.
        let rows = bind_events(query, last).fetch_all(&mut *write.tx).await?;
        let top = rows.first().ok_or(sqlx::Error::RowNotFound)?.seq("seq")?;
        if !commit_suffix.is_empty() {
            // No other process can have written: the lock was held for the whole write.
            write.tx.committed(Box::new(after_commit)).await;
            return Ok(());
        }
        if top != seq {
            return Err(StoreError::ConcurrentWriter);
        }
        write.tx.commit(Box::new(after_commit)).await
    }
}

/// SQL that appends this many events to a log. Their parameters begin at `next`, four each.
fn insert_events(count: usize, project: usize, at: usize, next: usize) -> String {
    let row = |row: usize| {
        let first = next + row * 4;
        format!("(${project}, ${first}, ${}, ${}, ${}, ${at})", first + 1, first + 2, first + 3)
    };
    let rows: Vec<String> = (0..count).map(row).collect();
    format!(
        "INSERT INTO project_events (project_id, seq, event_id, op_id, frame, created_at) VALUES {}",
        rows.join(", ")
    )
}

fn bind_events<'q>(mut query: Query<'q, Any, AnyArguments>, events: &'q [Logged]) -> Query<'q, Any, AnyArguments> {
    for event in events {
        query = query
            .bind(i64::try_from(event.seq).unwrap_or(i64::MAX))
            .bind(event.event_id.to_string())
            .bind(event.op_id.map(|id| id.to_string()))
            .bind(event.frame.as_str());
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_parameters_are_numbered_consecutively() {
        let sql = insert_events(2, 1, 2, 3);
        assert!(sql.ends_with("VALUES ($1, $3, $4, $5, $6, $2), ($1, $7, $8, $9, $10, $2)"), "{sql}");
    }
}
