//! Oversight of boards with 100 000 tasks and 200 users, computed and cached. On one board the work lies ahead, since
//! load counts open tasks; the other one (`past`) has a history of two years.
//!
//! Computed means after a change of the board each time, as while people work.

use std::time::Duration;

use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    Failure,
    http::Connection,
    past::{self, CHUNK},
    people::Board,
    report::Row,
    stack::Stack,
};

/// Members of the board.
pub(crate) const PEOPLE: usize = 200;
/// Tasks of the board, of which four in five are open.
const TASKS: usize = 100_000;
/// How often each question is asked, computed and cached.
const ROUNDS: usize = 20;
/// Milliseconds per day.
const DAY_MS: i64 = 86_400_000;

/// The questions about a board full of plans: the label in the table, and the path.
const PLAN_QUERIES: [(&str, &str); 2] = [
    ("workload by weeks", "/api/oversight/workload?unit=week&count=8"),
    ("heatmap by days", "/api/oversight/workload?unit=day&count=28"),
];
/// The questions about a board with a past.
const PAST_QUERIES: [(&str, &str); 2] =
    [("report of the week", "/api/oversight/report?"), ("flow of 56 days", "/api/oversight/flow?")];

/// Fills two boards, and asks each question computed and cached. The row covers all computed ones.
pub(crate) async fn measure(stack: &Stack, plans: &Board, aged: &Board) -> Result<Row, Failure> {
    fill(stack, plans).await?;
    past::fill(stack, aged).await?;
    let (mut all, mut notes) = (Vec::new(), Vec::new());
    for (board, questions) in [(plans, PLAN_QUERIES), (aged, PAST_QUERIES)] {
        let mut connection = Connection::open(stack.addr(0), &board.members[0]).await?;
        for (name, path) in questions {
            let path = format!("{path}&project={}", board.id);
            let bytes = connection.write("GET", &path, None, "").await?.len();
            if bytes < PEOPLE * 100 {
                return Err(format!("{name}: {bytes} bytes are no answer").into());
            }
            let (mut cold, mut cached) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
            for round in 0..ROUNDS {
                let task = format!("/api/tasks/{}", board.tasks[0]);
                connection.send("PATCH", &task, &json!({ "estimate_hours": round })).await?;
                cold.push(ask(&mut connection, &path).await?);
                cached.push(ask(&mut connection, &path).await?);
            }
            let [cold_p50, cold_max] = of(&mut cold);
            let [cached_p50, cached_max] = of(&mut cached);
            notes.push(format!(
                "{name}: {cold_p50:.0} ms anew (at most {cold_max:.0}), {cached_p50:.1} ms kept (at most {cached_max:.1})"
            ));
            all.extend(cold);
        }
    }
    let mut micros: Vec<u32> = all.iter().map(|took| u32::try_from(took.as_micros()).unwrap_or(u32::MAX)).collect();
    micros.sort_unstable();
    Ok(Row { note: notes.join("; "), ..Row::timed(&micros) })
}

/// Sends a request. Returns the time until the complete response.
async fn ask(connection: &mut Connection, path: &str) -> Result<Duration, Failure> {
    let started = Instant::now();
    connection.write("GET", path, None, "").await?;
    Ok(started.elapsed())
}

/// The median and the maximum, in milliseconds.
fn of(took: &mut [Duration]) -> [f64; 2] {
    took.sort_unstable();
    let millis = |index: usize| took.get(index).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0);
    [millis(took.len() / 2), millis(took.len().saturating_sub(1))]
}

/// Inserts tasks directly into the database, since the API would take minutes: of the past and the coming months, over
/// all members and columns, some of them blocked, done, undated or without an estimate.
async fn fill(stack: &Stack, board: &Board) -> Result<(), Failure> {
    let mut database = AnyConnection::connect(stack.database_url()).await?;
    let sql =
        format!("SELECT user_id FROM project_members WHERE project_id = '{}' ORDER BY joined_at, user_id", board.id);
    let rows = database.fetch_all(AssertSqlSafe(sql)).await?;
    let people: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let now = server::clock::now().millis();
    let mut tx = database.begin().await?;
    for first in (0..TASKS).step_by(CHUNK) {
        let rows: Vec<String> = (first..first + CHUNK).map(|number| row(board, &people, now, number)).collect();
        tx.execute(AssertSqlSafe(format!(
            "INSERT INTO tasks (id, project_id, status_id, rank, title, description, description_version, assignee_id,
             priority, start_at, due_at, estimate_hours, blocked_reason, blocked_since, completed_at, created_by,
             created_at, updated_at, version) VALUES {}",
            rows.join(", ")
        )))
        .await?;
    }
    tx.commit().await?;
    // As the database does by itself sooner or later.
    database.execute("ANALYZE").await?;
    database.close().await?;
    Ok(())
}

/// A task. Deterministic, so that each run has the same board.
fn row(board: &Board, people: &[String], now: i64, number: usize) -> String {
    let n = i64::try_from(number).unwrap_or_default();
    let or_null = |there: bool, value: String| if there { value } else { "NULL".to_owned() };
    let due = now / DAY_MS * DAY_MS + (n * 37 % 240 - 60) * DAY_MS;
    let (dated, done) = (n % 9 != 0, n % 5 == 0);
    let blocked = !done && n % 23 == 0;
    let (project, maker) = (&board.id, &people[0]);
    let (status, assignee) = (&board.statuses[number % board.statuses.len()], &people[number * 7 % people.len()]);
    let start = or_null(dated, (due - n * 13 % 14 * DAY_MS).to_string());
    let due = or_null(dated, due.to_string());
    let estimate = or_null(n % 4 != 0, format!("{}.5", n % 16));
    let reason = or_null(blocked, "'Waits for others'".to_owned());
    let since = or_null(blocked, (now - n % 30 * DAY_MS).to_string());
    let completed = or_null(done, (now - n % 200 * DAY_MS).to_string());
    let made = now - n % 365 * DAY_MS;
    format!(
        "('{}', '{project}', '{status}', 'c{number:06}1', 'Task number {number}, with a title of common length',
          'A line or two that say what is to be done, and how one sees that it is.', 1, '{assignee}', 'medium',
          {start}, {due}, {estimate}, {reason}, {since}, {completed}, '{maker}', {made}, {now}, 1)",
        Uuid::now_v7()
    )
}
