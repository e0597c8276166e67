//! Capacities, and who may set them.

use engine::oversight::Capacity;
use serde_json::{Value, json};

use super::{hours, make, of, workload};
use crate::harness::{Client, TestServer, on_both_databases};

fn of_user(client: &Client) -> String {
    format!("/api/users/{}/capacity", client.user().id)
}

fn hours_a_day(hours: [f64; 7], days_off: &Value) -> Value {
    json!({ "hours": hours, "days_off": days_off })
}

on_both_databases! {
    async fn capacity_is_set_by_its_user_and_read_by_colleagues(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben, eve) = (server.person("ann").await, server.person("ben").await, server.person("eve").await);
        let (project, other) = (ann.project("Board").await, eve.project("Other").await);
        ann.invite(project, &ben, "editor").await;
        eve.invite(other, &ann, "editor").await;
        let nothing_said: Capacity = ben.get(&of_user(&ben)).await.expect(200).json();
        assert_eq!(nothing_said, Capacity::default());

        let away = json!([{ "first": "2083-03-03", "last": "2083-03-04" }, { "first": "2083-01-01", "last": "2083-01-01" }]);
        let wanted = hours_a_day([6.0, 6.0, 6.0, 6.0, 0.0, 0.0, 0.0], &away);
        let kept: Capacity = ben.put(&of_user(&ben), wanted.clone()).await.expect(200).json();
        for reader in [&ann, &ben] {
            assert_eq!(kept, reader.get(&of_user(&ben)).await.expect(200).json());
        }
        assert_eq!(kept.days_off[0].first.to_string(), "2083-01-01", "in order");
        assert_eq!(kept.hours[..5], [6.0, 6.0, 6.0, 6.0, 0.0]);

        // It counts on every board, so owners cannot set it. Strangers cannot see it either.
        for (who, whose) in [(&ann, of_user(&ben)), (&ben, of_user(&ann)), (&eve, of_user(&ann)), (&eve, of_user(&ben))] {
            who.put(&whose, wanted.clone()).await.refused(403, "forbidden");
        }
        for (who, whose) in [(&ben, of_user(&ann)), (&ann, of_user(&eve)), (&eve, of_user(&ann))] {
            who.get(&whose).await.expect(200);
        }
        eve.get(&of_user(&ben)).await.refused(403, "forbidden");
        ben.get(&of_user(&eve)).await.refused(403, "forbidden");
        ann.get("/api/users/01920000-0000-7000-8000-000000000000/capacity").await.refused(403, "forbidden");
        ann.put("/api/users/01920000-0000-7000-8000-000000000000/capacity", wanted).await.refused(403, "forbidden");
        server.anonymous().get(&of_user(&ben)).await.refused(401, "not_signed_in");

        make(&ann, project, json!({ "assignee_id": ben.user().id, "estimate_hours": 8.0, "start_at": "2083-03-01T00:00:00Z", "due_at": "2083-03-05T00:00:00Z" })).await;
        let load = workload(&ben, "unit=day&from=2083-03-01&count=5").await;
        assert_eq!(hours(of(&load, Some(&ben))), [4.0, 4.0, 0.0, 0.0, 0.0]);
        let capacity: Vec<f64> = of(&load, Some(&ben)).cells.iter().map(|cell| cell.capacity).collect();
        assert_eq!(capacity, [6.0, 6.0, 0.0, 0.0, 0.0]);
    }

    async fn invalid_values_are_refused_with_their_field(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (full, none) = ([24.0; 7], json!([]));
        let off = |first: &str, last: &str| json!([{ "first": first, "last": last }]);
        let many: Vec<Value> = (1..=101).map(|_| json!({ "first": "2083-01-01", "last": "2083-01-02" })).collect();
        for (field, body) in [
            ("hours", hours_a_day([-1.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0], &none)),
            ("hours", hours_a_day([24.5, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0], &none)),
            ("hours", json!({ "days_off": [] })),
            ("days_off", hours_a_day(full, &off("2083-01-02", "2083-01-01"))),
            ("days_off", hours_a_day(full, &json!(many))),
            ("days_off[0].first", hours_a_day(full, &off("tomorrow", "2083-01-01"))),
            ("rate", json!({ "hours": full, "rate": 1 })),
        ] {
            assert_eq!(ann.put(&of_user(&ann), body.clone()).await.refused(422, "invalid")["field"], field, "{body}");
        }
        ann.put(&of_user(&ann), json!({ "hours": [8.0] })).await.refused(422, "invalid");
        let unchanged: Capacity = ann.get(&of_user(&ann)).await.expect(200).json();
        assert_eq!(unchanged, Capacity::default());
        ann.put(&of_user(&ann), hours_a_day(full, &json!(many[..100]))).await.expect(200);
        let kept: Capacity = ann.get(&of_user(&ann)).await.expect(200).json();
        assert_eq!((kept.hours, kept.days_off.len()), (full, 1), "each time away once");
    }

    async fn viewers_count_once_they_have_tasks_or_a_capacity(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (eve, vic, zoe) = (server.person("eve").await, server.person("vic").await, server.person("zoe").await);
        let project = ann.project("Board").await;
        for viewer in [&eve, &vic, &zoe] {
            ann.invite(project, viewer, "viewer").await;
        }
        let names = async || {
            let load = workload(&ann, "").await;
            load.people.into_iter().map(|person| person.name).collect::<Vec<_>>()
        };
        assert_eq!(names().await, ["ann", ""]);
        eve.put(&of_user(&eve), hours_a_day([4.0; 7], &json!([]))).await.expect(200);
        make(&ann, project, json!({ "assignee_id": vic.user().id })).await;
        assert_eq!(names().await, ["ann", "eve", "vic", ""]);
    }
}
