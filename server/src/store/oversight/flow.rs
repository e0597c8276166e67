//! How the tasks of a project came through its columns.

use std::collections::HashMap;

use engine::{
    ProjectId, Status, StatusId, TaskId, Timestamp, UserId,
    oversight::flow::count::{Life, Step, Still},
    room::Place,
};
use sqlx::{AnyConnection, AssertSqlSafe, Row as _, any::AnyRow};

use crate::store::{
    Store, StoreError,
    row::{Columns, from_word},
    statuses,
};

/// What a project's flow is counted from.
#[derive(Debug)]
pub(crate) struct Past {
    /// Where the log ended.
    pub(crate) at: Place,
    /// The columns, in order.
    pub(crate) statuses: Vec<Status>,
    /// Tasks that changed since, or that are worked on or blocked.
    pub(crate) lives: Vec<Life>,
    /// All others.
    pub(crate) still: Vec<Still>,
}

/// What a task is, besides how it stands.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// Its title.
    pub(crate) title: String,
    /// Who does it.
    pub(crate) assignee: Option<UserId>,
}

impl Store {
    /// How the tasks of a project stood from a moment on; `None` where there is no such project.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn flow(&self, project: ProjectId, from: Timestamp) -> Result<Option<Past>, StoreError> {
        let mut read = self.dialect.begin_read(&self.reader).await?;
        let Some(at) = place(&mut read, project).await? else { return Ok(None) };
        let statuses = statuses::all(&mut read, project).await?;
        let rows = sqlx::query(
            "WITH wanted AS (
              SELECT task_id FROM task_history WHERE project_id = $1 AND at >= $2
              UNION SELECT t.id FROM statuses s JOIN tasks t ON t.status_id = s.id AND t.deleted_at IS NULL
               WHERE s.project_id = $1 AND s.category = 'doing'
              UNION SELECT id FROM tasks WHERE project_id = $1 AND blocked_reason IS NOT NULL)
             SELECT h.task_id, h.at, h.status_id, h.category, h.present,
              CAST(CASE WHEN h.blocked_reason IS NULL THEN 0 ELSE 1 END AS BIGINT) AS blocked
             FROM wanted w JOIN task_history h ON h.task_id = w.task_id ORDER BY h.task_id, h.seq",
        )
        .bind(project.to_string())
        .bind(from.millis())
        .fetch_all(&mut *read)
        .await?;
        let lives = lives(&rows)?;
        let rows = sqlx::query(
            "SELECT s.id, (SELECT COUNT(*) FROM tasks t WHERE t.status_id = s.id AND t.deleted_at IS NULL) AS count
             FROM statuses s WHERE s.project_id = $1",
        )
        .bind(project.to_string())
        .fetch_all(&mut *read)
        .await?;
        read.commit().await?;
        let counts: Result<HashMap<StatusId, u32>, StoreError> =
            rows.iter().map(|row| Ok((row.parse("id")?, row.count("count")?))).collect();
        let still = still(&statuses, counts?, &lives);
        Ok(Some(Past { at, statuses, lives, still }))
    }

    /// What these tasks are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn described(&self, tasks: &[TaskId]) -> Result<HashMap<TaskId, Described>, StoreError> {
        let ids: Vec<String> = tasks.iter().map(ToString::to_string).collect();
        let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let sql = format!("SELECT id, title, assignee_id FROM tasks WHERE id IN ({})", self.dialect.texts());
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(ids).fetch_all(&self.reader).await?;
        let described = |row: &AnyRow| {
            Ok((row.parse("id")?, Described { title: row.text("title")?, assignee: row.opt_parse("assignee_id")? }))
        };
        rows.iter().map(described).collect()
    }

    /// What these people are called.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn names(&self, users: &[UserId]) -> Result<HashMap<UserId, String>, StoreError> {
        let ids: Vec<String> = users.iter().map(ToString::to_string).collect();
        let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let sql = format!("SELECT id, name FROM users WHERE id IN ({})", self.dialect.texts());
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(ids).fetch_all(&self.reader).await?;
        rows.iter().map(|row| Ok((row.parse("id")?, row.text("name")?))).collect()
    }
}

/// Where a project's log ends.
pub(super) async fn place(connection: &mut AnyConnection, project: ProjectId) -> Result<Option<Place>, StoreError> {
    let sql = "SELECT epoch, seq FROM projects WHERE id = $1 AND deleted_at IS NULL";
    let row = sqlx::query(sql).bind(project.to_string()).fetch_optional(connection).await?;
    row.map(|row| Ok(Place { epoch: row.parse("epoch")?, seq: row.seq("seq")? })).transpose()
}

/// From rows in the order of tasks. There are many: what two of them share is read once.
fn lives(rows: &[AnyRow]) -> Result<Vec<Life>, StoreError> {
    let mut lives: Vec<Life> = Vec::new();
    let mut statuses: HashMap<&str, StatusId> = HashMap::new();
    let mut last = "";
    for row in rows {
        let (task, status): (&str, &str) = (row.try_get(0)?, row.try_get(2)?);
        let status = match statuses.get(status) {
            Some(known) => *known,
            None => {
                let read = row.parse("status_id")?;
                statuses.insert(status, read);
                read
            }
        };
        let category: &str = row.try_get(3)?;
        let step = Step {
            at: Timestamp::from_millis(row.try_get(1)?),
            status,
            category: from_word(category).ok_or_else(|| StoreError::Unreadable("category".into()))?,
            present: row.try_get::<i64, _>(4)? == 1,
            blocked: row.try_get::<i64, _>(5)? == 1,
        };
        match lives.last_mut().filter(|_| task == last) {
            Some(life) => life.steps.push(step),
            None => lives.push(Life { id: row.parse("task_id")?, steps: vec![step] }),
        }
        last = task;
    }
    Ok(lives)
}

/// Who is in a column now and has no life here has been there all the time.
fn still(statuses: &[Status], mut counts: HashMap<StatusId, u32>, lives: &[Life]) -> Vec<Still> {
    for last in lives.iter().filter_map(|life| life.steps.last()).filter(|last| last.present) {
        if let Some(count) = counts.get_mut(&last.status) {
            *count = count.saturating_sub(1);
        }
    }
    let still = statuses.iter().map(|Status { id, category, .. }| Still {
        status: *id,
        category: *category,
        tasks: counts.get(id).copied().unwrap_or(0),
    });
    still.filter(|still| still.tasks > 0).collect()
}
