//! Refused requests and their errors.

use engine::{Task, limit};
use reqwest::Method;
use serde_json::{Value, json};
use server::config::Config;
use uuid::Uuid;

use crate::harness::{Db, TestServer, on_both_databases, path, send};

on_both_databases! {
    async fn unknown_ids_are_not_found(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let task = ada.task(project, "one").await;
        let nobody = Uuid::now_v7();
        ada.get(&format!("/api/tasks/{nobody}")).await.refused(404, "task_not_found");
        ada.delete(&format!("/api/tasks/{nobody}")).await.refused(404, "task_not_found");
        ada.get(&format!("/api/projects/{nobody}")).await.refused(404, "project_not_found");
        ada.get(&format!("/api/projects/{nobody}/board")).await.refused(404, "project_not_found");
        let body = json!({ "title": "one", "status_id": nobody });
        ada.post(&format!("/api/projects/{project}/tasks"), body).await.refused(404, "status_not_found");
        let body = json!({ "status_id": nobody });
        ada.patch(&format!("{}/status", path(task.id)), body).await.refused(404, "status_not_found");
        let member = format!("/api/projects/{project}/members/{nobody}");
        ada.delete(&member).await.refused(404, "member_not_found");
        let status = format!("/api/projects/{project}/statuses/{nobody}");
        ada.delete(&status).await.refused(404, "status_not_found");
    }

    async fn a_task_cannot_move_to_a_column_of_another_board(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let (project, other) = (ada.project("Engine").await, ada.project("Other").await);
        let task = ada.task(project, "one").await;
        let foreign = ada.statuses(other).await[0];
        let to = json!({ "status_id": foreign });
        ada.patch(&format!("{}/status", path(task.id)), to).await.refused(404, "status_not_found");
        let rename = format!("/api/projects/{project}/statuses/{foreign}");
        ada.patch(&rename, json!({ "name": "Mine" })).await.refused(404, "status_not_found");
    }

    async fn a_title_has_1_to_500_characters(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let tasks = format!("/api/projects/{project}/tasks");
        let task = ada.task(project, "one").await;
        for bad in ["", "  \n ", &"x".repeat(10_000), "a\0b"] {
            for answer in [
                ada.post(&tasks, json!({ "title": bad })).await,
                ada.patch(&path(task.id), json!({ "title": bad })).await,
            ] {
                assert_eq!(answer.refused(422, "invalid")["field"], "title");
            }
        }
        let longest = "ä".repeat(limit::TITLE);
        assert_eq!(ada.task(project, &format!("  {longest}  ")).await.title, longest);
        assert_eq!(ada.board(project).await.seq, 2, "refusals leave no event");
    }

    async fn an_old_version_of_a_description_is_refused_with_the_current_one(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        let task = path(ada.task(project, "one").await.id);
        let hers = ada.patch(&task, json!({ "description": "hers", "version": 1 })).await.expect(200);
        assert_eq!(hers.field::<Task>("task").description.as_deref(), Some("hers"));
        let error = bob.patch(&task, json!({ "description": "his", "version": 1 })).await;
        let error = error.refused(409, "description_conflict");
        assert_eq!(error["current"]["description"], "hers");
        assert_eq!(error["current"]["version"], 2);
        bob.patch(&task, json!({ "description": "both", "version": 2 })).await.expect(200);
        // Other changes meanwhile are no conflict.
        ada.patch(&task, json!({ "title": "two" })).await.expect(200);
        bob.patch(&task, json!({ "description": "all", "version": 3 })).await.expect(200);
        let error = ada.patch(&task, json!({ "description": "without a version" })).await.refused(422, "invalid");
        assert_eq!(error["field"], "version");
        let stored: Task = ada.get(&task).await.expect(200).field("task");
        assert_eq!(stored.description.as_deref(), Some("all"));
    }

    async fn a_card_cannot_be_placed_next_to_itself(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let (one, two) = (ada.task(project, "one").await, ada.task(project, "two").await);
        let place = format!("{}/status", path(one.id));
        for (after, before) in [(Some(one.id), None), (None, Some(one.id)), (Some(two.id), Some(two.id))] {
            let to = json!({ "status_id": one.status_id, "after_id": after, "before_id": before });
            ada.patch(&place, to).await.refused(422, "rank_cycle");
        }
        assert_eq!(ada.titles(project, one.status_id).await, ["one", "two"]);
    }

    async fn invalid_fields_are_named(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        let task = path(ada.task(project, "one").await.id);
        for (field, value) in [
            ("estimate_hours", json!(-1)),
            ("estimate_hours", json!(1e9)),
            ("estimate_hours", json!("2")),
            ("blocked_reason", json!("")),
            ("priority", json!("soonest")),
            ("due_at", json!("tomorrow")),
            ("rank", json!("a0")),
            ("description", json!("x".repeat(limit::DESCRIPTION + 1))),
        ] {
            let mut patch = json!({ "version": 1 });
            patch[field] = value;
            assert_eq!(ada.patch(&task, patch).await.refused(422, "invalid")["field"], field);
        }
        ada.patch(&task, json!({})).await.refused(422, "invalid");
        let assign = format!("{task}/assign");
        assert_eq!(ada.post(&assign, json!({})).await.refused(422, "invalid")["field"], "assignee_id");
        let stranger = json!({ "assignee_id": bob.user().id });
        assert_eq!(ada.post(&assign, stranger).await.refused(422, "not_a_member")["field"], "assignee_id");
        assert_eq!(ada.board(project).await.seq, 1, "refusals leave no event");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_body_that_is_not_json_is_refused() {
    let server = TestServer::start(Db::Sqlite).await;
    let ada = server.person("ada").await;
    for body in ["{", "name=Engine", "{\"name\":\"Engine\"}}", "\"\\ud800\""] {
        send(ada.request(Method::POST, "/api/projects").body(body)).await.refused(400, "bad_json");
    }
    send(ada.request(Method::POST, "/api/projects").body(vec![0xff])).await.refused(400, "bad_json");
    for body in [json!([]), json!(null), json!({}), json!({ "name": 1 }), json!({ "name": "Engine", "x": 1 })] {
        ada.post("/api/projects", body).await.refused(422, "invalid");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn an_oversized_body_is_refused() {
    let server = TestServer::start_with(Db::Sqlite, |config: &mut Config| config.limits.body_limit = 1000).await;
    let ada = server.person("ada").await;
    ada.post("/api/projects", json!({ "name": "x".repeat(1000) })).await.refused(413, "body_too_large");
    ada.post("/api/projects", json!({ "name": "Engine" })).await.expect(201);
}

#[tokio::test(crate = "crate::harness")]
async fn an_unknown_path_and_a_wrong_method_are_answered_in_json() {
    let server = TestServer::start(Db::Sqlite).await;
    let ada = server.person("ada").await;
    for path in ["/api/", "/api/nothing", "/api/projects/x/y/z", "/api/auth"] {
        ada.get(path).await.refused(404, "not_found");
    }
    // An invalid id names nothing.
    ada.get("/api/projects/1").await.refused(404, "not_found");
    ada.get("/api/tasks/one").await.refused(404, "not_found");
    ada.delete("/api/projects").await.refused(405, "method_not_allowed");
    let answer: Value = send(ada.request(Method::PUT, "/api/me")).await.refused(405, "method_not_allowed");
    assert!(answer.get("field").is_some(), "{answer}");
}
