//! What `/ready` says of a database that does not do its work.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use server::{config::Config, realtime::Timing};

use crate::{
    harness::{Client, Db, Proxy, TestServer, Weather, WriteLock, on_both_databases},
    realtime::until,
};

/// How long an answer may take.
const SOON: Duration = Duration::from_secs(2);

/// What it says, within the time that it has.
async fn ready(anybody: &Client) -> (u16, Value) {
    let asked = Instant::now();
    let answer = anybody.get("/ready").await;
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    (answer.status, answer.json())
}

/// Waits until it says this of the database.
async fn says(anybody: &Client, status: u16, answers: bool, writable: bool) {
    until(&format!("{status}, database: {answers}, writable: {writable}"), async || {
        let (said, body) = ready(anybody).await;
        said == status && body["database"] == json!(answers) && body["writable"] == json!(writable)
    })
    .await;
}

on_both_databases! {
    async fn a_database_that_takes_no_writes_is_not_ready(db: Db) {
        let server = TestServer::start(db).await;
        let anybody = server.anonymous();
        says(&anybody, 200, true, true).await;
        let lock = WriteLock::take(&server).await;
        says(&anybody, 503, true, false).await;
        lock.release().await;
        says(&anybody, 200, true, true).await;
    }

    async fn to_ask_again_and_again_is_one_write_in_a_while(db: Db) {
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
async fn a_copy_that_is_read_only_is_not_ready() {
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
async fn a_database_behind_a_dead_cable_is_not_ready_and_the_answer_comes_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = Db::Postgres.fresh(folder.path()).await;
    let (head, database) = url.rsplit_once('/').expect("a database");
    let (user, target) = head.split_once('@').expect("a host");
    let proxy = Proxy::start(target).await;
    let mut config = Config::isolated(folder.path());
    config.database_url = Some(format!("{user}@{}/{database}", proxy.addr()));
    let server = TestServer::run(config, Timing::default(), folder).await;
    let anybody = server.anonymous();
    says(&anybody, 200, true, true).await;
    proxy.set(Weather::HalfOpen);
    says(&anybody, 503, false, false).await;
    for _ in 0..3 {
        assert_eq!(ready(&anybody).await.0, 503);
    }
}
