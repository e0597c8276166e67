//! Bulk changes: all tasks or none, once, in a few frames.

use std::time::Instant;

use engine::{Assignment, Board, Bulk, BulkChange, BulkPatch, Event, Placement, Priority, ProjectId, Task, TaskId};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Answer, Client, Db, TestServer, new_op, on_both_databases};

async fn bulk(client: &Client, project: ProjectId, ids: &[TaskId], change: BulkChange) -> Answer {
    client.op(Bulk { ids: ids.to_vec(), change }.request(project), new_op()).await
}

/// A project with tasks `0`, `1`, `2` … in the first column.
async fn tasks(client: &Client, count: usize) -> (ProjectId, Vec<TaskId>) {
    let project = client.project("Many").await;
    let mut ids = Vec::with_capacity(count);
    for number in 0..count {
        ids.push(client.task(project, &number.to_string()).await.id);
    }
    (project, ids)
}

/// Fills the first column of a project directly in the database: hundreds of requests would take long.
async fn fill(server: &TestServer, client: &Client, count: usize) -> (ProjectId, Vec<TaskId>) {
    let (project, _) = tasks(client, 1).await;
    let template = client.board(project).await.tasks[0].clone();
    let ranks = engine::Rank::spread(count + 1);
    let rows: Vec<String> = (1..=count)
        .map(|number| {
            let Task { status_id, created_by, .. } = &template;
            let (id, rank) = (Uuid::now_v7(), ranks[number].as_str());
            format!(
                "('{id}', '{project}', '{status_id}', '{rank}', '{number}', '', 1, 'none', '{created_by}', 0, 0, 1)"
            )
        })
        .collect();
    let sql = format!(
        "INSERT INTO tasks (id, project_id, status_id, rank, title, description, description_version, priority,
         created_by, created_at, updated_at, version) VALUES {}",
        rows.join(", ")
    );
    server.execute_text(sql).await;
    let ids = client.board(project).await.tasks.into_iter().skip(1).map(|task| task.id).collect();
    (project, ids)
}

/// The events after `since`, which lead from `before` to the current board.
async fn replayed(client: &Client, before: engine::Snapshot) -> Vec<Event> {
    let project = before.project.id;
    let path = format!("/api/projects/{project}/events?epoch={}&since={}", before.epoch, before.seq);
    let events: Vec<Event> = client.get(&path).await.expect(200).field("events");
    let mut board = Board::new(before);
    events.iter().for_each(|event| {
        assert_eq!(event.seq, board.seq() + 1);
        board.apply(event);
    });
    let mut then = board.snapshot();
    let mut now = client.board(project).await;
    then.tasks.sort_by_key(|task| task.id);
    now.tasks.sort_by_key(|task| task.id);
    assert_eq!((then.seq, then.tasks), (now.seq, now.tasks), "the events lead to the board");
    events
}

