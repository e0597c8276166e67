//! A request about a row that this build cannot read: refused with a reason, to users who may see it.

use engine::Task;
use serde_json::{Value, json};

use super::rows::{corrupt, counted};
use crate::harness::{Answer, Client, Db, LoggedServer, TestServer, on_both_databases, path};

/// Everything that can be done to a card.
async fn all_of(client: &Client, task: &Task, column: engine::StatusId) -> Vec<Answer> {
    let url = path(task.id);
    vec![
        client.get(&url).await,
        client.patch(&url, json!({ "title": "Other" })).await,
        client.patch(&format!("{url}/status"), json!({ "status_id": column })).await,
        client.post(&format!("{url}/assign"), json!({ "assignee_id": null })).await,
        client.post(&format!("{url}/comments"), json!({ "body": "Hello" })).await,
        client.put(&format!("{url}/watch"), json!({})).await,
        client.delete(&format!("{url}/watch")).await,
        client.delete(&url).await,
        client.post(&format!("{url}/restore"), json!({})).await,
    ]
}

on_both_databases! {
    async fn an_unreadable_card_is_refused_with_a_reason(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, eve) = (server.person("ada").await, server.person("eve").await);
        let project = ada.project("Engine").await;
        let column = ada.statuses(project).await[1];
        let good = ada.task(project, "good").await;
        let sqlite_only = if db == Db::Sqlite { &["due_at = 'someday'", "created_at = 'then'"][..] } else { &[] };
        for set in ["priority = 'someday'", "rank = '!'", "comment_count = -1"].iter().chain(sqlite_only) {
            let bad = ada.task(project, "bad").await;
            ada.post(&format!("{}/comments", path(bad.id)), json!({ "body": "Before" })).await.expect(201);
            server.execute_text(format!("UPDATE tasks SET {set} WHERE id = '{}'", bad.id)).await;
            let before = counted(&ada).await;
            let answers = all_of(&ada, &bad, column).await;
            let count = answers.len() as u64;
            for answer in answers {
                answer.refused(409, "unreadable");
            }
            assert!(counted(&ada).await >= before + count, "{set}");
            // Others don't learn that it exists.
            for answer in all_of(&eve, &bad, column).await {
                answer.refused(404, "task_not_found");
            }
            let thread: Value = ada.get(&format!("{}/comments", path(bad.id))).await.expect(200).json();
            assert_eq!(thread["comments"].as_array().map(Vec::len), Some(1), "{set}");
            ada.get(&format!("/projects/{project}?task={}", bad.id)).await.expect(200);
            ada.get(&path(good.id)).await.expect(200);
            ada.patch(&path(good.id), json!({ "title": set })).await.expect(200);
            server.execute_text(format!("DELETE FROM tasks WHERE id = '{}'", bad.id)).await;
        }
    }

    async fn an_unreadable_watcher_does_not_block_writes(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        let task = ada.task(project, "one").await;
        bob.put(&format!("{}/watch", path(task.id)), json!({})).await.expect(200);
        corrupt(&server, db, &format!("UPDATE task_watchers SET user_id = 'x' WHERE user_id = '{}'", ada.user().id)).await;
        ada.post(&format!("{}/comments", path(task.id)), json!({ "body": "Hello" })).await.expect(201);
        let reported: Value = bob.get("/api/notifications").await.expect(200).json();
        assert!(reported.to_string().contains("Hello"), "the other one is listed: {reported}");
    }

    async fn an_unreadable_comment_is_refused_with_a_reason(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let url = format!("{}/comments", path(ada.task(project, "one").await.id));
        let comment: Value = ada.post(&url, json!({ "body": "Hello" })).await.expect(201).field("comment");
        server.execute("UPDATE comments SET seq = -1").await;
        let one = format!("/api/comments/{}", comment["id"].as_str().expect("an id"));
        ada.patch(&one, json!({ "body": "Other" })).await.refused(409, "unreadable");
        ada.delete(&one).await.refused(409, "unreadable");
        ada.post(&url, json!({ "body": "Next" })).await.expect(201);
    }

    async fn an_unreadable_board_does_not_affect_the_others(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let (bad, good) = (ada.project("Bad").await, ada.project("Good").await);
        ada.task(bad, "one").await;
        server.execute_text(format!("UPDATE projects SET epoch = 'x' WHERE id = '{bad}'")).await;
        ada.get(&format!("/api/projects/{bad}/board")).await.refused(409, "unreadable");
        ada.post(&format!("/api/projects/{bad}/tasks"), json!({ "title": "two" })).await.refused(409, "unreadable");
        ada.task(good, "one").await;
        assert_eq!(ada.get("/api/projects").await.expect(200).field::<Vec<Value>>("projects").len(), 2);
        // It only needs a new epoch.
        server::service::retention::rotate_epochs(&server.state().services.store).await.expect("the database answers");
        assert_eq!(ada.board(bad).await.tasks.len(), 1);
    }

    async fn an_unreadable_invitation_does_not_affect_the_others(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        let url = format!("/api/projects/{project}/invitations");
        let mut tokens = Vec::new();
        for role in ["viewer", "editor"] {
            let made: Value = ada.post(&url, json!({ "role": role })).await.expect(201).field("invitation");
            let (_, token) = made["url"].as_str().and_then(|url| url.rsplit_once('/')).expect("a link");
            tokens.push(token.to_owned());
        }
        server.execute("UPDATE invitations SET role = 'visitor' WHERE role = 'viewer'").await;
        assert_eq!(ada.get(&url).await.expect(200).field::<Vec<Value>>("invitations").len(), 1);
        bob.get(&format!("/api/invitations/{}", tokens[0])).await.refused(409, "unreadable");
        bob.post(&format!("/api/invitations/{}/accept", tokens[0]), json!({})).await.refused(409, "unreadable");
        bob.post(&format!("/api/invitations/{}/accept", tokens[1]), json!({})).await.expect(200);
    }

    async fn an_unreadable_row_is_logged_once_per_request(db: Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let database = db.fresh(folder.path()).await;
        let server = LoggedServer::start(&database, &[]).await;
        let ada = server.person("ada").await;
        let task = ada.task(ada.project("Engine").await, "one").await;
        server::store::install_drivers();
        let mut by_hand = <sqlx::AnyConnection as sqlx::Connection>::connect(&database).await.expect("the database");
        sqlx::query("UPDATE tasks SET priority = 'someday'").execute(&mut by_hand).await.expect("the statement runs");
        ada.get(&path(task.id)).await.refused(409, "unreadable");
        let log = server.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("cannot be read")).collect();
        assert!(lines.len() == 1 && lines[0].contains(&format!("priority in tasks {}", task.id)), "{lines:?}");
    }
}
