//! What leads see: the current load, and reports and flow from the history that every write leaves.

mod flow;
mod history;
mod load;
mod nodes;
mod recount;
mod report;
mod versions;
mod weekly;
mod zones;

use engine::{ProjectId, StatusId, Task, TaskId};
use serde_json::json;

use crate::harness::{Client, TestServer, path};

/// Moves a task to the end of a column.
async fn move_to(client: &Client, task: TaskId, status: StatusId) -> Task {
    client.patch(&format!("{}/status", path(task)), json!({ "status_id": status })).await.expect(200).field("task")
}

/// A finished task, and the project's columns.
async fn finished(client: &Client, project: ProjectId, title: &str) -> (TaskId, Vec<StatusId>) {
    let columns = client.statuses(project).await;
    let task = client.task(project, title).await.id;
    move_to(client, task, columns[1]).await;
    move_to(client, task, columns[2]).await;
    (task, columns)
}

/// Backdates a new task directly in the database, before anything was read: it was created, started and finished at
/// these times (RFC 3339). Without an end it is still in progress.
async fn happened(server: &TestServer, task: TaskId, made: &str, begun: &str, done: Option<&str>) {
    let millis = |text: &str| text.parse::<engine::Timestamp>().expect("a moment").millis();
    let (made, begun, done) = (millis(made), millis(begun), done.map(millis));
    let mut statements = vec![
        format!("UPDATE tasks SET created_at = {made} WHERE id = '{task}'"),
        format!("UPDATE task_history SET at = {made} WHERE task_id = '{task}' AND category = 'todo'"),
        format!("UPDATE task_history SET at = {begun} WHERE task_id = '{task}' AND category = 'doing'"),
    ];
    if let Some(done) = done {
        statements.push(format!("UPDATE tasks SET completed_at = {done} WHERE id = '{task}'"));
        let done = format!("at = {done}, completed_at = {done}");
        statements.push(format!("UPDATE task_history SET {done} WHERE task_id = '{task}' AND category = 'done'"));
    }
    for sql in statements {
        server.execute_text(sql).await;
    }
}

/// Sets a user's time zone and first weekday.
async fn live(client: &Client, time_zone: &str, first_weekday: &str) {
    let wanted = json!({ "kinds": [], "time_zone": time_zone, "first_weekday": first_weekday });
    client.put("/api/notifications/preferences", wanted).await.expect(200);
}
