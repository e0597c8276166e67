//! Figures are cached and never stale: whatever is written on one node is read on the other at once.

use engine::{Task, oversight::workload::PersonLoad};
use serde_json::{Value, json};
use server::realtime::Timing;

use super::{super::versions::unless, counted, make, of, workload};
use crate::{
    harness::{Client, RedisServer, TestServer, on_both_databases, path},
    realtime::pair,
};

/// The figures of some weeks of March 2083: hours and tasks of each, open, blocked.
fn sight(load: &PersonLoad) -> (f64, u32, u32, u32) {
    let hours = load.cells.iter().map(|cell| cell.hours).sum();
    (hours, load.cells.iter().map(|cell| cell.tasks).sum(), load.open, load.blocked)
}

async fn sees(client: &Client, person: Option<&Client>) -> (f64, u32, u32, u32) {
    sight(of(&workload(client, "from=2083-03-01&count=2").await, person))
}

fn due() -> Value {
    json!({ "estimate_hours": 4.0, "due_at": "2083-03-02T00:00:00Z" })
}

/// Each kind of change by Ann on one node, and at once what she reads on the other, with or without the bus.
async fn each_change_is_read_on_the_other(one: &TestServer, two: &TestServer) {
    let (ann, ben) = (one.person("ann").await, one.person("ben").await);
    let project = ann.project("Board").await;
    let there = ann.at(two.addr());
    let nobody = async || sees(&there, None).await;
    assert_eq!(nobody().await, (0.0, 0, 0, 0));

    let task = make(&ann, project, due()).await;
    assert_eq!(nobody().await, (4.0, 1, 1, 0), "create");
    ann.patch(&path(task.id), json!({ "estimate_hours": 7.5 })).await.expect(200);
    assert_eq!(nobody().await, (7.5, 1, 1, 0), "estimate");
    ann.patch(&path(task.id), json!({ "due_at": "2083-05-01T00:00:00Z" })).await.expect(200);
    assert_eq!(nobody().await, (0.0, 0, 1, 0), "dates");
    ann.patch(&path(task.id), json!({ "due_at": "2083-03-09T00:00:00Z", "blocked_reason": "Rain" })).await.expect(200);
    assert_eq!(nobody().await, (7.5, 1, 1, 1), "blocked");
    let statuses = ann.statuses(project).await;
    let to = async |status| {
        ann.patch(&format!("{}/status", path(task.id)), json!({ "status_id": status })).await.expect(200);
    };
    to(statuses[2]).await;
    assert_eq!(nobody().await, (0.0, 0, 0, 0), "done");
    to(statuses[0]).await;
    assert_eq!(nobody().await, (7.5, 1, 1, 1), "taken up again");
    ann.delete(&path(task.id)).await.expect(200);
    assert_eq!(nobody().await, (0.0, 0, 0, 0), "delete");
    ann.post(&format!("{}/restore", path(task.id)), json!({})).await.expect(200);
    assert_eq!(nobody().await.2, 1, "restore");

    ann.invite(project, &ben, "viewer").await;
    let load = workload(&there, "").await;
    assert!(load.people.iter().all(|person| person.user_id != Some(ben.user().id)), "a viewer has nothing to do");
    assert_eq!(sees(&ben.at(two.addr()), None).await.2, 1, "and sees");
    ann.post(&format!("{}/assign", path(task.id)), json!({ "assignee_id": ben.user().id })).await.expect(200);
    assert_eq!((sees(&there, Some(&ben)).await.2, nobody().await.2), (1, 0), "assign");
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(make(&ann, project, due()).await.id);
    }
    let change = json!({ "ids": ids, "change": { "assign": { "assignee_id": ben.user().id } } });
    ann.post(&format!("/api/projects/{project}/tasks/bulk"), change).await.expect(200);
    assert_eq!(sees(&there, Some(&ben)).await, (19.5, 4, 4, 1), "bulk");

    let capacity = |load: &engine::oversight::Workload| of(load, Some(&ben)).cells[0].capacity;
    assert!((capacity(&workload(&there, "count=1").await) - 40.0).abs() < 1e-9);
    let half = json!({ "hours": [4.0, 4.0, 4.0, 4.0, 4.0, 0.0, 0.0] });
    ben.put(&format!("/api/users/{}/capacity", ben.user().id), half).await.expect(200);
    assert!((capacity(&workload(&there, "count=1").await) - 20.0).abs() < 1e-9, "capacity");

    ann.delete(&format!("/api/projects/{project}/members/{}", ben.user().id)).await.expect(200);
    let load = workload(&there, "from=2083-03-01&count=2").await;
    assert_eq!((of(&load, Some(&ben)).open, of(&load, Some(&ben)).editable), (4, false), "what they have stays theirs");
    assert!((capacity(&load) - 40.0).abs() < 1e-9, "how much they work is not for those they share nothing with");
    assert!(
        workload(&ben.at(two.addr()), "").await.people.iter().all(|person| person.open == 0),
        "and they see nothing"
    );
    ann.delete(&format!("/api/projects/{project}")).await.expect(200);
    assert_eq!(workload(&there, "").await.people.len(), 1, "nor does anybody of what is gone");
}

