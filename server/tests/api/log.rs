//! The log: without gaps, complete, and consistent with the board.

use engine::{Board, Event, Snapshot, event::Change};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{Client, TestServer, on_both_databases, path};

/// Applies the whole log to the initial board, and compares with the current one.
pub(crate) async fn replay(client: &Client, first: Snapshot) {
    let mut board = Board::new(first);
    let project = board.project().id;
    let seen = usize::try_from(board.seq()).expect("a small number");
    for event in client.events(project).await.into_iter().skip(seen) {
        let event: Event = serde_json::from_value(event).expect("an event");
        assert_eq!((event.seq, event.epoch), (board.seq() + 1, board.epoch()));
        assert!(!matches!(event.change, Change::Unknown(_)), "{event:?}");
        board.apply(&event);
    }
    let mut now = client.board(project).await;
    let mut then = board.snapshot();
    // Events go to everyone, so they contain no role; and snapshots have no descriptions.
    now.project.role = None;
    then.project.role = None;
    for task in &mut then.tasks {
        task.description = None;
    }
    now.members.sort_by_key(|member| member.user_id);
    then.members.sort_by_key(|member| member.user_id);
    assert_eq!(then, now);
}

on_both_databases! {
    async fn twenty_writers_leave_no_gap_and_lose_nothing(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let first = ada.board(project).await;
        let statuses = ada.statuses(project).await;
        let mut writing = JoinSet::new();
        for writer in 0..20 {
            let (ada, statuses) = (ada.clone(), statuses.clone());
            writing.spawn(async move {
                let task = ada.task(project, &format!("task {writer}")).await;
                let mut seqs = Vec::new();
                for round in 0..4 {
                    let to = json!({ "status_id": statuses[(writer + round) % 3] });
                    let answer = ada.patch(&format!("{}/status", path(task.id)), to).await.expect(200);
                    seqs.push(answer.field::<u64>("seq"));
                }
                seqs
            });
        }
        let mut seqs: Vec<u64> = writing.join_all().await.concat();
        assert_eq!(seqs.len(), 80);
        seqs.sort_unstable();
        seqs.dedup();
        assert_eq!(seqs.len(), 80, "each move has a seq of its own");
        let logged: Vec<u64> = ada.events(project).await.iter().map(|event| event["seq"].as_u64().expect("a seq")).collect();
        assert_eq!(logged, (1..=100).collect::<Vec<u64>>());
        replay(&ada, first).await;
        for status in statuses {
            let board = ada.board(project).await;
            let mut ranks: Vec<_> = board.tasks.iter().filter(|task| task.status_id == status).map(|task| &task.rank).collect();
            let count = ranks.len();
            ranks.dedup();
            assert_eq!(ranks.len(), count, "writers at once got the same rank");
        }
    }

    async fn every_kind_of_event_leads_to_the_same_board(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        let first = ada.board(project).await;
        let base = format!("/api/projects/{project}");
        let statuses = ada.statuses(project).await;
        let (one, two) = (ada.task(project, "one").await, ada.task(project, "two").await);
        ada.invite(project, &bob, "viewer").await;
        let member = format!("{base}/members/{}", bob.user().id);
        ada.patch(&member, json!({ "role": "editor" })).await.expect(200);
        bob.post(&format!("{}/assign", path(one.id)), json!({ "assignee_id": bob.user().id })).await.expect(200);
        bob.patch(&path(one.id), json!({ "description": "x", "version": 1, "due_at": "2026-12-24T00:00:00Z" }))
            .await
            .expect(200);
        bob.patch(&format!("{}/status", path(two.id)), json!({ "status_id": statuses[2] })).await.expect(200);
        bob.delete(&path(one.id)).await.expect(200);
        bob.post(&format!("{}/restore", path(one.id)), json!({})).await.expect(200);
        let review = bob.post(&format!("{base}/statuses"), json!({ "name": "Review", "after_id": statuses[0] })).await;
        let review: Value = review.expect(201).field("status");
        let review = format!("{base}/statuses/{}", review["id"].as_str().expect("an id"));
        bob.patch(&review, json!({ "wip_limit": 3, "color": "#123456" })).await.expect(200);
        bob.delete(&review).await.expect(200);
        bob.patch(&format!("{base}/statuses/{}", statuses[0]), json!({ "category": "done" })).await.expect(200);
        ada.delete(&member).await.expect(200);
        ada.patch(&base, json!({ "name": "Analytical" })).await.expect(200);
        let kinds: Vec<String> = ada.events(project).await.iter().map(|event| event["type"].to_string()).collect();
        for kind in [
            "task_created", "task_updated", "task_status_changed", "task_deleted", "task_assigned", "task_restored",
            "status_created", "status_updated", "status_deleted", "project_updated", "member_added",
            "member_updated", "member_removed",
        ] {
            assert!(kinds.contains(&format!("\"{kind}\"")), "{kind} is not among {kinds:?}");
        }
        replay(&ada, first).await;
    }

    async fn a_write_that_fails_leaves_neither_rows_nor_a_gap(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let task = ada.task(project, "one").await;
        // The id is found to be taken only after the rank was computed and rows were written.
        let body = json!({ "id": task.id, "title": "two" });
        let error = ada.post(&format!("/api/projects/{project}/tasks"), body).await.refused(409, "task_exists");
        assert_eq!(error["field"], "id");
        assert_eq!(ada.task(project, "three").await.version, 1);
        let seqs: Vec<Value> = ada.events(project).await.iter().map(|event| event["seq"].clone()).collect();
        assert_eq!(seqs, [1, 2]);
    }

    async fn the_log_is_read_in_pages(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        for index in 0..5 {
            ada.task(project, &format!("task {index}")).await;
        }
        let epoch = ada.board(project).await.epoch;
        let page = |since: u64, limit: u64| {
            let path = format!("/api/projects/{project}/events?epoch={epoch}&since={since}&limit={limit}");
            let ada = &ada;
            async move {
                let answer = ada.get(&path).await.expect(200);
                assert_eq!(answer.field::<u64>("seq"), 5);
                answer.field::<Vec<Event>>("events").iter().map(|event| event.seq).collect::<Vec<u64>>()
            }
        };
        assert_eq!(page(0, 2).await, [1, 2]);
        assert_eq!(page(2, 100).await, [3, 4, 5]);
        assert_eq!(page(5, 100).await, [0; 0]);
    }

    async fn a_cursor_that_cannot_be_continued_gets_log_pruned(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        for index in 0..3 {
            ada.task(project, &format!("task {index}")).await;
        }
        let epoch = ada.board(project).await.epoch;
        let events = |epoch: Uuid, since: u64| format!("/api/projects/{project}/events?epoch={epoch}&since={since}");
        ada.get(&events(Uuid::new_v4(), 0)).await.refused(410, "log_pruned");
        ada.get(&events(epoch.uuid(), 4)).await.refused(410, "log_pruned");
        ada.get(&events(epoch.uuid(), u64::MAX)).await.refused(410, "log_pruned");
        server.execute("DELETE FROM project_events WHERE seq < 3").await;
        ada.get(&events(epoch.uuid(), 1)).await.refused(410, "log_pruned");
        ada.get(&events(epoch.uuid(), 2)).await.expect(200);
        server.execute("DELETE FROM project_events").await;
        ada.get(&events(epoch.uuid(), 2)).await.refused(410, "log_pruned");
        assert_eq!(ada.get(&events(epoch.uuid(), 3)).await.expect(200).field::<Vec<Value>>("events").len(), 0);
        ada.get(&format!("/api/projects/{project}/events?epoch={epoch}")).await.refused(422, "invalid");
    }
}
