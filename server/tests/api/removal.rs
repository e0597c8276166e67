//! What former members can still get: no more than a stranger, including stored responses and notifications.

use engine::{Invitation, Project, ProjectId, Request, Task, notification::NotificationPage, request::Method};
use serde_json::{Value, json};

use crate::harness::{Client, TestServer, new_op, on_both_databases, path};

async fn notified(client: &Client) -> (Vec<String>, u64) {
    let page: NotificationPage = client.get("/api/notifications").await.expect(200).json();
    let unread: NotificationPage = client.get("/api/notifications?unread=1").await.expect(200).json();
    assert_eq!(unread.notifications.len() as u64, page.unread);
    (page.notifications.into_iter().map(|notified| notified.message).collect(), page.unread)
}

async fn assign(from: &Client, to: &Client, project: ProjectId, title: &str) -> Task {
    let draft = json!({ "title": title, "assignee_id": to.user().id });
    from.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201).field("task")
}

async fn remove(owner: &Client, project: ProjectId, other: &Client) {
    owner.delete(&format!("/api/projects/{project}/members/{}", other.user().id)).await.expect(200);
}

on_both_databases! {
    async fn a_repeated_op_of_a_removed_member_is_refused_like_a_strangers(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Secret plans").await;
        let made: Invitation = ann
            .post(&format!("/api/projects/{project}/invitations"), json!({ "role": "editor" }))
            .await
            .expect(201)
            .field("invitation");
        let token = made.url.expect("a link").rsplit('/').next().expect("a token").to_owned();
        let tasks = format!("/api/projects/{project}/tasks");
        let task = ann.task(project, "Launch").await;
        let post = |path: String, body: Value| Request::new(Method::Post, path).json(body);
        let asked = [
            (post(format!("/api/invitations/{token}/accept"), json!({})), "project_not_found"),
            (post(tasks.clone(), json!({ "title": "Secret" })), "project_not_found"),
            (Request::new(Method::Patch, path(task.id)).json(json!({ "title": "Secret" })), "task_not_found"),
            (post(format!("{}/comments", path(task.id)), json!({ "body": "Secret" })), "task_not_found"),
            (post(format!("{tasks}/bulk"), json!({ "ids": [task.id], "change": { "set": { "priority": "high" } } })), "project_not_found"),
            (post(format!("{}/assign", path(task.id)), json!({ "assignee_id": null })), "task_not_found"),
            (post(format!("/api/projects/{project}/statuses"), json!({ "name": "Secret" })), "project_not_found"),
        ];
        let mut ops = Vec::new();
        for (request, code) in asked {
            let op = new_op();
            let first = ben.op(request.clone(), op).await;
            assert!(first.status < 300, "{}", first.text);
            assert_eq!(ben.op(request.clone(), op).await.text, first.text, "a member is answered again");
            ops.push((request, op, code));
        }
        remove(&ann, project, &ben).await;
        let seq = ann.board(project).await.seq;
        for (request, op, code) in ops {
            let answer = ben.op(request, op).await;
            assert!(!answer.text.contains("Secret"), "{}", answer.text);
            answer.refused(404, code);
        }
        assert_eq!(ann.board(project).await.seq, seq);
    }

    async fn a_repeated_op_of_a_demoted_member_is_refused(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "owner").await;
        let op = new_op();
        let invite = || Request::new(Method::Post, format!("/api/projects/{project}/invitations")).json(json!({ "role": "owner" }));
        ben.op(invite(), op).await.expect(201);
        ann.patch(&format!("/api/projects/{project}/members/{}", ben.user().id), json!({ "role": "editor" })).await.expect(200);
        ben.op(invite(), op).await.refused(403, "forbidden");
    }

    async fn a_creator_who_left_does_not_get_the_project_again(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let create = || Request::new(Method::Post, "/api/projects").json(json!({ "name": "Secret plans" }));
        let op = new_op();
        let project = ann.op(create(), op).await.expect(201).field::<Project>("project").id;
        ann.invite(project, &ben, "owner").await;
        ann.op(create(), op).await.expect(201);
        remove(&ben, project, &ann).await;
        ann.op(create(), op).await.refused(404, "project_not_found");
        let projects: Vec<Project> = ann.get("/api/projects").await.expect(200).field("projects");
        assert!(projects.is_empty(), "nor is it made once more");
    }

    async fn a_repeated_leave_gets_the_same_response(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let leave = || Request::new(Method::Delete, format!("/api/projects/{project}/members/{}", ben.user().id));
        let (left, deleted) = (new_op(), new_op());
        let first = ben.op(leave(), left).await.expect(200);
        assert_eq!(ben.op(leave(), left).await.expect(200).text, first.text);
        ben.op(leave(), new_op()).await.refused(404, "project_not_found");
        let delete = || Request::new(Method::Delete, format!("/api/projects/{project}"));
        let first = ann.op(delete(), deleted).await.expect(200);
        assert_eq!(ann.op(delete(), deleted).await.expect(200).text, first.text);
    }

    async fn a_removed_member_loses_notifications_about_the_project(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let (secret, open) = (ann.project("Secret").await, ann.project("Open").await);
        for project in [secret, open] {
            ann.invite(project, &ben, "editor").await;
        }
        let task = assign(&ann, &ben, secret, "Secret").await;
        assign(&ann, &ben, open, "Open").await;
        ann.post(&format!("{}/comments", path(task.id)), json!({ "body": "Secret words" })).await.expect(201);
        assert_eq!(notified(&ben).await.1, 3);
        remove(&ann, secret, &ben).await;
        assert_eq!(notified(&ben).await, (vec!["Open".to_owned()], 1));
        // He gets no notifications while he is away, and earlier ones don't return with him.
        ann.post(&format!("{}/comments", path(task.id)), json!({ "body": "More words" })).await.expect(201);
        ann.invite(secret, &ben, "editor").await;
        assert_eq!(notified(&ben).await, (vec!["Open".to_owned()], 1));
        ann.post(&format!("{}/comments", path(task.id)), json!({ "body": "Welcome back" })).await.expect(201);
        assert_eq!(notified(&ben).await.0, ["Secret: Welcome back", "Open"]);

        ann.delete(&format!("/api/projects/{secret}")).await.expect(200);
        assert_eq!(notified(&ben).await, (vec!["Open".to_owned()], 1), "nor of one that is deleted");
    }

    async fn a_member_who_leaves_loses_notifications_about_the_project(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Secret").await;
        ann.invite(project, &ben, "editor").await;
        assign(&ann, &ben, project, "Secret").await;
        remove(&ben, project, &ben).await;
        assert_eq!(notified(&ben).await, (vec![], 0));
    }
}
