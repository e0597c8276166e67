//! Notification preferences.

use engine::{
    day::FirstWeekday,
    notification::{NotificationKind, NotificationPage, Preferences},
};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestServer, on_both_databases, send};

const PATH: &str = "/api/notifications/preferences";

async fn put(client: &Client, body: &Value) -> Answer {
    send(client.request(reqwest::Method::PUT, PATH).json(body)).await
}

/// The channels of a kind.
fn kind(kind: &str, bell: bool, browser: bool, email: bool) -> Value {
    json!({ "kind": kind, "channels": { "bell": bell, "browser": browser, "email": email } })
}

on_both_databases! {
    async fn preferences_are_stored_and_default_otherwise(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let before: Preferences = ann.get(PATH).await.expect(200).json();
        let kinds: Vec<NotificationKind> = before.kinds.iter().map(|kind| kind.kind).collect();
        assert_eq!(kinds, NotificationKind::ALL);
        assert_eq!((before.time_zone.as_str(), before.quiet, before.email_available), ("UTC", None, false));

        let (mine, others) = (ann.project("Mine").await, server.person("ben").await.project("Not mine").await);
        let wanted = json!({
            "kinds": [kind("status", false, false, false)], "quiet": { "from": 1320, "to": 420 },
            "time_zone": "Europe/Berlin", "first_weekday": "sunday", "muted": [mine, others],
        });
        let said: Preferences = put(&ann, &wanted).await.expect(200).json();
        let kept: Preferences = ann.get(PATH).await.expect(200).json();
        assert_eq!(said, kept);
        assert_eq!((kept.time_zone.as_str(), kept.muted.as_slice()), ("Europe/Berlin", [mine].as_slice()));
        assert_eq!((before.first_weekday, kept.first_weekday), (FirstWeekday::Monday, FirstWeekday::Sunday));
        assert_eq!(kept.quiet.map(|quiet| (quiet.from, quiet.to)), Some((1320, 420)));
        for (now, default) in kept.kinds.iter().zip(&before.kinds) {
            assert_eq!(now == default, now.kind != NotificationKind::Status, "{now:?}");
        }
        // The stored preferences replace all earlier ones.
        let said: Preferences = put(&ann, &json!({ "kinds": [], "time_zone": "UTC" })).await.expect(200).json();
        assert_eq!(said, before);
    }

    async fn invalid_values_are_refused_with_their_field(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        for (field, value) in [
            ("time_zone", json!("Europe/Atlantis")),
            ("time_zone", json!("")),
            ("quiet", json!({ "from": 0, "to": 1440 })),
            ("quiet", json!({ "from": 60, "to": 60 })),
            ("kinds", json!([kind("due", true, true, true), kind("due", true, true, true)])),
        ] {
            let mut body = json!({ "kinds": [], "time_zone": "UTC" });
            body[field] = value;
            assert_eq!(put(&ann, &body).await.refused(422, "invalid")["field"], field, "{body}");
        }
        put(&server.anonymous(), &json!({})).await.refused(401, "not_signed_in");
    }

    async fn disabled_kinds_and_muted_projects_notify_less(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let mut task = String::new();
        let mut act = async |number: u32| {
            let draft = json!({ "title": format!("Card {number}"), "assignee_id": ben.user().id });
            let made = ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
            task = made.field::<engine::Task>("task").id.to_string();
            ann.patch(&format!("/api/tasks/{task}"), json!({ "blocked_reason": "Rain" })).await.expect(200);
        };
        let notified = async || {
            let page: NotificationPage = ben.get("/api/notifications").await.expect(200).json();
            page.notifications.iter().map(|notified| (notified.kind, notified.alert)).collect::<Vec<_>>()
        };
        put(&ben, &json!({ "kinds": [kind("blocker", false, true, true)], "time_zone": "UTC" })).await.expect(200);
        act(1).await;
        assert_eq!(notified().await, [(NotificationKind::Assignment, true)]);
        put(&ben, &json!({ "kinds": [], "time_zone": "UTC", "muted": [project] })).await.expect(200);
        act(2).await;
        assert_eq!(notified().await, [(NotificationKind::Assignment, false), (NotificationKind::Assignment, true)]);
        let always = json!({ "kinds": [], "time_zone": "UTC", "quiet": { "from": 0, "to": 1439 } });
        put(&ben, &always).await.expect(200);
        act(3).await;
        let (blocker, assignment) = (notified().await[0], notified().await[1]);
        assert_eq!((blocker.0, assignment.0), (NotificationKind::Blocker, NotificationKind::Assignment));
        // The last minute of the day is not quiet.
        let last_minute = server::clock::now().millis().rem_euclid(86_400_000) >= 86_340_000;
        assert!(!assignment.1 || last_minute);
    }
}
