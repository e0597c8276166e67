//! Idempotency: a repeated op is executed once, and gets the same response.

use engine::{OpId, Request, Task, request::Method};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Client, Db, TestServer, new_op, on_both_databases, path, send};

/// Old responses, deleted in two dozen chunks.
const MANY: u64 = 12_000;

fn create(project: engine::ProjectId, title: &str) -> Request {
    Request::new(Method::Post, format!("/api/projects/{project}/tasks")).json(json!({ "title": title }))
}

async fn count(client: &Client, project: engine::ProjectId) -> (u64, usize) {
    let board = client.board(project).await;
    (board.seq, board.tasks.len())
}

on_both_databases! {
    async fn a_repeated_op_gets_the_same_response_and_changes_nothing(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let op = new_op();
        let first = ada.op(create(project, "one"), op).await.expect(201);
        let task: Task = first.field("task");
        ada.patch(&path(task.id), json!({ "title": "two" })).await.expect(200);
        let again = ada.op(create(project, "one"), op).await.expect(201);
        assert_eq!(first.text, again.text);
        assert_eq!(again.headers["content-type"], "application/json");
        assert_eq!(count(&ada, project).await, (2, 1));
    }

    async fn the_same_key_for_another_request_is_a_conflict(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let other = ada.project("Other").await;
        let op = new_op();
        ada.op(create(project, "one"), op).await.expect(201);
        ada.op(create(project, "two"), op).await.refused(409, "op_conflict");
        ada.op(create(other, "one"), op).await.refused(409, "op_conflict");
        let rename = Request::new(Method::Patch, format!("/api/projects/{project}")).json(json!({ "name": "Else" }));
        ada.op(rename, op).await.refused(409, "op_conflict");
        assert_eq!(count(&ada, project).await, (1, 1));
        assert_eq!(count(&ada, other).await, (0, 0));
    }

    async fn two_users_may_use_the_same_key(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        let op = new_op();
        ada.op(create(project, "hers"), op).await.expect(201);
        ada.op(create(project, "hers"), op).await.expect(201);
        bob.op(create(project, "his"), op).await.expect(201);
        assert_eq!(count(&ada, project).await.1, 2);
    }

    async fn a_refusal_is_not_stored(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        let task = ada.task(project, "one").await;
        let op = new_op();
        let assign = || {
            let request = Request::new(Method::Post, format!("{}/assign", path(task.id)));
            request.json(json!({ "assignee_id": bob.user().id }))
        };
        ada.op(assign(), op).await.refused(422, "not_a_member");
        ada.invite(project, &bob, "viewer").await;
        ada.op(assign(), op).await.expect(200);
    }

    async fn equal_concurrent_requests_are_executed_once(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let op = new_op();
        let mut asking = JoinSet::new();
        for _ in 0..8 {
            let ada = ada.clone();
            asking.spawn(async move { ada.op(create(project, "one"), op).await.expect(201).text });
        }
        let answers = asking.join_all().await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(count(&ada, project).await, (1, 1));
    }

    async fn equal_concurrent_new_projects_are_created_once(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let op = new_op();
        let mut asking = JoinSet::new();
        for _ in 0..8 {
            let ada = ada.clone();
            asking.spawn(async move {
                let request = Request::new(Method::Post, "/api/projects").json(json!({ "name": "Engine" }));
                ada.op(request, op).await.expect(201).text
            });
        }
        let answers = asking.join_all().await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        let projects: Vec<Value> = ada.get("/api/projects").await.expect(200).field("projects");
        assert_eq!(projects.len(), 1);
    }

    async fn one_key_for_two_concurrent_projects_is_executed_in_one(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let projects = [ada.project("One").await, ada.project("Two").await];
        for _ in 0..5 {
            let op = new_op();
            let asked = projects.map(|project| {
                let ada = ada.clone();
                tokio::spawn(async move { ada.op(create(project, "task"), op).await })
            });
            let mut statuses = Vec::new();
            for answer in asked {
                statuses.push(answer.await.expect("no panic").status);
            }
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409]);
        }
        let made = count(&ada, projects[0]).await.1 + count(&ada, projects[1]).await.1;
        assert_eq!(made, 5);
    }

    async fn repeating_the_deletion_of_a_project_gets_the_same_response(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let op = new_op();
        let delete = || Request::new(Method::Delete, format!("/api/projects/{project}"));
        let first = ada.op(delete(), op).await.expect(200);
        assert_eq!(ada.op(delete(), op).await.expect(200).text, first.text);
        ada.op(delete(), new_op()).await.refused(404, "project_not_found");
    }

    async fn old_responses_are_deleted(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let op = new_op();
        ada.op(create(project, "one"), op).await.expect(201);
        let store = &server.state().services.store;
        let now = server::clock::now();
        let forget = |at: engine::Timestamp| server::service::op::forget_old(store, at);
        assert_eq!(forget(now).await.expect("it runs"), 0);
        assert_eq!(forget(now.plus(server::service::op::KEEP_MS + 60_000)).await.expect("it runs"), 1);
        ada.op(create(project, "one"), op).await.expect(201);
        assert_eq!(count(&ada, project).await, (2, 2));
    }

    async fn many_old_responses_are_deleted_in_chunks_between_other_writes(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        // So many that the pauses between the chunks exceed any write on a busy machine.
        let insert = format!(
            "INSERT INTO client_ops (user_id, op_id, request_hash, status, answer, created_at)
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY})
             SELECT '{}', 'old-' || n, '', 200, '', 0 FROM numbers",
            ada.user().id
        );
        server.execute_text(insert).await;
        let forgotten = server::service::op::forget_old(&server.state().services.store, server::clock::now());
        let between = async {
            // Some are left, but not all.
            ada.task(project, "Between").await;
            server.number("SELECT COUNT(*) FROM client_ops WHERE created_at = 0").await
        };
        let (forgotten, left) = tokio::join!(forgotten, between);
        assert_eq!(forgotten.expect("it runs"), MANY);
        assert!(left > 0, "somebody waited for all of it");
        assert_eq!(server.number("SELECT COUNT(*) FROM client_ops WHERE created_at = 0").await, 0);
    }

    async fn the_event_carries_the_op(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let op: OpId = new_op();
        ada.op(create(project, "one"), op).await.expect(201);
        ada.task(project, "two").await;
        let events = ada.events(project).await;
        assert_eq!(events[0]["op_id"], op.to_string());
        assert!(events[1]["op_id"].is_string(), "the server makes one up");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_key_that_is_not_a_uuid_is_refused() {
    let server = TestServer::start(Db::Sqlite).await;
    let ada = server.person("ada").await;
    let request = ada.request(reqwest::Method::POST, "/api/projects").json(&json!({ "name": "Engine" }));
    send(request.header("idempotency-key", "again")).await.refused(400, "bad_op_id");
}
