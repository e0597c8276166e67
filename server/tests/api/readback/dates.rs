//! The dates of a task are read as they were written.

use engine::{Event, Task, oversight::Capacity};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::harness::{Client, TestServer, on_both_databases, path};

/// Zones of which, at any time, some have another date than UTC.
const ZONES: [&str; 5] =
    ["Pacific/Kiritimati", "Pacific/Auckland", "Pacific/Honolulu", "Pacific/Pago_Pago", "Europe/Berlin"];

async fn set_zone(client: &Client, zone: &str) {
    let mut preferences: Value = client.get("/api/notifications/preferences").await.expect(200).json();
    preferences["time_zone"] = zone.into();
    client.put("/api/notifications/preferences", preferences).await.expect(200);
}

on_both_databases! {
    async fn dates_are_read_as_written(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let task = ada.task(project, "one").await;
        let tasks = format!("/api/projects/{project}/tasks");
        for (written, date) in [
            ("2026-12-01", "2026-12-01"),
            ("2026-12-01T00:00:00Z", "2026-12-01"),
            ("2026-12-01T00:00:00+13:00", "2026-12-01"),
            ("2026-12-01T23:59:59.999-11:00", "2026-12-01"),
            ("1970-01-01T00:00:00+14:00", "1970-01-01"),
            ("2999-12-31T23:59:59-12:00", "2999-12-31"),
        ] {
            let midnight = format!("{date}T00:00:00.000Z");
            for field in ["start_at", "due_at"] {
                let body = json!({ "title": "dated", field: written });
                let made: Value = ada.post(&tasks, body).await.expect(201).field("task");
                assert_eq!(made[field], midnight, "{written}");
                let patched: Value = ada.patch(&path(task.id), json!({ field: written })).await.expect(200).field("task");
                assert_eq!(patched[field], midnight, "{written}");
                let bulk = json!({ "ids": [task.id], "change": { "set": { field: written } } });
                ada.post(&format!("{tasks}/bulk"), bulk).await.expect(200);
                let read: Value = ada.get(&path(task.id)).await.expect(200).field("task");
                assert_eq!(read[field], midnight, "{written}");
            }
        }
    }

    async fn implausible_dates_are_refused_with_a_reason(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let task = ada.task(project, "one").await;
        let tasks = format!("/api/projects/{project}/tasks");
        let seq = ada.board(project).await.seq;
        for bad in [
            json!("9999-12-31T23:59:59-12:00"),
            json!("9999-12-31T00:00:00Z"),
            json!("3000-01-01"),
            json!("1969-12-31"),
            json!("1969-12-31T23:59:59-05:00"),
            json!("0000-01-01T00:00:00+12:00"),
            json!("10000-01-01T00:00:00Z"),
            json!("+012026-01-01T00:00:00Z"),
            json!("-0001-01-01"),
            json!("2026-02-30"),
            json!("2026-12-01T25:00:00Z"),
            json!("tomorrow"),
            json!(""),
            json!(1_764_000_000_000_i64),
            json!({}),
        ] {
            for field in ["start_at", "due_at"] {
                let bulk = json!({ "ids": [task.id], "change": { "set": { field: bad } } });
                for (answer, name) in [
                    (ada.post(&tasks, json!({ "title": "dated", field: bad })).await, field.to_owned()),
                    (ada.patch(&path(task.id), json!({ field: bad })).await, field.to_owned()),
                    (ada.post(&format!("{tasks}/bulk"), bulk).await, format!("change.set.{field}")),
                ] {
                    let error = answer.refused(422, "invalid");
                    let named = error["field"].as_str().unwrap_or_default();
                    assert!(named == name || named == field, "{bad}: {error}");
                    assert!(!error["message"].to_string().contains("at line"), "{error}");
                }
            }
        }
        let error = ada.patch(&path(task.id), json!({ "due_at": "9999-12-31" })).await.refused(422, "invalid");
        assert_eq!(error["message"], "Enter a date from 1970-01-01 to 2999-12-31.");
        assert_eq!(ada.board(project).await.seq, seq, "nothing was written");
    }

    async fn dates_of_queries_are_bounded_too(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        for query in [
            "workload?from=9999-12-31",
            "workload?from=0000-01-01&count=60",
            "workload.csv?from=9999-12-31&unit=day",
            "tasks?user=none&which=period&from=9999-12-30&to=9999-12-31",
            "flow?to=0000-01-01",
            "flow?to=9999-12-31",
            "report?week=9999-12-31",
            "report?week=0000-01-01",
            "report.csv?week=0000-01-01",
        ] {
            let error = ada.get(&format!("/api/oversight/{query}")).await.refused(422, "invalid");
            assert!(error["field"].is_string(), "{query}: {error}");
        }
        ada.get("/api/oversight/workload?from=2999-12-31&count=60").await.expect(200);
        let capacity = format!("/api/users/{}/capacity", ada.user().id);
        let off = |first: &str, last: &str| json!({ "hours": [8, 8, 8, 8, 8, 0, 0], "days_off": [{ "first": first, "last": last }] });
        for (first, last) in [("0000-01-01", "2026-01-01"), ("2026-01-01", "9999-12-31")] {
            assert_eq!(ada.put(&capacity, off(first, last)).await.refused(422, "invalid")["field"], "days_off");
        }
        ada.put(&capacity, off("2026-01-01", "2999-12-31")).await.expect(200).json::<Capacity>();
    }

    async fn the_first_paint_knows_the_readers_date(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let url = path(ada.task(project, "one").await.id);
        for zone in ZONES {
            set_zone(&ada, zone).await;
            let today = || Timestamp::now().to_zoned(TimeZone::get(zone).expect("a zone")).date();
            // Again, in case midnight passed in between.
            for last in [false, true] {
                let date = today();
                let shown = async |due: jiff::civil::Date| {
                    ada.patch(&url, json!({ "due_at": due.to_string() })).await.expect(200);
                    let page = ada.get(&format!("/projects/{project}")).await.expect(200).text;
                    (page.contains(">Today<"), page.contains(">Yesterday<"), page.contains(">Tomorrow<"))
                };
                let (yesterday, tomorrow) = (date.yesterday().expect("a date"), date.tomorrow().expect("a date"));
                let seen = [shown(date).await, shown(yesterday).await, shown(tomorrow).await];
                if date == today() || last {
                    assert_eq!(seen, [(true, false, false), (false, true, false), (false, false, true)], "{zone}");
                    break;
                }
            }
        }
    }

    async fn dates_stored_by_earlier_builds_are_read_as_the_nearest_date(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        let task = ada.task(project, "one").await;
        // 10000-01-01T11:59:59Z, and as far before the year 0.
        let sql = format!("UPDATE tasks SET due_at = 253402343999000, start_at = -62167262400000 WHERE id = '{}'", task.id);
        server.execute_text(sql).await;
        let sql = "UPDATE project_events SET frame = REPLACE(frame, '\"due_at\":null', '\"due_at\":\"10000-01-01T11:59:59.000Z\"')";
        server.execute(sql).await;
        let board = bob.board(project).await;
        assert_eq!((board.unreadable, board.tasks.len()), (0, 1));
        assert_eq!(board.tasks[0].due_at.map(|due| due.to_string()), Some("9999-12-31T00:00:00.000Z".into()));
        assert_eq!(board.tasks[0].start_at.map(|start| start.to_string()), Some("0000-01-01T00:00:00.000Z".into()));
        for event in bob.events(project).await {
            let event: Event = serde_json::from_str(&event.to_string()).expect("an event");
            assert!(!matches!(event.change, engine::Change::Unreadable(_)), "{event:?}");
        }
        // It stays editable and visible on pages and in oversight.
        let changed: Task = bob.patch(&path(task.id), json!({ "title": "two" })).await.expect(200).field("task");
        assert_eq!(changed.title, "two");
        bob.get(&format!("/projects/{project}?task={}", task.id)).await.expect(200);
        for path in ["workload", "report", "flow", "tasks?user=none&which=open"] {
            ada.get(&format!("/api/oversight/{path}")).await.expect(200);
        }
        let cleared: Task = bob.patch(&path(task.id), json!({ "due_at": null })).await.expect(200).field("task");
        assert_eq!(cleared.due_at, None);
    }
}
