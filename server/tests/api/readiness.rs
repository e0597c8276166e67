//! `/ready` with a database that does not work.

use std::time::{Duration, Instant};

use engine::ProjectId;
use serde_json::{Value, json};
use server::{config::Config, realtime::Timing};

use crate::{
    harness::{Answer, Client, Db, DiskPostgres, DiskServer, Proxy, TestServer, Weather, WriteLock, on_both_databases},
    realtime::until,
};

/// Timeout of a response.
const SOON: Duration = Duration::from_secs(2);

/// Longer than a result is cached.
const FRESH: Duration = Duration::from_millis(2100);

/// The response of `/ready`, within its timeout.
async fn ready(anybody: &Client) -> (u16, Value) {
    let asked = Instant::now();
    let answer = anybody.get("/ready").await;
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    (answer.status, answer.json())
}

/// Waits until it reports this about the database.
async fn says(anybody: &Client, status: u16, answers: bool, writable: bool) {
    until(&format!("{status}, database: {answers}, writable: {writable}"), async || {
        let (state, body) = ready(anybody).await;
        state == status && body["database"] == json!(answers) && body["writable"] == json!(writable)
    })
    .await;
}

/// Creates a card whose rows take several pages. Returns the response.
async fn long_card(client: &Client, project: ProjectId) -> Answer {
    let body = json!({ "title": "Long", "description": "word ".repeat(1600) });
    client.post(&format!("/api/projects/{project}/tasks"), body).await
}

/// Fills a disk whose files cannot grow, until every write is refused for longer than a result is cached.
async fn fill(client: &Client, project: ProjectId) {
    let mut refused_since = None;
    loop {
        let answer = long_card(client, project).await;
        if answer.status == 201 {
            refused_since = None;
            continue;
        }
        assert_eq!(answer.status, 507, "{}", answer.text);
        assert!(answer.text.contains(r#""code":"storage_full""#), "{}", answer.text);
        if refused_since.get_or_insert_with(Instant::now).elapsed() > FRESH {
            return;
        }
    }
}

on_both_databases! {
    async fn a_database_that_accepts_no_writes_is_not_ready(db: Db) {
        let server = TestServer::start(db).await;
        let anybody = server.anonymous();
        says(&anybody, 200, true, true).await;
        let lock = WriteLock::take(&server).await;
        says(&anybody, 503, true, false).await;
        lock.release().await;
        says(&anybody, 200, true, true).await;
    }

    async fn frequent_checks_cause_one_write_in_a_while(db: Db) {
        let server = TestServer::start(db).await;
        let anybody = server.anonymous();
        says(&anybody, 200, true, true).await;
        let probed = server.number("SELECT probed_at FROM write_probe").await;
        let asked = Instant::now();
        let answers = futures_util::future::join_all((0..50).map(|_| anybody.get("/ready"))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        if asked.elapsed() < Duration::from_secs(1) {
            assert_eq!(server.number("SELECT probed_at FROM write_probe").await, probed);
        }
        assert_eq!(server.number("SELECT COUNT(*) FROM write_probe").await, 1);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_read_only_copy_is_not_ready() {
    let server = TestServer::start(Db::Postgres).await;
    let anybody = server.anonymous();
    says(&anybody, 200, true, true).await;
    let name = server.texts("SELECT current_database()::text".to_owned()).await.remove(0);
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    server.execute_text(format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    server.execute(end).await;
    says(&anybody, 503, true, false).await;
    let reset = format!("BEGIN READ WRITE; ALTER DATABASE {name} RESET default_transaction_read_only; COMMIT");
    server.execute_text(reset).await;
    server.execute(end).await;
    says(&anybody, 200, true, true).await;
}

#[tokio::test(crate = "crate::harness")]
async fn an_unreachable_database_is_not_ready_and_the_response_is_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = Db::Postgres.fresh(folder.path()).await;
    let (head, database) = url.rsplit_once('/').expect("a database");
    let (user, target) = head.split_once('@').expect("a host");
    let proxy = Proxy::start(target).await;
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(format!("{user}@{}/{database}", proxy.addr()));
    let server = TestServer::run(config, Timing::default(), folder).await;
    let anybody = server.anonymous();
    says(&anybody, 200, true, true).await;
    proxy.set(Weather::HalfOpen);
    says(&anybody, 503, false, false).await;
    for _ in 0..3 {
        assert_eq!(ready(&anybody).await.0, 503);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_full_disk_is_not_ready_although_the_log_has_room_left() {
    let server = DiskServer::start(&[]).await;
    let ada = server.person("ada").await;
    let project = ada.project("Engine").await;
    for _ in 0..3 {
        long_card(&ada, project).await.expect(201);
        server.set_fixed(true);
        // At once: repeated probes use such room up themselves. What a checkpoint frees meanwhile is filled, too.
        let mut rounds = 0;
        let body = loop {
            fill(&ada, project).await;
            let (status, body) = ready(&server.anonymous()).await;
            rounds += 1;
            if status == 503 {
                break body;
            }
            assert!(rounds < 5, "{body}");
        };
        assert_eq!((&body["database"], &body["writable"]), (&json!(true), &json!(false)), "{body}");
        ada.board(project).await;
        server.set_fixed(false);
        says(&server.anonymous(), 200, true, true).await;
        long_card(&ada, project).await.expect(201);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_postgresql_with_a_full_disk_is_not_ready() {
    let (postgres, folder) = (DiskPostgres::start().await, tempfile::tempdir().expect("a folder"));
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(postgres.fresh().await);
    let server = TestServer::run(config, Timing::default(), folder).await;
    let ada = server.person("ada").await;
    let project = ada.project("Engine").await;
    says(&server.anonymous(), 200, true, true).await;
    // Several times, with the room that the last probes have left in their table.
    for _ in 0..2 {
        server.execute("VACUUM write_probe").await;
        postgres.set_fixed(true);
        fill(&ada, project).await;
        let (status, body) = ready(&server.anonymous()).await;
        assert_eq!((status, &body["database"], &body["writable"]), (503, &json!(true), &json!(false)), "{body}");
        ada.board(project).await;
        postgres.set_fixed(false);
        says(&server.anonymous(), 200, true, true).await;
        long_card(&ada, project).await.expect(201);
    }
}
