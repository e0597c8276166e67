//! Tasks over HTTP.

use engine::{Priority, Task, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{TestServer, on_both_databases, path};

on_both_databases! {
    async fn a_new_task_is_at_the_end_of_the_first_column(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let first = ada.statuses(project).await[0];
        ada.task(project, "one").await;
        let two = ada.task(project, "two").await;
        assert_eq!((two.status_id, two.version, two.created_by), (first, 1, ada.user().id));
        assert_eq!(ada.titles(project, first).await, ["one", "two"]);
    }

    async fn a_task_keeps_the_fields_it_was_created_with(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let id = Uuid::now_v7();
        let draft = json!({
            "id": id, "title": " Ünïcode 🂡 ", "description": "line\nline", "assignee_id": ada.user().id,
            "priority": "high", "start_at": "2026-11-20T10:30:00+02:00", "due_at": "2026-11-21T00:00:00Z",
            "estimate_hours": 2.5
        });
        ada.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
        let task: Task = ada.get(&format!("/api/tasks/{id}")).await.expect(200).field("task");
        let day = |text: &str| text.parse::<Timestamp>().ok();
        assert_eq!(task.id.uuid(), id);
        assert_eq!((task.title.as_str(), task.description.as_deref()), ("Ünïcode 🂡", Some("line\nline")));
        assert_eq!((task.assignee_id, task.priority), (Some(ada.user().id), Priority::High));
        assert_eq!((task.start_at, task.due_at), (day("2026-11-20T00:00:00Z"), day("2026-11-21T00:00:00Z")));
        assert_eq!(task.estimate_hours, Some(2.5));
        let board = ada.board(project).await;
        assert_eq!(board.tasks, [Task { description: None, ..task }]);
    }

    async fn only_the_given_fields_change(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let made = ada.task(project, "one").await;
        let url = path(made.id);
        let patch = json!({ "estimate_hours": 8, "due_at": "2026-12-24T00:00:00Z", "priority": "urgent" });
        let task: Task = ada.patch(&url, patch).await.expect(200).field("task");
        assert_eq!((task.estimate_hours, task.priority, task.title.as_str()), (Some(8.0), Priority::Urgent, "one"));
        assert_eq!((task.version, task.description), (2, None));
        let task: Task = ada.patch(&url, json!({ "due_at": null })).await.expect(200).field("task");
        assert_eq!((task.due_at, task.estimate_hours, task.version), (None, Some(8.0), 3));
        assert!(task.updated_at >= made.updated_at);
    }

    async fn a_task_is_blocked_since_its_first_reason(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let url = path(ada.task(project, "one").await.id);
        let task: Task = ada.patch(&url, json!({ "blocked_reason": "no steam" })).await.expect(200).field("task");
        let since = task.blocked_since;
        assert_eq!(since, Some(task.updated_at));
        let task: Task = ada.patch(&url, json!({ "blocked_reason": "no coal" })).await.expect(200).field("task");
        assert_eq!((task.blocked_reason.as_deref(), task.blocked_since), (Some("no coal"), since));
        let task: Task = ada.patch(&url, json!({ "blocked_reason": null })).await.expect(200).field("task");
        assert_eq!((task.blocked_reason, task.blocked_since), (None, None));
    }

    async fn estimates_are_set_and_cleared(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let tasks = format!("/api/projects/{project}/tasks");
        // The statements are the same, and were prepared by the first of these.
        for estimate in [None, Some(2.5), None, Some(0.0)] {
            let body = json!({ "title": "one", "estimate_hours": estimate });
            let task: Task = ada.post(&tasks, body).await.expect(201).field("task");
            assert_eq!(task.estimate_hours, estimate);
            let url = path(task.id);
            for other in [None, Some(4.0), None] {
                let body = json!({ "estimate_hours": other });
                let task: Task = ada.patch(&url, body).await.expect(200).field("task");
                assert_eq!(task.estimate_hours, other);
                assert_eq!(ada.get(&url).await.expect(200).field::<Task>("task").estimate_hours, other);
            }
        }
    }

    async fn a_deleted_task_is_restored_at_its_position(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let status = ada.statuses(project).await[0];
        ada.task(project, "a").await;
        let b = ada.task(project, "b").await;
        ada.task(project, "c").await;
        let restore = format!("{}/restore", path(b.id));
        ada.post(&restore, json!({})).await.refused(409, "task_not_deleted");
        ada.delete(&path(b.id)).await.expect(200);
        assert_eq!(ada.titles(project, status).await, ["a", "c"]);
        ada.get(&path(b.id)).await.refused(404, "task_not_found");
        ada.patch(&path(b.id), json!({ "title": "x" })).await.refused(404, "task_not_found");
        ada.delete(&path(b.id)).await.refused(404, "task_not_found");
        ada.post(&restore, json!({})).await.expect(200);
        assert_eq!(ada.titles(project, status).await, ["a", "b", "c"]);
    }

    async fn a_restored_task_whose_position_is_taken_goes_directly_below(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let status = ada.statuses(project).await[0];
        let (a, b, c) = (ada.task(project, "a").await, ada.task(project, "b").await, ada.task(project, "c").await);
        ada.delete(&path(b.id)).await.expect(200);
        let taker = ada.task(project, "taker").await;
        let to = json!({ "status_id": status, "after_id": a.id, "before_id": c.id });
        ada.patch(&format!("{}/status", path(taker.id)), to).await.expect(200);
        server.execute("UPDATE tasks SET rank = (SELECT rank FROM tasks WHERE title = 'b') WHERE title = 'taker'").await;
        ada.post(&format!("{}/restore", path(b.id)), json!({})).await.expect(200);
        assert_eq!(ada.titles(project, status).await, ["a", "taker", "b", "c"]);
    }
}
