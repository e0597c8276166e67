//! Undo of removals: a member, a column, a comment.

use engine::{
    Comment, Member, ProjectId, Request, Role, Snapshot, Status, StatusId, TaskId,
    comment::{CommentChanged, Thread},
    notification::NotificationPage,
    request::Method,
};
use serde_json::{Value, json};
use server::service::removal::{KEEP_MS, forget_old};

use crate::harness::{Client, TestServer, new_op, on_both_databases, path};

fn member(project: ProjectId, of: &Client) -> String {
    format!("/api/projects/{project}/members/{}", of.user().id)
}

fn restore(path: &str) -> String {
    format!("{path}/restore")
}

fn role_of(board: &Snapshot, of: &Client) -> Option<Role> {
    let found = board.members.iter().find(|member| member.user_id == of.user().id && !member.former);
    found.map(|member| member.role)
}

async fn comment(client: &Client, task: TaskId, body: &str) -> Comment {
    let answer = client.post(&format!("{}/comments", path(task)), json!({ "body": body })).await;
    answer.expect(201).json::<CommentChanged>().comment
}

async fn bodies(client: &Client, task: TaskId) -> Vec<String> {
    let thread: Thread = client.get(&format!("{}/comments", path(task))).await.expect(200).json();
    thread.comments.into_iter().map(|comment| comment.body).collect()
}

async fn quotes(client: &Client) -> Vec<String> {
    let page: NotificationPage = client.get("/api/notifications").await.expect(200).json();
    page.notifications.into_iter().map(|notified| notified.message).collect()
}

/// Backdates a removal beyond the undo period.
async fn age(server: &TestServer) {
    server.execute_text(format!("UPDATE removals SET removed_at = removed_at - {}", KEEP_MS + 1)).await;
}

