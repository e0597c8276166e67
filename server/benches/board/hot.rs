//! The effect of a busy board on others: one board with many writers, and one with occasional reads and writes.

use std::{cell::Cell, net::SocketAddr, rc::Rc, time::Duration};

use rand::{SeedableRng as _, rngs::StdRng};
use tokio::time::{Instant, sleep};

use crate::{
    Failure, closed,
    http::Connection,
    load::a_move,
    people::Board,
    reader,
    report::{Row, grouped},
    stack::Stack,
};

/// Connections that write to the busy board as fast as they are answered.
const WRITERS: usize = 64;
/// The interval of writes to, and reads of, the other board.
const INTERVAL: Duration = Duration::from_millis(10);

/// Microseconds per request to the other board, sorted.
struct Calm {
    writes: Vec<u32>,
    reads: Vec<u32>,
}

/// Measures the other board alone, then while the first one is busy. The times in the row are those of the busy board.
pub(crate) async fn measure(
    stack: &Stack,
    busy: Rc<Board>,
    other: Rc<Board>,
    window: Duration,
) -> Result<Row, Failure> {
    // Warm up connections and caches.
    calm(stack, &other, Duration::from_secs(1), async {}).await?;
    let (idle, ()) = calm(stack, &other, window, sleep(window)).await?;
    let busy = [busy];
    let (beside, served) = calm(stack, &other, window, closed::moves(stack, &busy, WRITERS, window)).await?;
    let served = served?;
    let note = format!(
        "{} writes/s by {WRITERS} to the busy board; another board alone: write {}, read {} ms; meanwhile: write {}, \
         read {} ms (p50/p99)",
        grouped(served.a_second),
        millis(&idle.writes),
        millis(&idle.reads),
        millis(&beside.writes),
        millis(&beside.reads)
    );
    Ok(Row { note, ..Row::timed(&served.latencies) })
}

/// Reads and writes a board until another future is done.
async fn calm<T>(
    stack: &Stack,
    board: &Rc<Board>,
    least: Duration,
    meanwhile: impl Future<Output = T>,
) -> Result<(Calm, T), Failure> {
    let over = Rc::new(Cell::new(false));
    let end = Instant::now() + least;
    let writes = tokio::task::spawn_local(write(stack.addr(0), Rc::clone(board), Rc::clone(&over), end));
    let reads = tokio::task::spawn_local(read(stack.addr(0), Rc::clone(board), Rc::clone(&over), end));
    let other = meanwhile.await;
    over.set(true);
    let (mut writes, mut reads) = (writes.await??, reads.await??);
    writes.sort_unstable();
    reads.sort_unstable();
    Ok((Calm { writes, reads }, other))
}

async fn write(addr: SocketAddr, board: Rc<Board>, over: Rc<Cell<bool>>, end: Instant) -> Result<Vec<u32>, Failure> {
    let phase = reader::new_phase();
    let mut connection = Connection::open(addr, &board.members[0]).await?;
    let (mut random, mut took) = (StdRng::seed_from_u64(1), Vec::new());
    while !over.get() || Instant::now() < end {
        let (path, to) = a_move(&board, &mut random);
        let op_id = reader::op_id(phase, took.len());
        let started = Instant::now();
        connection.write("PATCH", &path, Some(&op_id), &to).await?;
        took.push(micros(started));
        sleep(INTERVAL).await;
    }
    Ok(took)
}

async fn read(addr: SocketAddr, board: Rc<Board>, over: Rc<Cell<bool>>, end: Instant) -> Result<Vec<u32>, Failure> {
    let mut connection = Connection::open(addr, &board.members[0]).await?;
    let (path, mut took) = (format!("/api/projects/{}", board.id), Vec::new());
    while !over.get() || Instant::now() < end {
        let started = Instant::now();
        connection.write("GET", &path, None, "").await?;
        took.push(micros(started));
        sleep(INTERVAL).await;
    }
    Ok(took)
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

fn millis(took: &[u32]) -> String {
    let last = took.len().saturating_sub(1) as f64;
    let [p50, p99] = [0.5, 0.99].map(|quantile| {
        took.get((last * quantile).round() as usize).map_or(f64::NAN, |took| f64::from(*took) / 1000.0)
    });
    format!("{p50:.1}/{p99:.1}")
}
