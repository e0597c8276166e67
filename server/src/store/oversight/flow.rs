//! Reads how the tasks of a project moved through its columns.

use std::collections::HashMap;

use engine::{
    Category, ProjectId, Status, StatusId, TaskId, Timestamp, UserId,
    oversight::flow::count::{Timeline, TimelineStep, UnchangedCount},
    room::LogPlace,
};
use sqlx::{AnyConnection, AssertSqlSafe, Row as _, any::AnyRow};

use crate::store::{
    Store, StoreError,
    row::{Columns, from_word, readable},
    statuses,
};

/// The input of a project's flow metrics.
#[derive(Debug)]
pub(crate) struct FlowHistory {
    /// The end of the log at that moment.
    pub(crate) at: LogPlace,
    /// The columns, in order.
    pub(crate) statuses: Vec<Status>,
    /// Timelines of tasks that changed since, or are in progress or blocked.
    pub(crate) timelines: Vec<Timeline>,
    /// Titles and assignees of these tasks.
    pub(crate) described: HashMap<TaskId, Described>,
    /// Counts of all other tasks.
    pub(crate) unchanged: Vec<UnchangedCount>,
}

/// A task's title and assignee.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// Its title.
    pub(crate) title: String,
    /// Its assignee.
    pub(crate) assignee: Option<UserId>,
}

impl Store {
    /// The history of a project's tasks from a time on; `None` if there is no such project.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn flow(&self, project: ProjectId, from: Timestamp) -> Result<Option<FlowHistory>, StoreError> {
        let mut read = self.dialect.begin_read(&self.reader).await?;
        let Some(at) = place(&mut read, project).await? else { return Ok(None) };
        let statuses = statuses::all(&mut read, project).await?;
        // Subqueries make the database look each task up; a join would read all tasks and their whole history.
        let sql = format!(
            "SELECT w.task_id AS id,
              (SELECT COALESCE(t.assignee_id, '') || ' ' || t.title FROM tasks t WHERE t.id = w.task_id) AS task,
              (SELECT string_agg(CAST(h.at AS TEXT) || ' ' || h.status_id || ' ' || h.category
                || CASE WHEN h.present = 1 THEN ' there' ELSE ' gone' END
                || CASE WHEN h.blocked_reason IS NULL THEN ' free' ELSE ' blocked' END, ',' ORDER BY h.seq)
               FROM task_history h WHERE h.task_id = w.task_id) AS steps
             FROM (SELECT task_id FROM task_history WHERE project_id = $1 AND at >= $2
              UNION SELECT id FROM tasks WHERE status_id IN ({}) AND deleted_at IS NULL
              UNION SELECT id FROM tasks WHERE project_id = $1 AND blocked_reason IS NOT NULL) w",
            named(statuses.iter().filter(|status| status.category == Category::Doing))
        );
        let query = sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(project.to_string()).bind(from.millis());
        let rows = query.fetch_all(&mut *read).await?;
        let (timelines, described): (Vec<Timeline>, _) =
            readable("task_history", &rows, timeline).rows.into_iter().unzip();
        let sql = format!(
            "SELECT status_id AS id, COUNT(*) AS count FROM tasks WHERE status_id IN ({}) AND deleted_at IS NULL
             GROUP BY status_id",
            named(&statuses)
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(&mut *read).await?;
        read.commit().await?;
        let count = |row: &AnyRow| Ok((row.parse("id")?, row.count("count")?));
        let counts = readable("statuses", &rows, count).rows.into_iter().collect();
        let unchanged = unchanged(&statuses, counts, &timelines);
        Ok(Some(FlowHistory { at, statuses, timelines, described, unchanged }))
    }

    /// The names of users.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn names(&self, users: &[UserId]) -> Result<HashMap<UserId, String>, StoreError> {
        let ids: Vec<String> = users.iter().map(ToString::to_string).collect();
        let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let sql = format!("SELECT id, name FROM users WHERE id IN ({})", self.dialect.texts());
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(ids).fetch_all(&self.reader).await?;
        let name = |row: &AnyRow| Ok((row.parse("id")?, row.text("name")?));
        Ok(readable("users", &rows, name).rows.into_iter().collect())
    }
}

/// Columns for a statement that is planned on each call: as literals, because the planner knows the size of each
/// column.
pub(super) fn named<'a>(statuses: impl IntoIterator<Item = &'a Status>) -> String {
    let named: Vec<String> = statuses.into_iter().map(|status| format!("'{}'", status.id)).collect();
    // An IN list must not be empty.
    if named.is_empty() { "''".to_owned() } else { named.join(", ") }
}

/// The end of a project's log.
pub(super) async fn place(connection: &mut AnyConnection, project: ProjectId) -> Result<Option<LogPlace>, StoreError> {
    let sql = "SELECT epoch, seq FROM projects WHERE id = $1 AND deleted_at IS NULL";
    let row = sqlx::query(sql).bind(project.to_string()).fetch_optional(connection).await?;
    row.map(|row| Ok(LogPlace { epoch: row.parse("epoch")?, seq: row.seq("seq")? })).transpose()
}

/// Reads the row of a task. Its steps are one text: a row each would cost more than all the rest.
fn timeline(row: &AnyRow) -> Result<(Timeline, (TaskId, Described)), StoreError> {
    let (id, steps): (TaskId, &str) = (row.parse("id")?, row.try_get("steps")?);
    let steps: Option<Vec<TimelineStep>> = steps.split(',').map(step).collect();
    let steps = steps.ok_or_else(|| StoreError::Unreadable("steps".into()))?;
    let described = read(row.try_get("task")?).ok_or_else(|| StoreError::Unreadable("task".into()))?;
    Ok((Timeline { id, steps }, (id, described)))
}

/// Parses `<assignee> Title`; the assignee is empty if there is none.
fn read(text: &str) -> Option<Described> {
    let (assignee, title) = text.split_once(' ')?;
    let assignee = if assignee.is_empty() { None } else { Some(assignee.parse().ok()?) };
    Some(Described { title: title.to_owned(), assignee })
}

/// `1764000000120 <status> doing there free`.
fn step(text: &str) -> Option<TimelineStep> {
    let mut words = text.split(' ');
    Some(TimelineStep {
        at: Timestamp::from_millis(words.next()?.parse().ok()?),
        status: words.next()?.parse().ok()?,
        category: from_word(words.next()?)?,
        present: words.next()? == "there",
        blocked: words.next()? == "blocked",
    })
}

/// Tasks in a column without a timeline have been there all the time.
fn unchanged(statuses: &[Status], mut counts: HashMap<StatusId, u32>, timelines: &[Timeline]) -> Vec<UnchangedCount> {
    for last in timelines.iter().filter_map(|timeline| timeline.steps.last()).filter(|last| last.present) {
        if let Some(count) = counts.get_mut(&last.status) {
            *count = count.saturating_sub(1);
        }
    }
    let unchanged = statuses.iter().map(|Status { id, category, .. }| UnchangedCount {
        status: *id,
        category: *category,
        tasks: counts.get(id).copied().unwrap_or(0),
    });
    unchanged.filter(|unchanged| unchanged.tasks > 0).collect()
}
