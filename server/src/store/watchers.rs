//! The watchers of tasks.

use engine::{TaskId, UserId};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::{Columns, leave_out},
};

/// The column of table `t` from which [`read`] reads the watchers of a task, within a row that a write reads anyway.
macro_rules! watchers_column {
    () => {
        "(SELECT string_agg(w.user_id || CASE WHEN w.by_creation = 1 THEN '+' ELSE '' END, ',') FROM task_watchers w
          WHERE w.task_id = t.id AND w.watching = 1) AS watchers"
    };
}
pub(super) use watchers_column;

/// The watchers of one task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watchers {
    all: Vec<UserId>,
    /// Those who watch it only because they created it.
    creators: Vec<UserId>,
}

impl Watchers {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = UserId> {
        self.all.iter().copied()
    }

    /// Whether a user watches the task.
    pub(crate) fn contains(&self, user: UserId) -> bool {
        self.all.contains(&user)
    }

    /// Whether a user watches the task only because they created it.
    pub(crate) fn only_created(&self, user: UserId) -> bool {
        self.creators.contains(&user)
    }

    /// Whether a user's watching is settled, so that a new reason to watch changes nothing.
    pub(crate) fn settled(&self, user: UserId) -> bool {
        self.contains(user) && !self.only_created(user)
    }
}

/// Reads the column of `watchers_column!`.
pub(super) fn read(row: &AnyRow) -> Result<Watchers, StoreError> {
    let text = row.opt_text("watchers")?.unwrap_or_default();
    let mut watchers = Watchers::default();
    for entry in text.split(',').filter(|entry| !entry.is_empty()) {
        let id = entry.trim_end_matches('+');
        match id.parse() {
            Ok(user) => {
                watchers.all.push(user);
                watchers.creators.extend((id != entry).then_some(user));
            }
            Err(_) => leave_out("task_watchers", id, &StoreError::Unreadable("user_id".into())),
        }
    }
    Ok(watchers)
}

impl WriteTx {
    /// Makes users watchers of tasks that concern them, unless they stopped watching. Returns the number of changed
    /// rows.
    pub(crate) async fn watch(&mut self, watchers: &[(TaskId, UserId)]) -> Result<u64, StoreError> {
        let mut fresh = 0;
        for chunk in watchers.chunks(CHUNK) {
            // Both databases call the columns of a VALUES list column1, column2. Without WHERE, SQLite parses ON as
            // part of a join.
            let sql = format!(
                "INSERT INTO task_watchers (task_id, user_id, watching)
                 SELECT v.column1, v.column2, 1 FROM (VALUES {}) AS v WHERE TRUE
                 ON CONFLICT (task_id, user_id) DO UPDATE SET by_creation = 0 WHERE task_watchers.by_creation = 1",
                placeholders(chunk.len(), 2)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(chunk.len() == 1);
            for (task, user) in chunk {
                query = query.bind(task.to_string()).bind(user.to_string());
            }
            fresh += query.execute(&mut *self.tx).await?.rows_affected();
        }
        Ok(fresh)
    }

    /// Makes the creator of a new task its watcher.
    pub(crate) async fn watch_created(&mut self, task: TaskId, user: UserId) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO task_watchers (task_id, user_id, watching, by_creation) VALUES ($1, $2, 1, 1)")
            .bind(task.to_string())
            .bind(user.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Makes a user watch or stop watching a task at their own request.
    pub(crate) async fn set_watching(&mut self, task: TaskId, user: UserId, watching: bool) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO task_watchers (task_id, user_id, watching) VALUES ($1, $2, $3)
             ON CONFLICT (task_id, user_id) DO UPDATE SET watching = excluded.watching, by_creation = 0",
        )
        .bind(task.to_string())
        .bind(user.to_string())
        .bind(i64::from(watching))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