on_both_databases! {
    async fn a_move_keeps_the_requested_order(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, ids) = tasks(&ann, 6).await;
        let statuses = ann.statuses(project).await;
        let to = |status: usize, after: Option<usize>, before: Option<usize>| BulkChange::Move(Placement {
            status_id: statuses[status],
            after_id: after.map(|task| ids[task]),
            before_id: before.map(|task| ids[task]),
        });
        let before = ann.board(project).await;
        let answer = bulk(&ann, project, &[ids[4], ids[0], ids[2]], to(2, None, None)).await.expect(200);
        let moved: Vec<Task> = answer.field("tasks");
        assert_eq!(moved.iter().map(|task| task.id).collect::<Vec<_>>(), [ids[4], ids[0], ids[2]]);
        assert!(moved.iter().all(|task| task.completed_at.is_some()), "the last column is for what is done");
        assert_eq!(ann.titles(project, statuses[2]).await, ["4", "0", "2"]);
        assert_eq!(ann.titles(project, statuses[0]).await, ["1", "3", "5"]);
        let events = replayed(&ann, before).await;
        assert_eq!(answer.field::<u64>("seq"), events[2].seq);
        assert!(events[..2].iter().all(|event| event.op_id.is_none()) && events[2].op_id.is_some());
        // Between two cards, below one, above one, and within the column.
        bulk(&ann, project, &[ids[5], ids[3]], to(2, Some(4), Some(0))).await.expect(200);
        assert_eq!(ann.titles(project, statuses[2]).await, ["4", "5", "3", "0", "2"]);
        bulk(&ann, project, &[ids[2], ids[4]], to(2, None, Some(3))).await.expect(200);
        assert_eq!(ann.titles(project, statuses[2]).await, ["5", "2", "4", "3", "0"]);
        bulk(&ann, project, &[ids[1]], to(2, Some(0), None)).await.expect(200);
        assert_eq!(ann.titles(project, statuses[2]).await, ["5", "2", "4", "3", "0", "1"]);
        // Contradictory neighbours.
        let answer = bulk(&ann, project, &[ids[5], ids[2]], to(2, Some(2), None)).await;
        assert_eq!(answer.refused(422, "rank_cycle")["field"], "after_id");
        bulk(&ann, project, &[ids[5]], to(2, Some(2), Some(2))).await.refused(422, "rank_cycle");
        let elsewhere = BulkChange::Move(Placement {
            status_id: engine::StatusId::new(Uuid::now_v7()), after_id: None, before_id: None,
        });
        bulk(&ann, project, &[ids[5]], elsewhere).await.refused(404, "status_not_found");
    }

    async fn without_a_gap_the_column_is_ranked_anew(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, ids) = tasks(&ann, 5).await;
        let statuses = ann.statuses(project).await;
        server.execute("UPDATE tasks SET rank = 'a0' WHERE title IN ('0', '1', '2')").await;
        let before = ann.board(project).await;
        let order: Vec<TaskId> =
            before.tasks.iter().filter(|task| task.rank.as_str() == "a0").map(|task| task.id).collect();
        let to = Placement { status_id: statuses[0], after_id: Some(order[0]), before_id: Some(order[1]) };
        bulk(&ann, project, &[ids[4], ids[3]], BulkChange::Move(to)).await.expect(200);
        let after: Vec<TaskId> = ann.board(project).await.tasks.iter().map(|task| task.id).collect();
        assert_eq!(after, [order[0], ids[4], ids[3], order[1], order[2]]);
        assert_eq!(replayed(&ann, before).await[0].change.kind(), "tasks_reranked");
    }

    async fn tasks_are_assigned_changed_deleted_and_restored_together(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, ids) = tasks(&ann, 4).await;
        ann.invite(project, &bob, "viewer").await;
        let before = ann.board(project).await;
        let assign = |assignee_id| BulkChange::Assign(Assignment { assignee_id });
        bulk(&ann, project, &ids[..3], assign(Some(bob.user().id))).await.expect(200);
        let assigned = ann.board(project).await.tasks.iter().filter(|task| task.assignee_id.is_some()).count();
        assert_eq!(assigned, 3);
        bulk(&ann, project, &ids[..1], assign(None)).await.expect(200);
        let stranger = server.person("stranger").await;
        bulk(&ann, project, &ids, assign(Some(stranger.user().id))).await.refused(422, "not_a_member");

        let due = "2026-12-24T18:00:00Z".parse().ok();
        let set = BulkPatch {
            priority: Some(Priority::High),
            due_at: Some(due),
            estimate_hours: Some(Some(2.5)),
            blocked_reason: Some(Some("waits".into())),
            ..BulkPatch::default()
        };
        let changed: Vec<Task> = bulk(&ann, project, &ids, BulkChange::Set(set)).await.expect(200).field("tasks");
        for task in &changed {
            assert_eq!((task.priority, task.estimate_hours), (Priority::High, Some(2.5)));
            assert_eq!(task.due_at.map(|at| at.to_string()).as_deref(), Some("2026-12-24T00:00:00.000Z"));
            assert!(task.blocked_since.is_some());
        }
        let unset = BulkPatch { due_at: Some(None), blocked_reason: Some(None), ..BulkPatch::default() };
        let changed: Vec<Task> = bulk(&ann, project, &ids[..2], BulkChange::Set(unset)).await.expect(200).field("tasks");
        assert!(changed.iter().all(|task| task.due_at.is_none() && task.blocked_since.is_none()));
        assert_eq!(bulk(&ann, project, &ids, BulkChange::Set(BulkPatch::default())).await.status, 422);

        let (standing, statuses) = (ann.board(project).await.tasks, ann.statuses(project).await);
        bulk(&ann, project, &[ids[2], ids[1]], BulkChange::Delete).await.expect(200);
        assert_eq!(ann.titles(project, statuses[0]).await, ["0", "3"]);
        bulk(&ann, project, &ids[..2], BulkChange::Restore).await.refused(409, "task_not_deleted");
        bulk(&ann, project, &[ids[1], ids[2]], BulkChange::Restore).await.expect(200);
        let ranks = |tasks: &[Task]| tasks.iter().map(|task| (task.id, task.rank.clone())).collect::<Vec<_>>();
        assert_eq!(ranks(&ann.board(project).await.tasks), ranks(&standing), "where they were");
        replayed(&ann, before).await;
    }

    async fn restored_tasks_find_a_position_if_theirs_is_taken_or_gone(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, ids) = tasks(&ann, 4).await;
        let statuses = ann.statuses(project).await;
        let to = Placement { status_id: statuses[1], after_id: None, before_id: None };
        bulk(&ann, project, &ids[2..], BulkChange::Move(to)).await.expect(200);
        bulk(&ann, project, &ids[1..], BulkChange::Delete).await.expect(200);
        ann.delete(&format!("/api/projects/{project}/statuses/{}", statuses[1])).await.expect(200);
        // The card at the end of the first column gets the rank that the deleted one had.
        let other = ann.task(project, "other").await;
        let before = ann.board(project).await;
        bulk(&ann, project, &ids[1..], BulkChange::Restore).await.expect(200);
        let titles = ann.titles(project, statuses[0]).await;
        assert_eq!(titles.len(), 5);
        assert_eq!(titles[..3], ["0", "other", "1"], "right below {}", other.rank.as_str());
        let mut ranks: Vec<_> = ann.board(project).await.tasks.into_iter().map(|task| task.rank).collect();
        ranks.dedup();
        assert_eq!(ranks.len(), 5);
        replayed(&ann, before).await;
    }

    async fn a_bulk_change_is_all_or_nothing(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, ids) = tasks(&ann, 3).await;
        let (_, others) = tasks(&ann, 1).await;
        ann.delete(&format!("/api/tasks/{}", ids[2])).await.expect(200);
        let before = ann.board(project).await;
        for missing in [others[0], ids[2], TaskId::new(Uuid::now_v7())] {
            let answer = bulk(&ann, project, &[ids[0], missing, ids[1]], BulkChange::Delete).await;
            let error = answer.refused(404, "task_not_found");
            assert_eq!((&error["field"], &error["current"]["id"]), (&json!("ids"), &json!(missing)));
        }
        let too_many: Vec<_> = (0..501).map(|_| TaskId::new(Uuid::now_v7())).collect();
        for ids in [&[][..], &[ids[0], ids[0]], &too_many] {
            assert_eq!(bulk(&ann, project, ids, BulkChange::Delete).await.refused(422, "invalid")["field"], "ids");
        }
        assert_eq!(ann.board(project).await, before);
    }

    async fn a_repeated_bulk_op_is_executed_once(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, ids) = tasks(&ann, 3).await;
        let op = new_op();
        let request = Bulk { ids: ids.clone(), change: BulkChange::Delete }.request(project);
        let first = ann.op(request.clone(), op).await.expect(200);
        let seq = ann.board(project).await.seq;
        assert_eq!(ann.op(request, op).await.expect(200).text, first.text);
        assert_eq!(ann.board(project).await.seq, seq);
        let other = Bulk { ids: ids[..1].to_vec(), change: BulkChange::Restore }.request(project);
        ann.op(other, op).await.refused(409, "op_conflict");
        assert_eq!(server.number("SELECT COUNT(*) FROM client_ops WHERE status = 200").await, 1);
    }

    async fn five_hundred_tasks_change_quickly_in_one_transaction(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, ids) = fill(&server, &ann, 500).await;
        let statuses = ann.statuses(project).await;
        let before = ann.board(project).await;
        let to = Placement { status_id: statuses[1], after_id: None, before_id: None };
        let started = Instant::now();
        bulk(&ann, project, &ids, BulkChange::Move(to)).await.expect(200);
        let took = started.elapsed();
        assert!(took.as_secs() < 5, "{took:?}, without optimisation");
        assert_eq!(replayed(&ann, before).await.len(), 500);
        let moved: Vec<TaskId> = ann.board(project).await.tasks.into_iter()
            .filter(|task| task.status_id == statuses[1]).map(|task| task.id).collect();
        assert_eq!(moved, ids);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn invalid_bulk_changes_are_refused() {
    let server = TestServer::start(Db::Sqlite).await;
    let ann = server.person("ann").await;
    let (project, ids) = tasks(&ann, 1).await;
    let path = format!("/api/projects/{project}/tasks/bulk");
    for change in
        [json!("vanish"), json!({ "assign": {} }), json!({ "set": { "title": "One for all" } }), json!({ "move": {} })]
    {
        let body = json!({ "ids": ids, "change": change });
        assert_eq!(ann.post(&path, body).await.status, 422, "{change}");
    }
}
