//! Many tasks changed by one request.

use serde_json::json;
use tokio::time::Instant;

use crate::{Failure, http::Connection, people::Board, stack::Stack};

/// Measured requests.
const ROUNDS: usize = 20;

/// Moves all tasks of a board from column to column. Returns the duration of each request in microseconds, sorted.
pub(crate) async fn moves(stack: &Stack, board: &Board) -> Result<Vec<u32>, Failure> {
    let mut connection = Connection::open(stack.addr(0), &board.members[0]).await?;
    let path = format!("/api/projects/{}/tasks/bulk", board.id);
    let mut took = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let to = json!({ "status_id": board.statuses[round % board.statuses.len()] });
        let started = Instant::now();
        connection.send("POST", &path, &json!({ "ids": board.tasks, "change": { "move": to } })).await?;
        took.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    took.sort_unstable();
    Ok(took)
}
