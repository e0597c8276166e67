//! What leads ask of a board with 100 000 tasks and 200 people: counted anew, and from what is kept.
//!
//! Counted anew: after a change of the board each time, as it is while people work.

use std::time::Duration;

use engine::{ProjectId, UserId};
use serde_json::json;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection as _, Executor as _, QueryBuilder};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{Failure, http::Connection, people::Board, report::Row, stack::Stack};

/// People of the board.
pub(crate) const PEOPLE: usize = 200;
/// Its tasks, of which four in five are open.
const TASKS: usize = 100_000;
/// Rows of one statement.
const CHUNK: usize = 1000;
/// How often each question is asked, anew and again.
const ROUNDS: usize = 20;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// What is asked: how a line of the table calls it, and its path.
const QUESTIONS: [(&str, &str); 2] = [
    ("workload by weeks", "/api/oversight/workload?unit=week&count=8"),
    ("heatmap by days", "/api/oversight/workload?unit=day&count=28"),
];

/// Fills a board, and asks each question anew and again. The row is of all that was counted anew.
pub(crate) async fn measure(stack: &Stack, board: &Board) -> Result<Row, Failure> {
    fill(stack, board).await?;
    let mut connection = Connection::open(stack.addr(0), &board.members[0]).await?;
    for (name, path) in QUESTIONS {
        let bytes = connection.write("GET", path, None, "").await?.len();
        if bytes < PEOPLE * 100 {
            return Err(format!("{name}: {bytes} bytes are no answer").into());
        }
    }
    let (mut all, mut notes) = (Vec::new(), Vec::new());
    for (name, path) in QUESTIONS {
        let (mut cold, mut cached) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
        for round in 0..ROUNDS {
            let task = format!("/api/tasks/{}", board.tasks[0]);
            connection.send("PATCH", &task, &json!({ "estimate_hours": round })).await?;
            cold.push(ask(&mut connection, path).await?);
            cached.push(ask(&mut connection, path).await?);
        }
        let [cold_p50, cold_max] = of(&mut cold);
        let [cached_p50, cached_max] = of(&mut cached);
        notes.push(format!(
            "{name}: {cold_p50:.0} ms anew (at most {cold_max:.0}), {cached_p50:.1} ms kept (at most {cached_max:.1})"
        ));
        all.extend(cold);
    }
    let mut micros: Vec<u32> = all.iter().map(|took| u32::try_from(took.as_micros()).unwrap_or(u32::MAX)).collect();
    micros.sort_unstable();
    Ok(Row { note: notes.join("; "), ..Row::timed(&micros) })
}

/// Asks, and says how long it took until the whole answer was there.
async fn ask(connection: &mut Connection, path: &str) -> Result<Duration, Failure> {
    let started = Instant::now();
    connection.write("GET", path, None, "").await?;
    Ok(started.elapsed())
}

/// The median and the longest, in milliseconds.
fn of(took: &mut [Duration]) -> [f64; 2] {
    took.sort_unstable();
    let millis = |index: usize| took.get(index).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0);
    [millis(took.len() / 2), millis(took.len().saturating_sub(1))]
}

/// Puts the tasks into the database, since the way over the API would take minutes: of the last year and the next
/// months, over all members and columns, some of them blocked, done, undated or not estimated.
async fn fill(stack: &Stack, board: &Board) -> Result<(), Failure> {
    let mut database = AnyConnection::connect(stack.database_url()).await?;
    let project: ProjectId = board.id.parse()?;
    let sql = format!("SELECT user_id FROM project_members WHERE project_id = '{project}' ORDER BY joined_at, user_id");
    let rows = database.fetch_all(AssertSqlSafe(sql)).await?;
    let people = rows.iter().map(|row| Ok(sqlx::Row::try_get::<String, _>(row, 0)?.parse()?));
    let people: Vec<UserId> = people.collect::<Result<_, Failure>>()?;
    let now = server::clock::now().millis();
    let today = now / DAY_MS * DAY_MS;
    let mut tx = database.begin().await?;
    for first in (0..TASKS).step_by(CHUNK) {
        let mut insert = QueryBuilder::<Any>::new(
            "INSERT INTO tasks (id, project_id, status_id, rank, title, description, description_version, assignee_id,
             priority, start_at, due_at, estimate_hours, blocked_reason, blocked_since, completed_at, created_by,
             created_at, updated_at, version) ",
        );
        insert.push_values(first..first + CHUNK, |mut row, number| {
            // Spread without chance, so that each run has the same board. The factors have no divisor in common.
            let n = i64::try_from(number).unwrap_or_default();
            let due = today + (n * 37 % 240 - 60) * DAY_MS;
            let dated = n % 10 != 0;
            let done = n % 5 == 0;
            let blocked = !done && n % 23 == 0;
            row.push_bind(Uuid::now_v7().to_string())
                .push_bind(project.to_string())
                .push_bind(board.statuses[number % board.statuses.len()].clone())
                .push_bind(format!("c{number:06}1"))
                .push_bind(format!("Task number {number}, with a title of common length"))
                .push_bind("A line or two that say what is to be done, and how one sees that it is.".to_owned())
                .push_bind(1_i64)
                .push_bind(people[number * 7 % people.len()].to_string())
                .push_bind("medium".to_owned())
                .push_bind(dated.then_some(due - n * 13 % 14 * DAY_MS))
                .push_bind(dated.then_some(due))
                .push_bind((n % 4 != 0).then_some((n % 16) as f64 + 0.5))
                .push_bind(blocked.then(|| "Waits for others".to_owned()))
                .push_bind(blocked.then_some(now - n % 30 * DAY_MS))
                .push_bind(done.then_some(now - n % 200 * DAY_MS))
                .push_bind(people[0].to_string())
                .push_bind(now - n % 365 * DAY_MS)
                .push_bind(now)
                .push_bind(1_i64);
        });
        insert.build().execute(&mut *tx).await?;
    }
    tx.commit().await?;
    // As the database does by itself sooner or later.
    database.execute("ANALYZE").await?;
    database.close().await?;
    Ok(())
}
