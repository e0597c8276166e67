//! A busy board does not block the others on PostgreSQL: writes to a project wait for each other in the process,
//! before they have a connection.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use engine::{ProjectId, Request, request::Method};
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use tokio::task::JoinSet;

use crate::harness::{Answer, Client, Db, PATIENCE, TestServer, new_op};

/// A foreign transaction that locks the row of a project.
struct Holder(AnyConnection);

impl Holder {
    async fn of(server: &TestServer, project: ProjectId) -> Self {
        let url = server.state().config.database_url();
        let mut connection = AnyConnection::connect(&url).await.expect("the database answers");
        let sql = format!("BEGIN; SELECT 1 FROM projects WHERE id = '{project}' FOR UPDATE");
        connection.execute(AssertSqlSafe(sql)).await.expect("the row is free");
        Self(connection)
    }

    /// Waits until a writer waits for the row. Returns its backend's process id.
    async fn awaited(&mut self) -> i32 {
        let sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        let until = Instant::now() + PATIENCE;
        loop {
            let row = self.0.fetch_optional(sql).await.expect("the database answers");
            if let Some(row) = row {
                return sqlx::Row::get(&row, 0);
            }
            assert!(Instant::now() < until, "nobody waits");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn let_go(mut self) {
        self.0.execute("ROLLBACK").await.expect("the database answers");
    }
}

async fn add(client: &Client, project: ProjectId, title: &str) -> Answer {
    client.post(&format!("/api/projects/{project}/tasks"), json!({ "title": title })).await
}

/// Starts this many writes to a project.
fn many(client: &Client, project: ProjectId, count: usize) -> JoinSet<Answer> {
    let mut writes = JoinSet::new();
    for number in 0..count {
        let client = client.clone();
        writes.spawn(async move { add(&client, project, &number.to_string()).await });
    }
    writes
}

#[tokio::test(crate = "crate::harness")]
async fn a_locked_board_does_not_block_the_others() {
    let server = TestServer::start_with(Db::Postgres, |config| {
        // Fewer than the waiting writes, which would otherwise take them all.
        (config.database.writers, config.database.readers) = (4.try_into().ok(), 2.try_into().ok());
    })
    .await;
    let ada = server.person("ada").await;
    let (held, other) = (ada.project("Held").await, ada.project("Other").await);
    let task = ada.task(held, "one").await;
    let mut holder = Holder::of(&server, held).await;
    let started = Instant::now();
    let mut waiting = many(&ada, held, 64);
    holder.awaited().await;
    // All kinds of requests work while all of them wait.
    for number in 0..20 {
        add(&ada, other, &number.to_string()).await.expect(201);
        assert_eq!(ada.board(other).await.tasks.len(), number + 1);
        assert_eq!(ada.board(held).await.tasks.len(), 1);
        ada.get("/api/projects").await.expect(200);
        ada.get(&format!("/api/tasks/{}", task.id)).await.expect(200);
    }
    ada.project("Third").await;
    server.person("bob").await;
    // The waiting clients are told within seconds when to retry.
    while let Some(answer) = waiting.join_next().await {
        let answer = answer.expect("no panic");
        let again = answer.headers["retry-after"].to_str().expect("a number").parse::<u32>().expect("a number");
        assert!((1..10).contains(&again));
        answer.refused(503, "busy");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    holder.let_go().await;
    add(&ada, held, "two").await.expect(201);
    assert_eq!(ada.board(held).await.seq, 2);
}

#[tokio::test(crate = "crate::harness")]
async fn waiting_writes_are_executed_once_in_order() {
    let server = TestServer::start(Db::Postgres).await;
    let ada = server.person("ada").await;
    let project = ada.project("Busy").await;
    let mut holder = Holder::of(&server, project).await;
    let mut waiting = many(&ada, project, 40);
    // Among them two of one op, a refused one, and one for a missing task.
    let op = new_op();
    let create = || Request::new(Method::Post, format!("/api/projects/{project}/tasks")).json(json!({ "title": "op" }));
    for _ in 0..2 {
        let (ada, request) = (ada.clone(), create());
        waiting.spawn(async move { ada.op(request, op).await });
    }
    let (bad, client) = (format!("/api/projects/{project}/tasks"), ada.clone());
    waiting.spawn(async move { client.post(&bad, json!({ "title": "x", "assignee_id": new_op() })).await });
    holder.awaited().await;
    holder.let_go().await;
    let (mut made, mut refused) = (0, 0);
    while let Some(answer) = waiting.join_next().await {
        match answer.expect("no panic").status {
            201 => made += 1,
            _ => refused += 1,
        }
    }
    assert_eq!((made, refused), (42, 1));
    let board = ada.board(project).await;
    let titles: BTreeSet<&str> = board.tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!((board.tasks.len(), titles.len(), board.seq), (41, 41, 41));
    let seqs = "SELECT COUNT(*) FROM (SELECT seq, ROW_NUMBER() OVER (ORDER BY seq) AS number FROM project_events) e
                WHERE seq = number";
    assert_eq!(server.number(seqs).await, 41);
}

#[tokio::test(crate = "crate::harness")]
async fn a_lane_recovers_from_a_lost_connection() {
    let server = TestServer::start(Db::Postgres).await;
    let ada = server.person("ada").await;
    let project = ada.project("Busy").await;
    for round in 1..=3 {
        let mut holder = Holder::of(&server, project).await;
        let write = {
            let ada = ada.clone();
            tokio::spawn(async move { add(&ada, project, "lost").await })
        };
        let pid = holder.awaited().await;
        server.execute_text(format!("SELECT pg_terminate_backend({pid})")).await;
        write.await.expect("no panic").refused(503, "unavailable");
        holder.let_go().await;
        add(&ada, project, "next").await.expect(201);
        assert_eq!(ada.board(project).await.seq, round);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_cancelled_write_releases_its_lane() {
    let server = TestServer::start(Db::Postgres).await;
    let ada = server.person("ada").await;
    let project = ada.project("Busy").await;
    let mut holder = Holder::of(&server, project).await;
    let mut gone = many(&ada, project, 5);
    holder.awaited().await;
    gone.abort_all();
    while gone.join_next().await.is_some() {}
    holder.let_go().await;
    for number in 0..5 {
        add(&ada, project, &format!("after {number}")).await.expect(201);
    }
    let board = ada.board(project).await;
    assert_eq!(board.seq, board.tasks.len() as u64, "each that is there is there as a whole");
    assert!(board.tasks.len() >= 5);
}
