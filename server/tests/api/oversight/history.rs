//! The history rows of each change.

use engine::{Assignment, Bulk, BulkChange, BulkPatch, Placement, TaskId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::move_to;
use crate::harness::{Client, TestServer, new_op, on_both_databases, path};

/// The rows of a task, in order: category, assignee, blocker, presence.
async fn rows(server: &TestServer, task: TaskId) -> Vec<String> {
    let sql = format!(
        "SELECT category || CASE WHEN completed_at IS NULL THEN '' ELSE ' finished' END
          || CASE WHEN assignee_id IS NULL THEN '' ELSE ' given' END
          || CASE WHEN due_at IS NULL THEN '' ELSE ' dated' END
          || COALESCE(' ' || blocked_reason, '') || CASE WHEN present = 1 THEN '' ELSE ' gone' END
         FROM task_history WHERE task_id = '{task}' ORDER BY seq"
    );
    server.texts(sql).await
}

async fn bulk(client: &Client, project: engine::ProjectId, ids: &[TaskId], change: BulkChange) {
    client.op(Bulk { ids: ids.to_vec(), change }.request(project), new_op()).await.expect(200);
}

on_both_databases! {
    async fn each_change_of_a_recorded_field_adds_a_row(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let columns = ann.statuses(project).await;
        let task = ann.task(project, "Card").await.id;
        let patch = async |body: Value| ann.patch(&path(task), body).await.expect(200);
        let mut expected = vec!["todo"];
        assert_eq!(rows(&server, task).await, expected);

        move_to(&ann, task, columns[1]).await;
        patch(json!({ "blocked_reason": "rain" })).await;
        patch(json!({ "blocked_reason": "snow" })).await;
        patch(json!({ "blocked_reason": null })).await;
        patch(json!({ "due_at": "2031-01-01T00:00:00Z" })).await;
        patch(json!({ "due_at": null })).await;
        let assign = format!("{}/assign", path(task));
        ann.post(&assign, json!({ "assignee_id": ann.user().id })).await.expect(200);
        ann.post(&assign, json!({ "assignee_id": null })).await.expect(200);
        move_to(&ann, task, columns[2]).await;
        expected.extend(["doing", "doing rain", "doing snow", "doing", "doing dated", "doing", "doing given", "doing"]);
        expected.push("done finished");
        assert_eq!(rows(&server, task).await, expected);

        // Ranks and titles are not recorded, and repeating a change is none.
        ann.task(project, "Other").await;
        move_to(&ann, task, columns[2]).await;
        patch(json!({ "title": "Renamed", "estimate_hours": 3.0 })).await;
        assert_eq!(rows(&server, task).await, expected);

        ann.delete(&path(task)).await.expect(200);
        ann.post(&format!("{}/restore", path(task)), json!({})).await.expect(200);
        expected.extend(["done finished gone", "done finished"]);
        assert_eq!(rows(&server, task).await, expected);
        let newest = format!("SELECT CAST(MAX(seq) AS TEXT) FROM task_history WHERE task_id = '{task}'");
        assert_eq!(server.texts(newest).await, [ann.board(project).await.seq.to_string()]);
    }

    async fn a_bulk_change_adds_a_row_per_task(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let columns = ann.statuses(project).await;
        let mut ids = Vec::new();
        for title in ["one", "two", "three"] {
            ids.push(ann.task(project, title).await.id);
        }
        let to = |status_id| BulkChange::Move(Placement { status_id, after_id: None, before_id: None });
        bulk(&ann, project, &ids, to(columns[1])).await;
        bulk(&ann, project, &ids[..2], BulkChange::Assign(Assignment { assignee_id: Some(ann.user().id) })).await;
        let reason = BulkPatch { blocked_reason: Some(Some("rain".into())), ..BulkPatch::default() };
        bulk(&ann, project, &ids, BulkChange::Set(reason)).await;
        // Tasks that are there already don't move.
        bulk(&ann, project, &ids, to(columns[1])).await;
        bulk(&ann, project, &ids, BulkChange::Delete).await;
        bulk(&ann, project, &ids, BulkChange::Restore).await;
        let given = ["todo", "doing", "doing given", "doing given rain", "doing given rain gone", "doing given rain"];
        let free = ["todo", "doing", "doing rain", "doing rain gone", "doing rain"];
        assert_eq!(rows(&server, ids[0]).await, given);
        assert_eq!(rows(&server, ids[1]).await, given);
        assert_eq!(rows(&server, ids[2]).await, free);
    }

    async fn a_new_category_adds_a_row_for_each_task_of_the_column(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let columns = ann.statuses(project).await;
        let (one, two) = (ann.task(project, "one").await.id, ann.task(project, "two").await.id);
        ann.delete(&path(two)).await.expect(200);
        let column = format!("/api/projects/{project}/statuses/{}", columns[0]);
        for category in ["doing", "done", "done", "todo"] {
            ann.patch(&column, json!({ "category": category })).await.expect(200);
        }
        ann.patch(&column, json!({ "name": "Renamed" })).await.expect(200);
        assert_eq!(rows(&server, one).await, ["todo", "doing", "done finished", "todo"]);
        assert_eq!(rows(&server, two).await, ["todo", "todo gone"]);
        // It is restored with the category that its column has by then.
        ann.patch(&column, json!({ "category": "doing" })).await.expect(200);
        ann.post(&format!("{}/restore", path(two)), json!({})).await.expect(200);
        assert_eq!(rows(&server, two).await, ["todo", "todo gone", "doing"]);
        // A task whose column is gone is restored to the first one.
        let last = ann.task(project, "last").await.id;
        move_to(&ann, last, columns[2]).await;
        ann.delete(&path(last)).await.expect(200);
        ann.delete(&format!("/api/projects/{project}/statuses/{}", columns[2])).await.expect(200);
        ann.post(&format!("{}/restore", path(last)), json!({})).await.expect(200);
        assert_eq!(rows(&server, last).await, ["doing", "done finished", "done finished gone", "doing"]);
    }

    async fn refused_changes_add_no_rows(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, other) = (ann.project("Board").await, ann.project("Other").await);
        let columns = ann.statuses(project).await;
        let id = TaskId::new(Uuid::now_v7());
        let tasks = format!("/api/projects/{project}/tasks");
        ann.post(&tasks, json!({ "id": id, "title": "Card" })).await.expect(201);
        // Both rows were written by then, and are rolled back.
        let again = json!({ "id": id, "title": "Card", "status_id": columns[1] });
        ann.post(&tasks, again).await.refused(409, "task_exists");
        let foreign = ann.task(other, "Foreign").await.id;
        let change = BulkChange::Delete;
        ann.op(Bulk { ids: vec![id, foreign], change }.request(project), new_op()).await.refused(404, "task_not_found");
        assert_eq!(rows(&server, id).await, ["todo"]);
        assert_eq!(rows(&server, foreign).await, ["todo"]);
        // A repeated op is executed once.
        let op = new_op();
        for _ in 0..2 {
            ann.op(Bulk { ids: vec![id], change: BulkChange::Delete }.request(project), op).await.expect(200);
        }
        assert_eq!(rows(&server, id).await, ["todo", "todo gone"]);
    }
}
