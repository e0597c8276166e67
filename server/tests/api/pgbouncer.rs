//! Behind PgBouncer in transaction mode: works if configured, and is refused if not.

use engine::{Request, request::Method};
use serde_json::json;
use server::store::{Store, StoreError, StoreOptions};
use tokio::task::JoinSet;

use crate::harness::{Db, PgBouncer, TestServer, new_op, path};

#[tokio::test(crate = "crate::harness")]
async fn two_nodes_that_share_three_connections_serve_many() {
    let first = TestServer::start_behind_pgbouncer().await;
    // It finds the schema migrated, through the same way as the first node.
    let second = first.beside(Default::default(), |_| ()).await;
    let ada = first.person("ada").await;
    let beside = ada.at(second.addr());
    let (project, other) = (ada.project("Engine").await, ada.project("Other").await);
    let task = ada.task(project, "card").await;
    let columns = ada.statuses(project).await;
    let mut requests = JoinSet::new();
    for number in 0..40 {
        let client = if number % 2 == 0 { ada.clone() } else { beside.clone() };
        let (project, to) = (if number % 4 < 2 { project } else { other }, columns[number % columns.len()]);
        let moved = format!("{}/status", path(task.id));
        requests.spawn(async move {
            let op = new_op();
            let title = number.to_string();
            let create = Request::new(Method::Post, format!("/api/projects/{project}/tasks"));
            let create = create.json(json!({ "title": title }));
            let made = client.op(create.clone(), op).await.expect(201).text;
            assert_eq!(client.op(create, op).await.expect(201).text, made);
            client.patch(&moved, json!({ "status_id": to })).await.expect(200);
            client.board(project).await;
            client.get("/api/notifications").await.expect(200);
        });
    }
    while let Some(done) = requests.join_next().await {
        done.expect("each of them is answered");
    }
    let (board, others) = (beside.board(project).await, ada.board(other).await);
    assert_eq!((board.tasks.len(), others.tasks.len()), (21, 20));
    assert_eq!(others.seq, 20);
    second.stop().await;
    first.stop().await;
}

#[tokio::test(crate = "crate::harness")]
async fn an_unannounced_pgbouncer_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let direct = Db::Postgres.fresh(folder.path()).await;
    // As Debian ships it, and as people configure it after an error.
    for ignored in [
        "",
        "ignore_startup_parameters = extra_float_digits",
        "ignore_startup_parameters = extra_float_digits, options",
    ] {
        let bouncer = PgBouncer::start(&direct, ignored).await;
        let url = bouncer.url(&direct);
        let error = Store::open(&url).await.expect_err("it is not PostgreSQL");
        assert!(matches!(error, StoreError::Pooler(_)), "{ignored}: {error:?}");
        let text = error.to_string();
        assert!(text.contains("PgBouncer") && text.contains("LOCKSTEP_PGBOUNCER=1"), "{text}");
        let options = StoreOptions { pgbouncer: true, ..StoreOptions::default() };
        let store = Store::open_with(&url, &options).await.expect("it is said");
        store.ping().await.expect("it answers");
        store.close().await;
    }
    // The setting does no harm without PgBouncer.
    let options = StoreOptions { pgbouncer: true, ..StoreOptions::default() };
    let store = Store::open_with(&direct, &options).await.expect("PostgreSQL itself");
    store.migrate().await.expect("the schema is up to date");
    store.close().await;
}
