//! The tasks of a weekly report, as they are or were.

use engine::{Category, ProjectId, TaskId, Timestamp, UserId, oversight::report::Counts, room::LogPlace};
use sqlx::{Any, AssertSqlSafe, Row as _, any::AnyArguments, any::AnyRow, query::Query};

use super::flow::{named, place};
use crate::store::{
    Store, StoreError,
    row::{Columns, readable},
    statuses,
};

/// The bounds of a week, as the queries need them. Dates are midnights in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Week {
    /// Its first moment.
    pub(crate) from: Timestamp,
    /// The end of a past week, at which states are reported; `None` for the current week.
    pub(crate) to: Option<Timestamp>,
    /// Due dates before this one are overdue.
    pub(crate) overdue: Timestamp,
    /// The first date of the next week.
    pub(crate) due_from: Timestamp,
    /// The first date after the next week.
    pub(crate) due_to: Timestamp,
}

/// A task in a weekly report, as it was then.
#[derive(Clone, Debug)]
pub(crate) struct ReportedTask {
    pub(crate) id: TaskId,
    pub(crate) title: String,
    pub(crate) created_at: Timestamp,
    /// The name of its column; `None` if the column is gone.
    pub(crate) status: Option<String>,
    pub(crate) category: Category,
    pub(crate) assignee: Option<UserId>,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) blocked_reason: Option<String>,
    pub(crate) blocked_since: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
}

/// A project's part of a weekly report.
#[derive(Debug)]
pub(crate) struct Weekly {
    /// The end of the log at that moment.
    pub(crate) at: LogPlace,
    /// The tasks of the report, each once.
    pub(crate) tasks: Vec<ReportedTask>,
    /// The counts at the end of the week before.
    pub(crate) before: Counts,
}

/// The selected columns of a task in its current state.
const COLUMNS: &str =
    "id, title, created_at, status_id, assignee_id, due_at, blocked_reason, blocked_since, completed_at";
/// Tasks that belong in the report in their current state, each by its own index; the parameters are those of
/// [`bind`].
const NOW: [&str; 4] = [
    "completed_at >= $2",
    "created_at >= $2",
    "blocked_reason IS NOT NULL",
    "due_at < $6 AND due_at IS NOT NULL AND completed_at IS NULL",
];
/// The remaining ones, by their state at the end of the week. Unchanged tasks are in their current state.
const THEN: &str = " WHERE NOT EXISTS
     (SELECT 1 FROM task_history l WHERE l.project_id = $1 AND l.task_id = t.id AND l.at >= $3)
    UNION ALL SELECT t.id, t.title, t.created_at, s.name AS status, h.category, h.assignee_id, h.due_at, h.blocked_reason,
     h.blocked_since, h.completed_at
    FROM (SELECT DISTINCT task_id FROM task_history WHERE project_id = $1 AND at >= $3) c
    JOIN task_history h ON h.task_id = c.task_id AND h.present = 1
     AND h.seq = (SELECT MAX(b.seq) FROM task_history b WHERE b.task_id = c.task_id AND b.at < $3)
    JOIN tasks t ON t.id = h.task_id LEFT JOIN statuses s ON s.id = h.status_id";
/// The conditions of the categories, in the order of [`Counts`].
const PARTS: [&str; 6] = [
    "x.completed_at >= $2 AND x.completed_at < $3",
    "x.category = 'doing'",
    "x.completed_at IS NULL AND x.blocked_reason IS NOT NULL",
    "x.completed_at IS NULL AND x.due_at < $4",
    "x.completed_at IS NULL AND x.due_at >= $5 AND x.due_at < $6",
    "x.created_at >= $2 AND x.created_at < $3",
];

impl Store {
    /// The tasks of a week, and the counts of the week before; `None` if there is no such project.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn weekly(
        &self,
        project: ProjectId,
        week: &Week,
        before: &Week,
    ) -> Result<Option<Weekly>, StoreError> {
        let mut read = self.dialect.begin_read(&self.reader).await?;
        let Some(at) = place(&mut read, project).await? else { return Ok(None) };
        let doing = statuses::all(&mut read, project).await?;
        let doing = named(doing.iter().filter(|status| status.category == Category::Doing));
        let sql = format!("SELECT x.* FROM ({}) x WHERE ({})", states(week, &doing), PARTS.join(") OR ("));
        let rows = bind(&sql, project, week).fetch_all(&mut *read).await?;
        let tasks = readable("tasks", &rows, standing).rows;
        let sums = PARTS.map(|part| format!("CAST(COALESCE(SUM(CASE WHEN {part} THEN 1 ELSE 0 END), 0) AS BIGINT)"));
        let sql = format!("SELECT {} FROM ({}) x", sums.join(", "), states(before, &doing));
        let row = bind(&sql, project, before).fetch_one(&mut *read).await?;
        let count = |index: usize| {
            u32::try_from(row.try_get::<i64, _>(index)?).map_err(|_| StoreError::Unreadable("a count".into()))
        };
        let before = Counts {
            completed: count(0)?,
            in_progress: count(1)?,
            blocked: count(2)?,
            overdue: count(3)?,
            due_next_week: count(4)?,
            created: count(5)?,
        };
        read.commit().await?;
        Ok(Some(Weekly { at, tasks, before }))
    }
}

/// Tasks in their state during a week. The rows are read where the index finds them: the planner, which cannot know
/// how few there are, would scan all tasks.
fn states(week: &Week, doing: &str) -> String {
    let found = NOW.into_iter().map(str::to_owned).chain([format!("status_id IN ({doing})")]);
    let found = found.map(|condition| {
        format!("SELECT {COLUMNS} FROM tasks WHERE project_id = $1 AND deleted_at IS NULL AND {condition}")
    });
    let now = format!(
        "SELECT t.id, t.title, t.created_at, s.name AS status, s.category, t.assignee_id, t.due_at, t.blocked_reason,
         t.blocked_since, t.completed_at FROM ({}) t JOIN statuses s ON s.id = t.status_id",
        found.collect::<Vec<_>>().join(" UNION ")
    );
    if week.to.is_some() { now + THEN } else { now }
}

/// Planned on each call: a generic plan takes several times as long.
fn bind<'q>(sql: &str, project: ProjectId, week: &Week) -> Query<'q, Any, AnyArguments> {
    let Week { from, to, overdue, due_from, due_to } = *week;
    let query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
    let query = query.bind(project.to_string()).bind(from.millis()).bind(to.map_or(i64::MAX, Timestamp::millis));
    query.bind(overdue.millis()).bind(due_from.millis()).bind(due_to.millis())
}

fn standing(row: &AnyRow) -> Result<ReportedTask, StoreError> {
    Ok(ReportedTask {
        id: row.parse("id")?,
        title: row.text("title")?,
        created_at: row.time("created_at")?,
        status: row.opt_text("status")?,
        category: row.word("category")?,
        assignee: row.opt_parse("assignee_id")?,
        due_at: row.opt_time("due_at")?,
        blocked_reason: row.opt_text("blocked_reason")?,
        blocked_since: row.opt_time("blocked_since")?,
        completed_at: row.opt_time("completed_at")?,
    })
}
