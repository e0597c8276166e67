//! The event log of a project, in the form that sockets send.

use engine::{
    Change, Epoch, Event, EventId, OpId, ProjectId, Role, Timestamp, UserId,
    event::Unknown,
    room::{Located, LogPlace, Page},
};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, any::AnyRow};
use uuid::Uuid;

use super::{
    Store, StoreError,
    row::{Columns, leave_out, readable},
};
use crate::frame_text::FrameText;

/// One event of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its seq.
    pub seq: u64,
    /// Its id.
    pub event_id: EventId,
    /// The id of the event before it, if known.
    pub prev: Option<EventId>,
    /// The op that caused it.
    pub op_id: Option<OpId>,
    /// The event as JSON, encoded once for all sockets and the log.
    pub frame: FrameText,
}

/// The end of a project's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Top {
    /// The project.
    pub project: ProjectId,
    /// The position.
    pub place: LogPlace,
    /// The id of the last event, if the log still has it.
    pub last: Option<EventId>,
}

/// A page of a log, read in one transaction.
pub type LogPage = Page<Logged>;

impl Store {
    /// The ends of logs, in one query. Missing and deleted projects are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_tops(&self, projects: &[ProjectId]) -> Result<Vec<Top>, StoreError> {
        let sql = format!(
            "SELECT p.id, p.epoch, p.seq, e.event_id AS last FROM projects p
             LEFT JOIN project_events e ON e.project_id = p.id AND e.seq = p.seq
             WHERE p.id IN ({}) AND p.deleted_at IS NULL",
            self.dialect.texts()
        );
        let ids: Vec<String> = projects.iter().map(ProjectId::to_string).collect();
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(json!(ids).to_string()).fetch_all(&self.reader).await?;
        let top =
            |row: &AnyRow| Ok(Top { project: row.parse("id")?, place: place(row)?, last: event_id(row, "last")? });
        Ok(readable("projects", &rows, top).rows)
    }

    /// At most `limit` events after `since`, and the id of the event at `since`; `None` if there is no such project. A
    /// deleted project still has its log, which ends with `project_deleted`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_since(&self, project: ProjectId, since: u64, limit: usize) -> Result<Option<LogPage>, StoreError> {
        let project = project.to_string();
        let mut read = self.dialect.begin_read(&self.reader).await?;
        let top = sqlx::query(
            "SELECT epoch, seq, COALESCE((SELECT MIN(e.seq) FROM project_events e WHERE e.project_id = p.id), p.seq + 1)
             AS min_seq FROM projects p WHERE id = $1",
        )
        .bind(&project)
        .fetch_optional(&mut *read)
        .await?;
        let Some(top) = top else { return Ok(None) };
        let rows = sqlx::query(
            "SELECT seq, event_id, op_id, frame FROM project_events WHERE project_id = $1 AND seq >= $2
             ORDER BY seq LIMIT $3",
        )
        .bind(&project)
        .bind(i64::try_from(since).unwrap_or(i64::MAX))
        .bind(i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX))
        .fetch_all(&mut *read)
        .await?;
        read.commit().await?;
        let epoch = top.parse("epoch")?;
        let mut events = rows.iter().map(|row| logged(row, &project, epoch)).collect::<Result<Vec<_>, _>>()?;
        let before = events.first().filter(|event| event.seq == since).map(|event| event.event_id);
        events.drain(..usize::from(before.is_some()));
        events.truncate(limit);
        let mut prev = before;
        for event in &mut events {
            event.prev = prev.replace(event.event_id);
        }
        Ok(Some(LogPage { epoch, seq: top.seq("seq")?, min_seq: top.seq("min_seq")?, since, before, events }))
    }

    /// The end of a log and its readers; `None` if there is no such project, or it is deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_end(&self, project: ProjectId) -> Result<Option<Located>, StoreError> {
        let project = project.to_string();
        let mut read = self.dialect.begin_read(&self.reader).await?;
        let top = sqlx::query(
            "SELECT p.epoch, p.seq, e.event_id AS last FROM projects p
             LEFT JOIN project_events e ON e.project_id = p.id AND e.seq = p.seq
             WHERE p.id = $1 AND p.deleted_at IS NULL",
        )
        .bind(&project)
        .fetch_optional(&mut *read)
        .await?;
        let Some(top) = top else { return Ok(None) };
        let readers = sqlx::query("SELECT user_id FROM project_members WHERE project_id = $1")
            .bind(&project)
            .fetch_all(&mut *read)
            .await?;
        read.commit().await?;
        let readers = readable("project_members", &readers, |row| row.parse("user_id")).rows.into_iter().collect();
        Ok(Some(Located { place: place(&top)?, last: event_id(&top, "last")?, readers }))
    }

    /// A user's role in a project; `None` for non-members, and for deleted projects.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn member_role(&self, project: ProjectId, user: UserId) -> Result<Option<Role>, StoreError> {
        let row = sqlx::query(
            "SELECT m.role FROM project_members m JOIN projects p ON p.id = m.project_id AND p.deleted_at IS NULL
             WHERE m.project_id = $1 AND m.user_id = $2",
        )
        .bind(project.to_string())
        .bind(user.to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| row.word("role")).transpose()
    }
}

/// The id of the last event, or NULL. An unreadable one counts as missing, so that it does not block writes.
pub(super) fn event_id(row: &AnyRow, column: &str) -> Result<Option<EventId>, StoreError> {
    Ok(row.opt_text(column)?.and_then(|id| id.parse().ok()))
}

/// The end of a log, from its project's row.
pub(super) fn place(row: &AnyRow) -> Result<LogPlace, StoreError> {
    Ok(LogPlace { epoch: row.parse("epoch")?, seq: row.seq("seq")? })
}

/// Reads an event. An unreadable one keeps its seq, as an event without content: clients then fetch the board.
fn logged(row: &AnyRow, project: &str, epoch: Epoch) -> Result<Logged, StoreError> {
    let seq = row.seq("seq")?;
    let read = || {
        let frame = row.text("frame")?;
        // Valid JSON only, whatever it says: anything else would break the frames and responses around it.
        serde_json::from_str::<IgnoredAny>(&frame).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let (event_id, op_id) = (row.parse("event_id")?, row.opt_parse("op_id")?);
        Ok(Logged { seq, event_id, prev: None, op_id, frame: frame.into() })
    };
    Ok(read().unwrap_or_else(|error: StoreError| {
        leave_out("project_events", &format!("{project}/{seq}"), &error);
        // Cursors are compared with this id. If it is unreadable too, derive one that is the same on each read.
        let made_up = || EventId::new(Uuid::from_u128(epoch.uuid().as_u128() ^ u128::from(seq)));
        let event_id = row.parse("event_id").unwrap_or_else(|_: StoreError| made_up());
        let (nobody, at) = (UserId::new(Uuid::nil()), Timestamp::default());
        let change = Change::Unreadable(Unknown { kind: "unreadable".to_owned(), data: Value::Null });
        let event = Event { event_id, epoch, seq, op_id: None, change, triggered_by: nobody, timestamp: at };
        // An event without content can always be serialised.
        let frame = serde_json::to_string(&event).unwrap_or_default();
        Logged { seq, event_id, prev: None, op_id: None, frame: frame.into() }
    }))
}