on_both_databases! {
    async fn every_change_on_one_node_is_read_on_the_other_at_once(db: Db) {
        let redis = RedisServer::start().await;
        let (one, two) = pair(db, &redis, &Timing::default()).await;
        each_change_is_read_on_the_other(&one, &two).await;
    }

    async fn a_change_that_the_bus_lost_is_read_at_once_too(db: Db) {
        let mut redis = RedisServer::start().await;
        let (one, two) = pair(db, &redis, &Timing::default()).await;
        redis.kill();
        each_change_is_read_on_the_other(&one, &two).await;
    }

    async fn shares_are_cached_until_their_board_changes(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let (one, two) = (ann.project("One").await, ann.project("Two").await);
        ann.invite(one, &ben, "viewer").await;
        let task: Task = make(&ann, one, due()).await;
        assert_eq!(counted(&server), (0, 0));
        workload(&ann, "from=2083-03-01").await;
        assert_eq!(counted(&server), (2, 0));
        // Other periods, units and people: all of it from the cache.
        workload(&ann, "unit=day&from=2083-03-01&count=60").await;
        workload(&ben, "").await;
        workload(&ann, &format!("project={two}")).await;
        assert_eq!(counted(&server), (2, 4));
        ann.patch(&path(task.id), json!({ "estimate_hours": 1.0 })).await.expect(200);
        workload(&ann, "").await;
        assert_eq!(counted(&server), (3, 5), "only the board that changed");

        let metrics = server.anonymous().get("/metrics").await.expect(200).text;
        for line in ["lockstep_oversight_cache_misses_total 3", "lockstep_oversight_cache_hits_total 5"] {
            assert!(metrics.lines().any(|metric| metric == line), "{metrics}");
        }
        let bytes = metrics.lines().find_map(|line| line.strip_prefix("lockstep_oversight_cache_bytes "));
        assert!(bytes.is_some_and(|bytes| bytes.parse::<u64>().is_ok_and(|bytes| bytes > 0)), "{metrics}");
    }

    async fn concurrent_readers_share_one_computation(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        make(&ann, ann.project("Board").await, due()).await;
        let asked = (0..20).map(|_| workload(&ann, "from=2083-03-01"));
        let answers = futures_util::future::join_all(asked).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(counted(&server), (1, 19));
    }

    async fn known_versions_are_not_sent_again(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let task = make(&ann, project, due()).await;
        let query = "from=2083-03-01&count=2";
        let version = async |query: &str| workload(&ann, query).await.version;
        let again = async |query: &str, seen: &str| {
            unless(&ann, &format!("/api/oversight/workload?{query}"), seen).await.status
        };
        let mut seen = version(query).await;
        assert_eq!((again(query, &seen).await, again("from=2083-03-01&count=3", &seen).await), (304, 200));
        let capacity = async |hours: f64| {
            ann.put(&format!("/api/users/{}/capacity", ann.user().id), json!({ "hours": ([hours; 7]) })).await.expect(200);
        };
        let weekday = async |first: &str| {
            let body = json!({ "kinds": [], "time_zone": "UTC", "first_weekday": first });
            ann.put("/api/notifications/preferences", body).await.expect(200);
        };
        for change in 0..3 {
            match change {
                0 => drop(ann.patch(&path(task.id), json!({ "title": "Another" })).await.expect(200)),
                1 => capacity(3.0).await,
                _ => weekday("sunday").await,
            }
            assert_eq!(again(query, &seen).await, 200, "{change}");
            seen = version(query).await;
            assert_eq!(again(query, &seen).await, 304, "{change}");
        }
    }
}
