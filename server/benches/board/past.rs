//! A board with two years of history: 100 000 tasks, most of them finished, as on any board of that age.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _};
use uuid::Uuid;

use crate::{Failure, people::Board, stack::Stack};

/// Its tasks.
const TASKS: usize = 100_000;
/// Hours of two years.
const AGE: i64 = 2 * 365 * 24;
/// The categories of its columns.
const CATEGORIES: [&str; 3] = ["todo", "doing", "done"];
/// Rows per statement.
pub(crate) const CHUNK: usize = 1000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Inserts tasks and history directly into the database, since the API would take an hour.
pub(crate) async fn fill(stack: &Stack, board: &Board) -> Result<(), Failure> {
    let mut database = AnyConnection::connect(stack.database_url()).await?;
    let sql =
        format!("SELECT user_id FROM project_members WHERE project_id = '{}' ORDER BY joined_at, user_id", board.id);
    let rows = database.fetch_all(AssertSqlSafe(sql)).await?;
    let people: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let now = server::clock::now().millis();
    let mut tx = database.begin().await?;
    for (status, category) in board.statuses.iter().zip(CATEGORIES) {
        tx.execute(AssertSqlSafe(format!("UPDATE statuses SET category = '{category}' WHERE id = '{status}'"))).await?;
    }
    for first in (0..TASKS).step_by(CHUNK) {
        let lives: Vec<Life> = (first..first + CHUNK).map(|number| Life::new(board, &people, now, number)).collect();
        let tasks: Vec<String> = lives.iter().map(Life::task).collect();
        tx.execute(AssertSqlSafe(format!(
            "INSERT INTO tasks (id, project_id, status_id, rank, title, description, description_version, assignee_id,
             priority, due_at, blocked_reason, blocked_since, completed_at, created_by, created_at, updated_at, version)
             VALUES {}",
            tasks.join(", ")
        )))
        .await?;
        let history: Vec<String> = lives.iter().flat_map(Life::history).collect();
        tx.execute(AssertSqlSafe(format!(
            "INSERT INTO task_history (task_id, project_id, seq, at, status_id, category, assignee_id, due_at,
             blocked_reason, blocked_since, completed_at, present) VALUES {}",
            history.join(", ")
        )))
        .await?;
    }
    tx.commit().await?;
    // As the database does by itself sooner or later.
    database.execute("ANALYZE").await?;
    database.close().await?;
    Ok(())
}

/// A task, from its creation to its current state. Deterministic, so that each run has the same board.
struct Life<'a> {
    board: &'a Board,
    id: Uuid,
    number: usize,
    assignee: &'a str,
    due: i64,
    /// When it entered each column.
    came: Vec<i64>,
    blocked: bool,
}

impl<'a> Life<'a> {
    fn new(board: &'a Board, people: &'a [String], now: i64, number: usize) -> Self {
        let n = i64::try_from(number).unwrap_or_default();
        let made = now - (n * 7919 % AGE) * HOUR_MS;
        let (begun, done) = (made + (n * 31 % 96 + 1) * HOUR_MS, made + (n * 31 % 96 + n * 53 % 240 + 2) * HOUR_MS);
        // One in twenty of those older than a month is still open, and three in four of the rest.
        let old = now - made > 30 * DAY_MS;
        let finished = done < now && if old { n % 20 != 0 } else { n % 4 == 0 };
        let came = match n % 3 {
            _ if finished => vec![made, begun, done],
            0 if begun < now => vec![made, begun],
            _ => vec![made],
        };
        let day = if finished { made } else { now } / DAY_MS;
        let due = (day + n * 37 % 60 - 10) * DAY_MS;
        let assignee = &people[number * 7 % people.len()];
        Self { board, id: Uuid::now_v7(), number, assignee, due, blocked: !finished && n % 23 == 0, came }
    }

    fn blocker(&self, at: i64) -> String {
        if self.blocked { format!("'Waits for others', {at}") } else { "NULL, NULL".to_owned() }
    }

    fn completed(&self, column: usize) -> String {
        if column == 2 { self.came[2].to_string() } else { "NULL".to_owned() }
    }

    fn task(&self) -> String {
        let Self { board, id, number, assignee, due, came, .. } = self;
        let (column, made, last) = (came.len() - 1, came[0], came[came.len() - 1]);
        let (blocker, completed) = (self.blocker(last), self.completed(column));
        format!(
            "('{id}', '{}', '{}', 'c{number:06}1', 'Task number {number}, with a title of common length',
              'A line or two that say what is to be done, and how one sees that it is.', 1, '{assignee}', 'medium', {due},
              {blocker}, {completed}, '{assignee}', {made}, {last}, 1)",
            board.id, board.statuses[column]
        )
    }

    fn history(&self) -> Vec<String> {
        let Self { board, id, assignee, due, came, .. } = self;
        let row = |(column, at): (usize, &i64)| {
            let category = CATEGORIES[column];
            let blocker = if column + 1 == came.len() { self.blocker(*at) } else { "NULL, NULL".to_owned() };
            let completed = self.completed(column);
            format!(
                "('{id}', '{}', {column}, {at}, '{}', '{category}', '{assignee}', {due}, {blocker}, {completed}, 1)",
                board.id, board.statuses[column]
            )
        };
        came.iter().enumerate().map(row).collect()
    }
}
