//! Moving cards over HTTP.

use engine::{Rank, StatusId, Task, TaskId};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestServer, on_both_databases, path};

async fn put(client: &Client, task: TaskId, status: StatusId, after: Option<TaskId>, before: Option<TaskId>) -> Answer {
    let to = json!({ "status_id": status, "after_id": after, "before_id": before });
    client.patch(&format!("{}/status", path(task)), to).await.expect(200)
}

on_both_databases! {
    async fn a_card_is_placed_between_its_neighbours(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let status = ada.statuses(project).await[0];
        let mut ids = Vec::new();
        for title in ["a", "b", "c", "d"] {
            ids.push(ada.task(project, title).await.id);
        }
        let [a, b, c, d] = ids[..] else { panic!("four tasks") };
        put(&ada, d, status, Some(a), Some(b)).await;
        assert_eq!(ada.titles(project, status).await, ["a", "d", "b", "c"]);
        put(&ada, c, status, None, Some(a)).await;
        assert_eq!(ada.titles(project, status).await, ["c", "a", "d", "b"]);
        put(&ada, c, status, None, None).await;
        assert_eq!(ada.titles(project, status).await, ["a", "d", "b", "c"]);
        // They are no longer adjacent: the one above takes precedence.
        put(&ada, c, status, Some(a), Some(b)).await;
        assert_eq!(ada.titles(project, status).await, ["a", "c", "d", "b"]);
        // To its current position.
        put(&ada, c, status, Some(a), Some(d)).await;
        assert_eq!(ada.titles(project, status).await, ["a", "c", "d", "b"]);
    }

    async fn a_neighbour_that_left_the_column_is_ignored(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let [todo, doing, _] = ada.statuses(project).await[..] else { panic!("three statuses") };
        let (a, b, c) = (ada.task(project, "a").await, ada.task(project, "b").await, ada.task(project, "c").await);
        put(&ada, a.id, doing, None, None).await;
        put(&ada, c.id, todo, Some(a.id), Some(b.id)).await;
        assert_eq!(ada.titles(project, todo).await, ["c", "b"]);
        ada.delete(&path(b.id)).await.expect(200);
        put(&ada, a.id, todo, Some(b.id), None).await;
        assert_eq!(ada.titles(project, todo).await, ["c", "a"]);
    }

    async fn completed_at_follows_the_category_of_the_column(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let [todo, _, done] = ada.statuses(project).await[..] else { panic!("three statuses") };
        let task = ada.task(project, "a").await;
        assert_eq!(task.completed_at, None);
        let answer = put(&ada, task.id, done, None, None).await;
        let finished: Task = answer.field("task");
        assert_eq!(finished.completed_at, Some(finished.updated_at));
        assert_eq!((answer.field::<u64>("seq"), finished.version), (2, 2));
        let again: Task = put(&ada, task.id, done, None, None).await.field("task");
        assert_eq!(again.completed_at, finished.completed_at, "moved within the column, it is finished no later");
        let reopened: Task = put(&ada, task.id, todo, None, None).await.field("task");
        assert_eq!(reopened.completed_at, None);
        let draft = json!({ "title": "b", "status_id": done });
        let born: Task = ada.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201).field("task");
        assert!(born.completed_at.is_some());
    }

    async fn the_event_of_a_move_contains_the_old_column_and_colour(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let statuses = ada.board(project).await.statuses;
        let task = ada.task(project, "a").await;
        put(&ada, task.id, statuses[1].id, None, None).await;
        let event = ada.events(project).await.remove(1);
        assert_eq!(event["type"], "task_status_changed");
        assert_eq!(event["data"]["from_status_id"], json!(statuses[0].id));
        assert_eq!(event["data"]["status_color"], json!(statuses[1].color));
        assert_eq!(event["data"]["status_id"], json!(statuses[1].id));
        assert_eq!(event["triggered_by"], json!(ada.user().id));
        assert!(event["data"].get("description").is_none());
    }

    async fn a_column_with_long_ranks_is_ranked_anew(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let status = ada.statuses(project).await[0];
        let (a, b, c) = (ada.task(project, "a").await, ada.task(project, "b").await, ada.task(project, "c").await);
        // Each move goes into the gap that the previous one left, which halves it.
        let (mut next, mut other) = (c.id, b.id);
        let mut reranked = None;
        for _ in 0..400 {
            let answer = put(&ada, next, status, Some(a.id), Some(other)).await;
            (next, other) = (other, next);
            let board = ada.board(project).await;
            assert_eq!(board.tasks.iter().map(|task| task.id).collect::<Vec<_>>(), [a.id, other, next]);
            assert!(board.tasks.iter().all(|task| task.rank.as_str().len() <= Rank::LONG));
            if let Some(event) = ada.events(project).await.iter().rev().nth(1)
                && event["type"] == "tasks_reranked"
            {
                reranked = Some((event.clone(), answer.field::<u64>("seq")));
                break;
            }
        }
        let (event, seq) = reranked.expect("400 moves into one gap make long ranks");
        assert_eq!(event["seq"], seq - 1, "before the move, in the same transaction");
        assert_eq!(event["op_id"], Value::Null);
        assert_eq!(event["data"]["ranks"].as_array().map(Vec::len), Some(2), "the moved card has its own event");
    }

    async fn equal_ranks_are_resolved_by_ranking_anew(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let status = ada.statuses(project).await[0];
        let (a, b, c) = (ada.task(project, "a").await, ada.task(project, "b").await, ada.task(project, "c").await);
        server.execute("UPDATE tasks SET rank = (SELECT MIN(rank) FROM tasks)").await;
        put(&ada, c.id, status, Some(a.id), Some(b.id)).await;
        let order = ada.titles(project, status).await;
        assert_eq!(order.iter().position(|title| title == "c"), order.iter().position(|title| title == "a").map(|at| at + 1));
        let board = ada.board(project).await;
        assert!(board.tasks.windows(2).all(|pair| pair[0].rank < pair[1].rank), "{order:?}");
    }
}
