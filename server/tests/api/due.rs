//! Daily notifications of due tasks, in the morning of each recipient.

use std::time::Duration;

use engine::{Task, Timestamp, notification::NotificationPage};
use serde_json::json;
use server::{realtime::Timing, service::due};

use crate::harness::{Client, TestServer, WriteLock, on_both_databases, send};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// Creates a task that is due on a day.
async fn task(client: &Client, project: engine::ProjectId, title: &str, day: &str, assignee: Option<&Client>) -> Task {
    let assignee = assignee.map(|person| person.user().id);
    let draft = json!({ "title": title, "due_at": format!("{day}T00:00:00Z"), "assignee_id": assignee });
    client.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201).field("task")
}

async fn live_in(client: &Client, zone: &str) {
    let body = json!({ "kinds": [], "time_zone": zone });
    send(client.request(reqwest::Method::PUT, "/api/notifications/preferences").json(&body)).await.expect(200);
}

/// The due notifications of a user, newest first.
async fn notified(client: &Client) -> Vec<String> {
    let page: NotificationPage = client.get("/api/notifications").await.expect(200).json();
    let due = page.notifications.into_iter().filter(|notified| notified.actor_id.is_none());
    due.map(|notified| format!("{}: {}", notified.title, notified.message)).collect()
}

on_both_databases! {
    async fn due_tasks_are_notified_once_a_day_and_finished_ones_are_not(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        task(&ann, project, "Tomorrow", "2031-05-02", Some(&ann)).await;
        task(&ann, project, "Today", "2031-05-01", Some(&ann)).await;
        task(&ann, project, "Late", "2031-04-28", Some(&ann)).await;
        let done = task(&ann, project, "Done", "2031-04-28", Some(&ann)).await;
        let last = *ann.statuses(project).await.last().expect("a column");
        ann.patch(&format!("/api/tasks/{}/status", done.id), json!({ "status_id": last })).await.expect(200);
        let gone = task(&ann, project, "Gone", "2031-04-28", Some(&ann)).await;
        ann.delete(&format!("/api/tasks/{}", gone.id)).await.expect(200);

        let notify = async |moment| due::notify(&server.state().services, at(moment)).await.expect("the database answers");
        assert_eq!(notify("2031-05-01T07:59:00Z").await, 0, "before the morning");
        assert_eq!(notify("2031-05-01T08:00:00Z").await, 2);
        assert_eq!(notify("2031-05-01T23:00:00Z").await, 0);
        let mut first = notified(&ann).await;
        first.sort_unstable();
        assert_eq!(first, ["Due tomorrow: Tomorrow", "Overdue by 3 days: Late"]);
        assert_eq!(notify("2031-05-02T09:00:00Z").await, 2);
        let second = &notified(&ann).await[..2];
        assert!(second.contains(&"Overdue by a day: Today".into()) && second.contains(&"Overdue by 4 days: Late".into()));
    }

    async fn the_day_is_that_of_the_recipient(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        live_in(&ann, "Pacific/Auckland").await;
        live_in(&ben, "Pacific/Honolulu").await;
        for person in [&ann, &ben] {
            task(&ann, project, "Card", "2031-05-03", Some(person)).await;
        }
        let notify = async |moment| due::notify(&server.state().services, at(moment)).await.expect("the database answers");
        // The second of May, ten in the morning, in Auckland; still the first in Honolulu.
        assert_eq!(notify("2031-05-01T22:00:00Z").await, 1);
        assert_eq!((notified(&ann).await.len(), notified(&ben).await.len()), (1, 0));
        assert_eq!(notify("2031-05-02T18:00:00Z").await, 1);
        assert_eq!((notified(&ann).await.len(), notified(&ben).await.len()), (1, 1));
    }

    async fn without_an_assignee_the_watchers_are_notified_unless_they_opted_out(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let card = task(&ann, project, "Card", "2031-05-02", None).await;
        for person in [&ann, &ben] {
            let (task, user) = (card.id, person.user().id);
            server.execute_text(format!("DELETE FROM task_watchers WHERE task_id = '{task}' AND user_id = '{user}'")).await;
            server.execute_text(format!("INSERT INTO task_watchers (task_id, user_id, watching) VALUES ('{task}', '{user}', 1)")).await;
        }
        let off = json!({ "bell": false, "browser": false, "email": false });
        let body = json!({ "kinds": [{ "kind": "due", "channels": off }], "time_zone": "UTC" });
        send(ben.request(reqwest::Method::PUT, "/api/notifications/preferences").json(&body)).await.expect(200);
        assert_eq!(due::notify(&server.state().services, at("2031-05-01T12:00:00Z")).await.expect("the database answers"), 1);
        assert_eq!((notified(&ann).await.len(), notified(&ben).await.len()), (1, 0));
    }

    async fn recipients_without_channels_cost_no_write(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        task(&ann, project, "Card", "2031-05-02", Some(&ann)).await;
        let off = json!({ "bell": false, "browser": false, "email": false });
        let body = json!({ "kinds": [{ "kind": "due", "channels": off }], "time_zone": "UTC" });
        send(ann.request(reqwest::Method::PUT, "/api/notifications/preferences").json(&body)).await.expect(200);
        let lock = WriteLock::take(&server).await;
        let notified = due::notify(&server.state().services, at("2031-05-01T12:00:00Z"));
        let notified = tokio::time::timeout(Duration::from_secs(3), notified).await.expect("it asks, and does not write");
        assert_eq!(notified.expect("the database answers"), 0);
        lock.release().await;
    }

    async fn two_concurrent_nodes_notify_once(db: Db) {
        let server = TestServer::start(db).await;
        let other = server.beside(Timing::default(), |_| ()).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        for number in 0..30 {
            task(&ann, project, &format!("Card {number}"), "2031-05-02", Some(&ann)).await;
        }
        let noon = at("2031-05-01T12:00:00Z");
        let (one, two) = tokio::join!(due::notify(&server.state().services, noon), due::notify(&other.state().services, noon));
        assert_eq!(one.expect("one tells") + two.expect("the other too"), 30);
        assert_eq!(notified(&ann).await.len(), 30);
    }
}
