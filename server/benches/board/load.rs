//! Open-loop writes: sent when due, whether or not earlier ones are answered.

use std::{cell::RefCell, net::SocketAddr, rc::Rc, thread, time::Duration};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use crate::{
    Failure,
    http::Connection,
    people::Board,
    reader::{self, Readers},
    stack::Stack,
};

/// Timeout of the last frames.
const LAST_FRAMES: Duration = Duration::from_secs(5);
/// The lead time before the first write of a phase.
const AHEAD: Duration = Duration::from_millis(50);

/// A phase: a rate of writes and its duration, after a warm-up.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// Moves per second.
    pub(crate) rate: f64,
    /// The warm-up, in which caches fill and queues settle.
    pub(crate) warm: Duration,
    /// The measured duration.
    pub(crate) window: Duration,
}

/// The results of a phase.
pub(crate) struct Outcome {
    /// Microseconds from due to read, sorted.
    pub(crate) latencies: Vec<u32>,
    /// Frames that never arrived.
    pub(crate) lost: u64,
    /// Frames that arrived twice.
    pub(crate) twice: u64,
    /// Sockets closed by the server.
    pub(crate) ended: u64,
    /// The server's CPU seconds during the measurement.
    pub(crate) cpu_seconds: f64,
}

/// Writes to these boards in turn, and waits for what their members read.
pub(crate) async fn open_loop(
    stack: &Stack,
    boards: &[Rc<Board>],
    readers: &Readers,
    pace: Pace,
) -> Result<Outcome, Failure> {
    let writes = |time: Duration| (time.as_secs_f64() * pace.rate) as usize;
    let (warm, all) = (writes(pace.warm), writes(pace.warm + pace.window));
    let start = Instant::now() + AHEAD;
    let due: Vec<Instant> = (0..all).map(|write| start + Duration::from_secs_f64(write as f64 / pace.rate)).collect();
    let expected: usize = (warm..all).map(|write| boards[write % boards.len()].members.len()).sum();
    let phase = readers.tally().borrow_mut().begin(due.clone(), warm, expected);

    let writer = Rc::new(Writer { addr: stack.addr(0), idle: boards.iter().map(|_| RefCell::default()).collect() });
    let (mut cpu, mut writing) = (0.0, Vec::with_capacity(all));
    let mut random = StdRng::seed_from_u64(u64::from(phase));
    let mut alarms = alarms(due);
    while let Some(write) = alarms.recv().await {
        if write == warm {
            cpu = stack.cpu_seconds()?;
        }
        let (index, board) = (write % boards.len(), Rc::clone(&boards[write % boards.len()]));
        let (path, to) = a_move(&board, &mut random);
        let (writer, op_id) = (Rc::clone(&writer), reader::op_id(phase, write));
        writing.push(tokio::task::spawn_local(async move {
            writer.write(index, &board.members[0], &path, &op_id, &to).await
        }));
    }
    for write in writing {
        write.await??;
    }
    let end = Instant::now() + LAST_FRAMES;
    while readers.tally().borrow().latencies.len() < expected && Instant::now() < end {
        sleep(Duration::from_millis(5)).await;
    }
    let cpu_seconds = stack.cpu_seconds()? - cpu;
    let mut tally = readers.tally().borrow_mut();
    let mut latencies = std::mem::take(&mut tally.latencies);
    latencies.sort_unstable();
    let lost = expected.saturating_sub(latencies.len()) as u64;
    Ok(Outcome { latencies, lost, twice: tally.twice, ended: tally.ended, cpu_seconds })
}

/// Signals when each write is due. On a separate thread, since the runtime's timers have a resolution of a
/// millisecond.
fn alarms(due: Vec<Instant>) -> mpsc::UnboundedReceiver<usize> {
    let (ring, alarms) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for (write, due) in due.into_iter().enumerate() {
            #[expect(clippy::disallowed_methods, reason = "it keeps the time, on a thread that does nothing else")]
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if ring.send(write).is_err() {
                return;
            }
        }
    });
    alarms
}

/// Idle connections per board: as many as were ever needed at once.
struct Writer {
    addr: SocketAddr,
    idle: Vec<RefCell<Vec<Connection>>>,
}

impl Writer {
    async fn write(&self, board: usize, owner: &str, path: &str, op_id: &str, to: &str) -> Result<(), Failure> {
        let idle = self.idle[board].borrow_mut().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open(self.addr, owner).await?,
        };
        connection.write("PATCH", path, Some(op_id), to).await?;
        self.idle[board].borrow_mut().push(connection);
        Ok(())
    }
}

/// A random move of a card to below another one: the path and the body.
pub(crate) fn a_move(board: &Board, random: &mut StdRng) -> (String, String) {
    let Board { tasks, statuses, .. } = board;
    let (task, after) = (&tasks[random.random_range(0..tasks.len())], &tasks[random.random_range(0..tasks.len())]);
    let status = &statuses[random.random_range(0..statuses.len())];
    let to = match task == after {
        true => format!(r#"{{"status_id":"{status}"}}"#),
        false => format!(r#"{{"status_id":"{status}","after_id":"{after}"}}"#),
    };
    (format!("/api/tasks/{task}/status"), to)
}

impl Outcome {
    /// A quantile of the latencies in milliseconds; NaN if nothing arrived.
    pub(crate) fn millis(&self, quantile: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1) as f64;
        self.latencies.get((last * quantile).round() as usize).map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
    }

    /// The server's CPU seconds per million frames read.
    pub(crate) fn cpu_per_million(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.latencies.len().max(1) as f64
    }
}
