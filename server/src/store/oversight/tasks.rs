//! Lists the tasks behind a workload figure.

use engine::{ProjectId, Role, TaskId, UserId, day::Day, oversight::workload::LoadTask};
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::store::{
    Store, StoreError,
    row::{Columns, optional, readable},
};

/// A selection of open tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskFilter {
    /// With a date in this range of days, both ends included, or with dates on both sides of it.
    Within(Day, Day),
    /// All.
    Open,
    /// With a last day before this one.
    DueBefore(Day),
    /// Blocked tasks.
    Blocked,
    /// Without a date.
    Undated,
}

/// The start of a page: after this task with this sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct After {
    /// Milliseconds since 1970; the greatest number if the task has no date.
    pub(crate) date: i64,
    /// The task.
    pub(crate) task: TaskId,
}

/// The sort key of tasks without a date: after all others.
const UNDATED: i64 = i64::MAX;

impl Store {
    /// Up to `limit` open tasks of an assignee, or without one, in these projects, sorted by the last day of work, or
    /// else the first. Each comes with its sort key and the reader's role in its project; `hours` are still those of
    /// the whole task. Also returns where the page ends, unless it is the last one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn load_tasks(
        &self,
        reader: UserId,
        projects: &[ProjectId],
        user: Option<UserId>,
        behind: TaskFilter,
        after: Option<After>,
        limit: usize,
    ) -> Result<(Vec<(After, Role, LoadTask)>, Option<After>), StoreError> {
        let millis = |day: Day| day.timestamp().millis();
        let (condition, from, to) = match behind {
            TaskFilter::Within(from, to) => (
                // Either date may be the earlier one.
                "(t.start_at <= $6 OR t.due_at <= $6) AND (t.start_at >= $5 OR t.due_at >= $5)",
                millis(from),
                millis(to),
            ),
            TaskFilter::Open => ("$5 = $6", 0, 0),
            TaskFilter::DueBefore(day) => ("t.due_at < $5 AND $6 = 0", millis(day), 0),
            TaskFilter::Blocked => ("t.blocked_since IS NOT NULL AND $5 = $6", 0, 0),
            TaskFilter::Undated => ("t.start_at IS NULL AND t.due_at IS NULL AND $5 = $6", 0, 0),
        };
        let whose = if user.is_some() { "t.assignee_id = $2" } else { "t.assignee_id IS NULL AND $2 = ''" };
        let sql = format!(
            "SELECT * FROM (
                 SELECT t.id, t.project_id, p.name AS project, t.title, t.status_id, s.name AS status, t.assignee_id,
                 t.priority, t.start_at, t.due_at, t.estimate_hours, t.blocked_reason, m.role,
                 COALESCE(t.due_at, t.start_at, $7) AS date
                 FROM tasks t JOIN projects p ON p.id = t.project_id JOIN statuses s ON s.id = t.status_id
                 JOIN project_members m ON m.project_id = t.project_id AND m.user_id = $3
                 WHERE t.project_id IN ({}) AND {whose} AND t.deleted_at IS NULL AND t.completed_at IS NULL
                 AND {condition}
             ) AS x WHERE x.date > $4 OR (x.date = $4 AND x.id > $8) ORDER BY x.date, x.id LIMIT $9",
            self.dialect.texts()
        );
        let ids: Vec<String> = projects.iter().map(ToString::to_string).collect();
        let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(ids)
            .bind(user.map(|user| user.to_string()).unwrap_or_default())
            .bind(reader.to_string())
            .bind(after.map_or(i64::MIN, |after| after.date))
            .bind(from)
            .bind(to)
            .bind(UNDATED)
            .bind(after.map(|after| after.task.to_string()).unwrap_or_default())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.reader)
            .await?;
        // By the last row, even if no task of the page can be read.
        let end = rows.last().filter(|_| rows.len() == limit);
        let end = optional("tasks", end, |row| Ok(After { date: row.int("date")?, task: row.parse("id")? }));
        Ok((readable("tasks", &rows, load_task).rows, end))
    }
}

fn load_task(row: &AnyRow) -> Result<(After, Role, LoadTask), StoreError> {
    let estimate_hours = row.opt_float("estimate_hours")?;
    let (id, role) = (row.parse("id")?, row.word::<Role>("role")?);
    let task = LoadTask {
        id,
        project_id: row.parse("project_id")?,
        project: row.text("project")?,
        title: row.text("title")?,
        status_id: row.parse("status_id")?,
        status: row.text("status")?,
        assignee_id: row.opt_parse("assignee_id")?,
        priority: row.word("priority")?,
        start_at: row.opt_time("start_at")?,
        due_at: row.opt_time("due_at")?,
        estimate_hours,
        hours: estimate_hours.unwrap_or_default(),
        blocked_reason: row.opt_text("blocked_reason")?,
        editable: false,
    };
    Ok((After { date: row.int("date")?, task: id }, role, task))
}
