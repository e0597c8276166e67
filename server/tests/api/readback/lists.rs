//! Lists and figures without unreadable rows.

use engine::{
    notification::NotificationPage,
    oversight::{Flow, Report, Workload, workload::LoadTasks},
};
use serde_json::{Value, json};

use super::rows::{corrupt, counted};
use crate::harness::{Client, Db, TestServer, on_both_databases, path};

/// How many open tasks the workload counts, and the tasks behind that.
async fn open_tasks(client: &Client) -> (u32, usize) {
    let workload: Workload = client.get("/api/oversight/workload").await.expect(200).json();
    let count = workload.people.iter().map(|person| person.open).sum();
    let mut listed = 0;
    for person in workload.people {
        let user = person.user_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
        let tasks: LoadTasks =
            client.get(&format!("/api/oversight/tasks?user={user}&which=open")).await.expect(200).json();
        listed += tasks.tasks.len();
    }
    (count, listed)
}

on_both_databases! {
    async fn figures_count_readable_rows_only(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let (project, other) = (ada.project("Engine").await, ada.project("Other").await);
        ada.invite(project, &bob, "editor").await;
        let doing = ada.statuses(project).await[1];
        let good = ada.task(project, "good").await;
        let bad = ada.task(project, "bad").await;
        for task in [&good, &bad] {
            ada.patch(&format!("{}/status", path(task.id)), json!({ "status_id": doing })).await.expect(200);
            ada.post(&format!("{}/assign", path(task.id)), json!({ "assignee_id": bob.user().id })).await.expect(200);
        }
        ada.task(other, "elsewhere").await;
        assert_eq!(open_tasks(&ada).await, (3, 3));
        let bob_id = bob.user().id;
        bob.put(&format!("/api/users/{bob_id}/capacity"), json!({ "hours": [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0], "days_off": [] }))
            .await
            .expect(200);
        // Each with what is still counted and listed.
        for (change, count, undo) in [
            (format!("UPDATE tasks SET priority = 'someday' WHERE id = '{}'", bad.id), (3, 2), "UPDATE tasks SET priority = 'none' WHERE priority = 'someday'"),
            (format!("UPDATE tasks SET assignee_id = 'x' WHERE id = '{}'", bad.id), (2, 2), "UPDATE tasks SET assignee_id = NULL WHERE assignee_id = 'x'"),
            (format!("UPDATE task_history SET category = 'someday' WHERE task_id = '{}'", bad.id), (3, 3), "UPDATE task_history SET category = 'doing' WHERE category = 'someday'"),
            ("UPDATE capacities SET hours = 'x'".to_owned(), (3, 3), "UPDATE capacities SET hours = '[8,8,8,8,8,0,0]'"),
            ("UPDATE users SET first_weekday = 'someday'".to_owned(), (3, 3), "UPDATE users SET first_weekday = 'monday'"),
            (format!("UPDATE projects SET epoch = 'x' WHERE id = '{other}'"), (2, 2), "UPDATE projects SET epoch = '0198a0b0-0000-7000-8000-000000000000' WHERE epoch = 'x'"),
            (format!("UPDATE project_members SET role = 'visitor' WHERE project_id = '{other}'"), (2, 2), "UPDATE project_members SET role = 'owner' WHERE role = 'visitor'"),
        ] {
            corrupt(&server, db, &change).await;
            // Cached figures are valid for one log position.
            ada.patch(&path(good.id), json!({ "title": change })).await.expect(200);
            let before = counted(&ada).await;
            assert_eq!(open_tasks(&ada).await, count, "{change}");
            let report: Report = ada.get("/api/oversight/report").await.expect(200).json();
            assert!(report.created.iter().any(|task| task.id == good.id), "{change}");
            let flow: Flow = ada.get("/api/oversight/flow").await.expect(200).json();
            assert!(json!(flow).to_string().contains(&good.id.to_string()), "{change}: {}", json!(flow));
            assert!(counted(&ada).await > before, "{change}");
            for page in ["workload", "report", "flow"] {
                ada.get(&format!("/oversight/{page}")).await.expect(200);
            }
            ada.get(&format!("/api/users/{bob_id}/capacity")).await.expect(200);
            corrupt(&server, db, undo).await;
        }
    }

    async fn pages_continue_after_unreadable_rows(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        let task = ada.task(project, "one").await;
        let comments = format!("{}/comments", path(task.id));
        bob.put(&format!("{}/watch", path(task.id)), json!({})).await.expect(200);
        ada.post(&comments, json!({ "body": "the first" })).await.expect(201);
        // Later notifications are separate ones.
        server.execute("UPDATE notifications SET times = 0").await;
        // More than two pages of each.
        for number in 0..101 {
            let draft = json!({ "title": format!("Card {number}"), "assignee_id": bob.user().id });
            ada.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
            ada.post(&comments, json!({ "body": "later" })).await.expect(201);
        }
        server.execute("UPDATE notifications SET kind = 'applause' WHERE message NOT LIKE '%the first%'").await;
        server.execute("UPDATE comments SET seq = -1 WHERE body = 'later'").await;
        server.execute("UPDATE tasks SET priority = 'someday' WHERE title LIKE 'Card%' AND title <> 'Card 100'").await;
        let notified: NotificationPage = bob.get("/api/notifications").await.expect(200).json();
        assert_eq!(notified.notifications.len(), 1, "{notified:?}");
        let thread: Value = ada.get(&comments).await.expect(200).json();
        assert_eq!(thread["comments"][0]["body"], json!("the first"), "{thread}");
        let tasks: LoadTasks =
            ada.get(&format!("/api/oversight/tasks?user={}&which=open", bob.user().id)).await.expect(200).json();
        assert_eq!(tasks.tasks.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(), ["Card 100"]);
    }

    async fn all_are_marked_as_read_even_if_the_newest_is_unreadable(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        for title in ["one", "two"] {
            let draft = json!({ "title": title, "assignee_id": bob.user().id });
            ada.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
        }
        server.execute("UPDATE notifications SET id = 'zzz' WHERE message = 'two'").await;
        let notified: NotificationPage = bob.get("/api/notifications").await.expect(200).json();
        assert_eq!(notified.notifications.len(), 1);
        let read = bob.post("/api/notifications/read", json!({ "all": true })).await.expect(200);
        assert_eq!(read.field::<u64>("unread"), 0);
    }

    async fn an_account_is_shown_without_unreadable_fields(db: Db) {
        let server = TestServer::start(db).await;
        let mut ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let muted = json!({ "kinds": [], "time_zone": "UTC", "muted": [project] });
        ada.put("/api/notifications/preferences", muted).await.expect(200);
        let first = server.texts("SELECT token_hash FROM sessions".to_owned()).await.remove(0);
        ada.sign_in("ada").await;
        server.execute_text(format!("UPDATE sessions SET token_hash = 'x' WHERE token_hash = '{first}'")).await;
        corrupt(&server, db, "UPDATE muted_projects SET project_id = 'x'").await;
        let before = counted(&ada).await;
        assert_eq!(ada.get("/api/account/sessions").await.expect(200).field::<Vec<Value>>("sessions").len(), 1);
        ada.get("/api/notifications/preferences").await.expect(200);
        assert!(counted(&ada).await >= before + 2);
        ada.get("/account").await.expect(200);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn an_unreadable_session_counts_as_missing() {
    let server = TestServer::start(Db::Sqlite).await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    server.execute_text(format!("UPDATE sessions SET created_at = 'then' WHERE user_id = '{}'", ada.user().id)).await;
    // Recent lookups are cached briefly, unless access is revoked.
    bob.post("/api/auth/logout", json!({})).await;
    ada.get("/api/me").await.refused(401, "not_signed_in");
    let mut again = server.anonymous();
    again.sign_in("ada").await;
    again.get("/api/projects").await.expect(200);
}
