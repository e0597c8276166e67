//! Closed-loop writes: each client waits for its response before it writes again.

use std::{net::SocketAddr, rc::Rc, time::Duration};

use rand::{SeedableRng as _, rngs::StdRng};
use tokio::time::Instant;

use crate::{Failure, http::Connection, load::a_move, people::Board, reader, stack::Stack};

/// The results of the clients.
pub(crate) struct Served {
    /// Acknowledged writes per second.
    pub(crate) a_second: f64,
    /// The server's CPU seconds per million writes.
    pub(crate) cpu_per_million: f64,
    /// Microseconds from request to response, sorted.
    pub(crate) latencies: Vec<u32>,
}

/// Moves cards on these boards over this many connections, without viewers.
pub(crate) async fn moves(
    stack: &Stack,
    boards: &[Rc<Board>],
    connections: usize,
    window: Duration,
) -> Result<Served, Failure> {
    let phase = reader::new_phase();
    let (start, cpu) = (Instant::now(), stack.cpu_seconds()?);
    let clients: Vec<_> = (0..connections)
        .map(|number| {
            let board = Rc::clone(&boards[number % boards.len()]);
            tokio::task::spawn_local(client(stack.addr(0), board, (phase, number), start + window))
        })
        .collect();
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.await??);
    }
    let (done, seconds) = (latencies.len() as f64, start.elapsed().as_secs_f64());
    latencies.sort_unstable();
    let cpu_per_million = (stack.cpu_seconds()? - cpu) * 1e6 / done;
    Ok(Served { a_second: done / seconds, cpu_per_million, latencies })
}

async fn client(
    addr: SocketAddr,
    board: Rc<Board>,
    (phase, number): (u32, usize),
    end: Instant,
) -> Result<Vec<u32>, Failure> {
    let mut connection = Connection::open(addr, &board.members[0]).await?;
    let (mut random, mut latencies) = (StdRng::seed_from_u64(number as u64), Vec::new());
    while Instant::now() < end {
        let (path, to) = a_move(&board, &mut random);
        let started = Instant::now();
        // No two clients use the same ops.
        let op_id = reader::op_id(phase, (number << 24) + latencies.len());
        connection.write("PATCH", &path, Some(&op_id), &to).await?;
        latencies.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(latencies)
}