on_both_databases! {
    async fn a_restored_member_has_their_role_and_cards(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben, cyd) = (server.person("ann").await, server.person("ben").await, server.person("cyd").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        ann.invite(project, &cyd, "owner").await;
        let assigned = |title: &'static str| json!({ "title": title, "assignee_id": ben.user().id });
        let tasks = format!("/api/projects/{project}/tasks");
        let kept: engine::Task = ann.post(&tasks, assigned("Kept")).await.expect(201).field("task");
        let given: engine::Task = ann.post(&tasks, assigned("Given on")).await.expect(201).field("task");
        let his = member(project, &ben);
        ann.delete(&his).await.expect(200);
        ann.post(&format!("{}/assign", path(given.id)), json!({ "assignee_id": cyd.user().id })).await.expect(200);
        ben.get(&tasks.replace("/tasks", "/board")).await.refused(404, "project_not_found");

        let back: Member = ann.post(&restore(&his), json!({})).await.expect(200).field("member");
        assert_eq!((back.user_id, back.role, back.former), (ben.user().id, Role::Editor, false));
        let board = ben.board(project).await;
        assert_eq!(role_of(&board, &ben), Some(Role::Editor));
        assert_eq!(board, Snapshot { project: board.project.clone(), ..ann.board(project).await });
        let assignee = |id| board.tasks.iter().find(|task| task.id == id).expect("the card").assignee_id;
        assert_eq!(assignee(kept.id), Some(ben.user().id));
        assert_eq!(assignee(given.id), Some(cyd.user().id), "what was changed since stays");
        let events = ann.events(project).await;
        assert_eq!(events.last().expect("an event")["type"], "member_added");
        ann.post(&restore(&his), json!({})).await.refused(409, "already_member");
    }

    async fn only_the_owner_who_removed_a_member_can_undo_it(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben, cyd) = (server.person("ann").await, server.person("ben").await, server.person("cyd").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        ann.invite(project, &cyd, "owner").await;
        let his = member(project, &ben);
        ann.post(&restore(&member(project, &server.person("eve").await)), json!({})).await.refused(410, "undo_expired");
        ann.delete(&his).await.expect(200);
        ben.post(&restore(&his), json!({})).await.refused(404, "project_not_found");
        cyd.post(&restore(&his), json!({})).await.refused(403, "forbidden");
        // Nor does a former owner.
        cyd.patch(&member(project, &ann), json!({ "role": "editor" })).await.expect(200);
        ann.post(&restore(&his), json!({})).await.refused(403, "forbidden");
        assert_eq!(role_of(&cyd.board(project).await, &ben), None);
        cyd.patch(&member(project, &ann), json!({ "role": "owner" })).await.expect(200);
        age(&server).await;
        ann.post(&restore(&his), json!({})).await.refused(410, "undo_expired");
        assert_eq!(forget_old(&server.state().services.store, server::clock::now()).await.expect("it is done"), 1);
        ann.post(&restore(&his), json!({})).await.refused(410, "undo_expired");
    }

    async fn only_members_who_left_can_undo_leaving(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "viewer").await;
        let his = member(project, &ben);
        ben.delete(&his).await.expect(200);
        ann.post(&restore(&his), json!({})).await.refused(403, "forbidden");
        let back: Member = ben.post(&restore(&his), json!({})).await.expect(200).field("member");
        assert_eq!(back.role, Role::Viewer);
        ben.post(&restore(&his), json!({})).await.refused(409, "already_member");
        // Removed after that, having left before does not let them in.
        ann.delete(&his).await.expect(200);
        ben.post(&restore(&his), json!({})).await.refused(404, "project_not_found");
        ann.post(&restore(&his), json!({})).await.expect(200);
        ben.delete(&his).await.expect(200);
        age(&server).await;
        ben.post(&restore(&his), json!({})).await.refused(410, "undo_expired");
        ann.delete(&format!("/api/projects/{project}")).await.expect(200);
        ben.post(&restore(&his), json!({})).await.refused(404, "project_not_found");
    }

    async fn a_restored_member_has_their_notifications(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let (project, other) = (ann.project("Board").await, ann.project("Other").await);
        for project in [project, other] {
            ann.invite(project, &ben, "editor").await;
        }
        let notified = async || {
            let page: NotificationPage = ben.get("/api/notifications").await.expect(200).json();
            (page.notifications, page.unread)
        };
        let assigned = |title: &str| json!({ "title": title, "assignee_id": ben.user().id });
        let card: engine::Task = ann.post(&format!("/api/projects/{project}/tasks"), assigned("Card")).await.expect(201).field("task");
        ann.post(&format!("/api/projects/{other}/tasks"), assigned("Elsewhere")).await.expect(201);
        let said = comment(&ann, card.id, "Is deleted").await;
        let (before, unread) = notified().await;
        assert_eq!((before.len(), unread), (3, 3));
        ben.post("/api/notifications/read", json!({ "ids": [before[0].id] })).await.expect(200);
        let (before, _) = notified().await;

        let his = member(project, &ben);
        ann.delete(&his).await.expect(200);
        assert_eq!(quotes(&ben).await, ["Elsewhere"]);
        ann.delete(&format!("/api/comments/{}", said.id)).await.expect(200);
        ann.post(&restore(&his), json!({})).await.expect(200);
        let (after, unread) = notified().await;
        let ids = |all: &[engine::Notification]| all.iter().map(|notified| (notified.id, notified.read_at)).collect::<Vec<_>>();
        assert_eq!((ids(&after), unread), (ids(&before), 2), "the same ones, read as they were");
        assert_eq!(after[0].message, "Card: this comment was deleted", "but no text that is gone meanwhile");
        assert_eq!(server.number("SELECT COUNT(*) FROM removed_notifications").await, 0);

        // So do those who return by themselves, but not those who are invited again, or return too late.
        ben.delete(&his).await.expect(200);
        assert_eq!(quotes(&ben).await, ["Elsewhere"]);
        ben.post(&restore(&his), json!({})).await.expect(200);
        assert_eq!(notified().await.0, after);
        ann.delete(&his).await.expect(200);
        ann.invite(project, &ben, "editor").await;
        assert_eq!(quotes(&ben).await, ["Elsewhere"]);
        ann.post(&restore(&his), json!({})).await.refused(409, "already_member");
        assert_eq!(quotes(&ben).await, ["Elsewhere"]);
        age(&server).await;
        forget_old(&server.state().services.store, server::clock::now()).await.expect("it is done");
        assert_eq!(server.number("SELECT COUNT(*) FROM removed_notifications").await, 0, "they are gone for good");
    }

    async fn a_repeated_undo_gets_the_same_response(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let task = ann.task(project, "Card").await.id;
        let said = comment(&ben, task, "Words").await.id;
        let column = ann.statuses(project).await[2];
        let paths = [
            (&ben, member(project, &ben)),
            (&ben, format!("/api/comments/{said}")),
            (&ann, format!("/api/projects/{project}/statuses/{column}")),
        ];
        for (client, path) in &paths {
            client.delete(path).await.expect(200);
            let ask = || Request::new(Method::Post, restore(path));
            let op = new_op();
            let first = client.op(ask(), op).await.expect(200);
            let seq = ann.board(project).await.seq;
            assert_eq!(client.op(ask(), op).await.expect(200).text, first.text, "{path}");
            assert_eq!(ann.board(project).await.seq, seq);
        }
        // The response is for members only.
        let op = new_op();
        let ask = || Request::new(Method::Post, restore(&member(project, &ben)));
        ben.delete(&member(project, &ben)).await.expect(200);
        ben.op(ask(), op).await.expect(200);
        ann.delete(&member(project, &ben)).await.expect(200);
        ben.op(ask(), op).await.refused(404, "project_not_found");
    }

    async fn a_deleted_column_is_restored_at_its_position(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let base = format!("/api/projects/{project}/statuses");
        let before = ann.board(project).await;
        let middle = format!("{base}/{}", before.statuses[1].id);
        ann.post(&restore(&middle), json!({})).await.refused(409, "status_not_deleted");
        ann.patch(&middle, json!({ "name": "Doing", "wip_limit": 3 })).await.expect(200);
        let card = ann.task(project, "Card").await.id;
        ann.patch(&format!("{}/status", path(card)), json!({ "status_id": before.statuses[1].id })).await.expect(200);
        ann.delete(&path(card)).await.expect(200);
        let statuses = ann.board(project).await.statuses;
        ann.delete(&middle).await.expect(200);
        let back: Status = ben.post(&restore(&middle), json!({})).await.expect(200).field("status");
        assert_eq!(back, statuses[1]);
        assert_eq!(ann.board(project).await.statuses, statuses);
        assert_eq!(ann.events(project).await.last().expect("an event")["type"], "status_created");
        let card: engine::Task = ann.post(&restore(&path(card)), json!({})).await.expect(200).field("task");
        assert_eq!(card.status_id, statuses[1].id, "a card that was in it finds its column again");

        let last = format!("{base}/{}", statuses[2].id);
        ann.delete(&last).await.expect(200);
        age(&server).await;
        ann.post(&restore(&last), json!({})).await.refused(410, "undo_expired");
        let unknown = format!("{base}/{}", StatusId::new(uuid::Uuid::now_v7()));
        ann.post(&restore(&unknown), json!({})).await.refused(410, "undo_expired");
    }

    async fn a_column_cannot_be_restored_to_a_full_board(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let base = format!("/api/projects/{project}/statuses");
        let first = format!("{base}/{}", ann.statuses(project).await[0]);
        ann.delete(&first).await.expect(200);
        for number in 2..engine::limit::STATUSES {
            ann.post(&base, json!({ "name": number.to_string() })).await.expect(201);
        }
        ann.post(&restore(&first), json!({})).await.refused(409, "too_many_statuses");
        assert_eq!(ann.statuses(project).await.len(), engine::limit::STATUSES);
    }

    async fn a_deleted_comment_is_restored_with_its_text(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let task = ann.task(project, "Card").await.id;
        let said = comment(&ben, task, "**First** words").await;
        comment(&ann, task, "Second").await;
        let url = format!("/api/comments/{}", said.id);
        ben.post(&restore(&url), json!({})).await.refused(409, "comment_not_deleted");
        assert_eq!(quotes(&ann).await, ["Card: First words"]);
        ben.delete(&url).await.expect(200);
        assert_eq!(quotes(&ann).await, ["Card: this comment was deleted"]);
        // Deliberately deleted by its author: an owner cannot publish it again.
        ann.post(&restore(&url), json!({})).await.refused(403, "forbidden");
        let back: CommentChanged = ben.post(&restore(&url), json!({})).await.expect(200).json();
        assert_eq!(back.comment, Comment { seq: back.seq, ..said.clone() });
        assert_eq!(bodies(&ann, task).await, ["**First** words", "Second"]);
        assert_eq!(quotes(&ann).await, ["Card: First words"], "one notification, with its text again");
        let board = ann.board(project).await;
        assert_eq!((board.tasks[0].comment_count, board.seq), (2, back.seq));
        let event: Value = ann.events(project).await.pop().expect("an event");
        assert_eq!((&event["type"], &event["data"]["comment_count"]), (&json!("comment_created"), &json!(2)));

        // An owner's deletion is undone by the owner.
        ann.delete(&url).await.expect(200);
        ben.post(&restore(&url), json!({})).await.refused(403, "forbidden");
        ann.post(&restore(&url), json!({})).await.expect(200);
        ann.delete(&url).await.expect(200);
        age(&server).await;
        ann.post(&restore(&url), json!({})).await.refused(410, "undo_expired");
        assert_eq!(forget_old(&server.state().services.store, server::clock::now()).await.expect("it is done"), 1);
        assert_eq!(server.number("SELECT COUNT(*) FROM removals").await, 0, "its text is gone");
    }

    async fn a_comment_on_a_deleted_card_cannot_be_restored_before_the_card(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let task = ann.task(project, "Card").await.id;
        let url = format!("/api/comments/{}", comment(&ann, task, "Words").await.id);
        ann.delete(&url).await.expect(200);
        ann.delete(&path(task)).await.expect(200);
        ann.post(&restore(&url), json!({})).await.refused(404, "task_not_found");
        ann.post(&restore(&path(task)), json!({})).await.expect(200);
        ann.post(&restore(&url), json!({})).await.expect(200);
        assert_eq!(bodies(&ann, task).await, ["Words"]);
    }
}
