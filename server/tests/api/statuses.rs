//! Statuses over HTTP.

use engine::{ProjectId, Rank, Status};
use serde_json::{Value, json};

use crate::harness::{Client, TestServer, on_both_databases, path};

async fn names(client: &Client, project: ProjectId) -> Vec<String> {
    client.board(project).await.statuses.into_iter().map(|status| status.name).collect()
}

on_both_databases! {
    async fn a_status_is_created_changed_reordered_and_deleted(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let base = format!("/api/projects/{project}/statuses");
        let first = ada.statuses(project).await[0];
        let draft = json!({ "name": "Review", "category": "doing", "wip_limit": 2, "color": "#ABCDEF", "after_id": first });
        let status: Status = ada.post(&base, draft).await.expect(201).field("status");
        assert_eq!((status.wip_limit, status.color.as_str()), (Some(2), "#abcdef"));
        assert_eq!(names(&ada, project).await, ["To do", "Review", "In progress", "Done"]);
        let review = format!("{base}/{}", status.id);
        let answer = ada.patch(&review, json!({ "name": "Check", "wip_limit": null, "before_id": first })).await;
        let status: Status = answer.expect(200).field("status");
        assert_eq!((status.name.as_str(), status.wip_limit, status.color.as_str()), ("Check", None, "#abcdef"));
        assert_eq!(names(&ada, project).await, ["Check", "To do", "In progress", "Done"]);
        let listed: Vec<Status> = ada.get(&base).await.expect(200).field("statuses");
        assert_eq!(listed[0], status);
        ada.delete(&review).await.expect(200);
        assert_eq!(names(&ada, project).await, ["To do", "In progress", "Done"]);
    }

    async fn tasks_are_finished_by_the_category_of_their_status(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let status = ada.statuses(project).await[0];
        let url = format!("/api/projects/{project}/statuses/{status}");
        let (one, two) = (ada.task(project, "one").await, ada.task(project, "two").await);
        let answer = ada.patch(&url, json!({ "category": "done" })).await.expect(200);
        assert_eq!(answer.field::<u64>("seq"), 5, "two tasks and the status itself");
        let board = ada.board(project).await;
        assert!(board.tasks.iter().all(|task| task.completed_at.is_some() && task.version == 2));
        let events = ada.events(project).await;
        let last: Vec<(&str, bool)> =
            events[2..].iter().map(|event| (event["type"].as_str().expect("a kind"), event["op_id"].is_string())).collect();
        assert_eq!(last, [("task_updated", false), ("task_updated", false), ("status_updated", true)]);
        let changed: Vec<&Value> = events[2..4].iter().map(|event| &event["data"]["id"]).collect();
        assert_eq!(changed, [&json!(one.id), &json!(two.id)]);
        ada.patch(&url, json!({ "category": "doing" })).await.expect(200);
        assert!(ada.board(project).await.tasks.iter().all(|task| task.completed_at.is_none()));
    }

    async fn a_status_with_tasks_and_the_last_one_cannot_be_deleted(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let base = format!("/api/projects/{project}/statuses");
        let statuses = ada.statuses(project).await;
        let task = ada.task(project, "one").await;
        ada.delete(&format!("{base}/{}", statuses[0])).await.refused(409, "status_not_empty");
        ada.delete(&path(task.id)).await.expect(200);
        ada.delete(&format!("{base}/{}", statuses[0])).await.expect(200);
        ada.delete(&format!("{base}/{}", statuses[1])).await.expect(200);
        ada.delete(&format!("{base}/{}", statuses[2])).await.refused(409, "last_status");
        let back = ada.post(&format!("{}/restore", path(task.id)), json!({})).await.expect(200);
        let back: engine::Task = back.field("task");
        assert_eq!(back.status_id, statuses[2], "its column is gone: the first one");
        assert!(back.completed_at.is_some(), "which is for finished tasks");
    }

    async fn a_long_column_becomes_a_done_column(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let first = ada.statuses(project).await[0];
        for number in 0..230 {
            ada.task(project, &format!("Card {number}")).await;
        }
        let before = ada.board(project).await;
        let column = format!("/api/projects/{project}/statuses/{first}");
        for (category, finished) in [("done", true), ("doing", false)] {
            ada.patch(&column, json!({ "category": category })).await.expect(200);
            let board = ada.board(project).await;
            assert!(board.tasks.iter().all(|task| task.completed_at.is_some() == finished));
        }
        let after = ada.board(project).await;
        assert_eq!(after.seq, before.seq + 2 * 231);
        assert!(after.tasks.iter().all(|task| task.version == 3));
        // The log contains for each task what the board shows.
        let events = ada.events(project).await;
        let logged = events.iter().rev().find(|event| event["type"] == "task_updated").expect("an event");
        let task = after.tasks.iter().find(|task| logged["data"]["id"] == json!(task.id));
        assert_eq!(logged["data"]["updated_at"], json!(task.expect("its task").updated_at), "{logged}");
    }

    async fn fields_of_a_status_are_checked(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let base = format!("/api/projects/{project}/statuses");
        let first = ada.statuses(project).await[0];
        for (field, value) in [("name", json!(" ")), ("color", json!("red")), ("wip_limit", json!(0)), ("category", json!("x"))] {
            let mut draft = json!({ "name": "Review" });
            draft[field] = value;
            assert_eq!(ada.post(&base, draft).await.refused(422, "invalid")["field"], field);
        }
        ada.patch(&format!("{base}/{first}"), json!({ "after_id": first })).await.refused(422, "rank_cycle");
        ada.patch(&format!("{base}/{first}"), json!({})).await.refused(422, "invalid");
        for index in 3..40 {
            ada.post(&base, json!({ "name": format!("Status {index}") })).await.expect(201);
        }
        ada.post(&base, json!({ "name": "One too many" })).await.refused(409, "too_many_statuses");
    }

    async fn statuses_can_be_moved_into_the_same_gap_forever(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let base = format!("/api/projects/{project}/statuses");
        let [a, b, c] = ada.statuses(project).await[..] else { panic!("three statuses") };
        // Swapping the two lower ones below the top one halves the gap each time.
        let mut order = [b, c];
        for _ in 0..320 {
            order.reverse();
            ada.patch(&format!("{base}/{}", order[0]), json!({ "after_id": a })).await.expect(200);
        }
        let board = ada.board(project).await;
        assert_eq!(board.statuses.iter().map(|status| status.id).collect::<Vec<_>>(), [a, order[0], order[1]]);
        assert!(board.statuses.iter().all(|status| status.rank.as_str().len() <= Rank::LONG));
    }
}
