//! Watching tasks.

use engine::{Bulk, BulkChange, ProjectId, TaskId, UserId, comment::Thread};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Client, TestServer, new_op, on_both_databases, path};

async fn watches(client: &Client, task: TaskId) -> bool {
    client.get(&format!("{}/comments", path(task))).await.expect(200).json::<Thread>().watching
}

async fn watch(client: &Client, task: TaskId) {
    assert!(client.put(&format!("{}/watch", path(task)), json!({})).await.expect(200).field::<bool>("watching"));
}

async fn unwatch(client: &Client, task: TaskId) {
    assert!(!client.delete(&format!("{}/watch", path(task))).await.expect(200).field::<bool>("watching"));
}

async fn assign(client: &Client, task: TaskId, to: UserId) {
    client.post(&format!("{}/assign", path(task)), json!({ "assignee_id": to })).await.expect(200);
}

async fn give(client: &Client, project: ProjectId, ids: &[TaskId], to: UserId) {
    let change = BulkChange::Assign(engine::Assignment { assignee_id: Some(to) });
    client.op(Bulk { ids: ids.to_vec(), change }.request(project), new_op()).await.expect(200);
}

on_both_databases! {
    async fn creators_assignees_and_commenters_watch_a_task(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob, cyd) = (server.person("ann").await, server.person("bob").await, server.person("cyd").await);
        let project = ann.project("Board").await;
        ann.invite(project, &bob, "editor").await;
        ann.invite(project, &cyd, "viewer").await;
        let made = ann.post(
            &format!("/api/projects/{project}/tasks"), json!({ "title": "Card", "assignee_id": cyd.user().id }),
        ).await;
        let task = made.expect(201).field::<engine::Task>("task").id;
        assert!(watches(&ann, task).await && watches(&cyd, task).await && !watches(&bob, task).await);
        bob.post(&format!("{}/comments", path(task)), json!({ "body": "Hello" })).await.expect(201);
        assert!(watches(&bob, task).await);

        let other = ann.task(project, "Other").await.id;
        assign(&ann, other, bob.user().id).await;
        assert!(watches(&bob, other).await && !watches(&cyd, other).await);
        let (third, fourth) = (ann.task(project, "Third").await.id, ann.task(project, "Fourth").await.id);
        unwatch(&cyd, fourth).await;
        give(&ann, project, &[other, third, fourth], cyd.user().id).await;
        assert!(watches(&cyd, other).await && watches(&cyd, third).await && !watches(&cyd, fourth).await);
        // Assigned to another user, it is still watched.
        assign(&ann, third, bob.user().id).await;
        assert!(watches(&cyd, third).await);
    }

    async fn those_who_stopped_watching_are_not_made_watchers_again(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let project = ann.project("Board").await;
        ann.invite(project, &bob, "editor").await;
        let task = ann.task(project, "Card").await.id;
        for client in [&ann, &bob] {
            unwatch(client, task).await;
            client.post(&format!("{}/comments", path(task)), json!({ "body": "Hello" })).await.expect(201);
            assign(&ann, task, client.user().id).await;
            assert!(!watches(client, task).await);
            watch(client, task).await;
            assert!(watches(client, task).await);
            watch(client, task).await;
        }
        assert_eq!(server.number("SELECT COUNT(*) FROM task_watchers").await, 2);
    }

    async fn watching_is_personal_and_causes_no_event(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let project = ann.project("Board").await;
        ann.invite(project, &bob, "viewer").await;
        let task = ann.task(project, "Card").await.id;
        let before = ann.board(project).await;
        watch(&bob, task).await;
        unwatch(&ann, task).await;
        assert_eq!(ann.board(project).await, before);
        assert!(watches(&bob, task).await && !watches(&ann, task).await);

        let op = new_op();
        let request = engine::Request::new(engine::Method::Put, format!("{}/watch", path(task)));
        ann.op(request.clone(), op).await.expect(200);
        unwatch(&ann, task).await;
        ann.op(request, op).await.expect(200);
        assert!(!watches(&ann, task).await, "an op that is asked for again changes nothing");

        ann.delete(&path(task)).await.expect(200);
        bob.put(&format!("{}/watch", path(task)), json!({})).await.refused(404, "task_not_found");
        let nothing = TaskId::new(Uuid::now_v7());
        bob.put(&format!("{}/watch", path(nothing)), json!({})).await.refused(404, "task_not_found");
    }
}
