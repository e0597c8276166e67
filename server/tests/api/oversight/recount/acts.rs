//! Random actions on a board.

use engine::{Category, ProjectId, TaskId, day::Day};
use proptest::prelude::*;
use serde_json::json;

use super::super::move_to;
use crate::harness::{Client, path};

/// An action on one of the tasks or columns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Make(usize),
    Move(usize, usize),
    MoveMany(usize, usize),
    Block(usize),
    Free(usize),
    Due(usize, i64),
    Delete(usize),
    Restore(usize),
    Mean(usize, Category),
    DropColumn,
}

/// Any action.
pub(super) fn act() -> impl Strategy<Value = Act> {
    let category = prop_oneof![Just(Category::Todo), Just(Category::Doing), Just(Category::Done)];
    prop_oneof![
        6 => (0..4_usize).prop_map(Act::Make),
        12 => (0..20_usize, 0..4_usize).prop_map(|(task, column)| Act::Move(task, column)),
        2 => (0..20_usize, 0..4_usize).prop_map(|(task, column)| Act::MoveMany(task, column)),
        4 => (0..20_usize).prop_map(Act::Block),
        3 => (0..20_usize).prop_map(Act::Free),
        3 => (0..20_usize, -20..20_i64).prop_map(|(task, days)| Act::Due(task, days)),
        7 => (0..20_usize).prop_map(Act::Delete),
        10 => (0..20_usize).prop_map(Act::Restore),
        1 => (0..4_usize, category).prop_map(|(column, category)| Act::Mean(column, category)),
        1 => Just(Act::DropColumn),
    ]
}

/// Performs it. Refusals are fine: a missing task cannot be moved.
pub(super) async fn play(client: &Client, project: ProjectId, acts: &[Act]) {
    let made = json!({ "name": "Review", "category": "doing" });
    client.post(&format!("/api/projects/{project}/statuses"), made).await.expect(201);
    let mut columns = client.statuses(project).await;
    let today = Day::utc(server::clock::now());
    let mut tasks: Vec<TaskId> = Vec::new();
    for act in acts {
        let task = |number: usize| tasks.get(number % tasks.len().max(1)).copied();
        let patch = async |task: Option<TaskId>, body| {
            if let Some(task) = task {
                client.patch(&path(task), body).await;
            }
        };
        let column = |number: usize| columns[number % columns.len()];
        match *act {
            Act::Make(number) => {
                let draft = json!({ "title": "Card", "status_id": column(number) });
                let made = client.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
                tasks.push(made.field::<engine::Task>("task").id);
            }
            Act::Move(number, to) => {
                if let Some(task) = task(number) {
                    client.patch(&format!("{}/status", path(task)), json!({ "status_id": column(to) })).await;
                }
            }
            Act::MoveMany(number, to) => {
                let ids: Vec<_> = [number, number + 1, number + 2].into_iter().filter_map(task).collect();
                let body = json!({ "ids": ids, "change": { "move": { "status_id": column(to) } } });
                client.post(&format!("/api/projects/{project}/tasks/bulk"), body).await;
            }
            Act::Block(number) => patch(task(number), json!({ "blocked_reason": "rain" })).await,
            Act::Free(number) => patch(task(number), json!({ "blocked_reason": null })).await,
            Act::Due(number, days) => patch(task(number), json!({ "due_at": today.plus(days).timestamp() })).await,
            Act::Delete(number) => {
                if let Some(task) = task(number) {
                    client.delete(&path(task)).await;
                }
            }
            Act::Restore(number) => {
                if let Some(task) = task(number) {
                    client.post(&format!("{}/restore", path(task)), json!({})).await;
                }
            }
            Act::Mean(number, category) => {
                let address = format!("/api/projects/{project}/statuses/{}", column(number));
                client.patch(&address, json!({ "category": category })).await.expect(200);
            }
            Act::DropColumn => {
                // Its cards are elsewhere, or were deleted.
                let last = columns[columns.len() - 1];
                let board = client.board(project).await;
                let inside = board.tasks.iter().filter(|task| task.status_id == last);
                for task in inside {
                    move_to(client, task.id, columns[0]).await;
                }
                if columns.len() > 2 {
                    client.delete(&format!("/api/projects/{project}/statuses/{last}")).await.expect(200);
                    columns.pop();
                }
            }
        }
    }
}
