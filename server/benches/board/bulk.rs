//! Many tasks changed by one request.

use std::{net::SocketAddr, time::Duration};

use serde_json::json;
use tokio::time::Instant;

use crate::{Failure, http::Connection, people::Board};

/// Tasks of one request: as many as the server takes.
const TASKS: usize = 500;
/// Requests that are measured.
const ROUNDS: usize = 20;

/// Moves 500 tasks from column to column, and says how long each request took, shortest first.
pub(crate) async fn moves(addr: SocketAddr, board: &Board) -> Result<Vec<Duration>, Failure> {
    let mut connection = Connection::open(addr, Some(board.owner.clone())).await?;
    let mut ids = Vec::with_capacity(TASKS);
    for number in 0..TASKS {
        let path = format!("/api/projects/{}/tasks", board.id);
        let made = connection.send("POST", &path, None, &json!({ "title": format!("Card number {number}") })).await?;
        ids.push(made.pointer("/task/id").cloned().ok_or("no task")?);
    }
    let path = format!("/api/projects/{}/tasks/bulk", board.id);
    let mut took = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let to = json!({ "status_id": board.statuses[round % board.statuses.len()] });
        let started = Instant::now();
        connection.send("POST", &path, None, &json!({ "ids": ids, "change": { "move": to } })).await?;
        took.push(started.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}
