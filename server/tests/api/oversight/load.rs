//! Workload: the figures, the tasks behind them, and their freshness.

mod capacity;
mod fresh;
mod tasks;
mod workload;

use engine::{
    ProjectId, Task,
    day::Day,
    oversight::{Workload, workload::PersonLoad},
};
use serde_json::{Value, json};

use crate::harness::{Client, TestServer};

/// A date in its text form.
fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

/// The workload that a user sees for this query.
async fn workload(client: &Client, query: &str) -> Workload {
    client.get(&format!("/api/oversight/workload?{query}")).await.expect(200).json()
}

/// The load of a user; `None`: of unassigned tasks.
#[track_caller]
fn of<'a>(workload: &'a Workload, person: Option<&Client>) -> &'a PersonLoad {
    let id = person.map(|person| person.user().id);
    workload.people.iter().find(|person| person.user_id == id).expect("somebody in this workload")
}

/// Hours of each period.
fn hours(load: &PersonLoad) -> Vec<f64> {
    load.cells.iter().map(|cell| (cell.hours * 1000.0).round() / 1000.0).collect()
}

/// Creates a task.
async fn make(client: &Client, project: ProjectId, mut draft: Value) -> Task {
    draft["title"] = json!("Card");
    client.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201).field("task")
}

/// The cache statistics of a server: misses and hits.
fn counted(server: &TestServer) -> (u64, u64) {
    let counts = server.state().services.oversight.counts();
    (counts.misses, counts.hits)
}
