//! Writes: as fast as they are answered, and when they are due.

use std::{cell::RefCell, net::SocketAddr, rc::Rc, time::Duration};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Failure,
    http::Connection,
    people::{Board, People},
    process::Server,
    reader::{self, Tally},
};

/// Connections of the closed loop.
const CLOSED_CONNECTIONS: usize = 16;
/// Sockets that are opened at once.
const OPENING: usize = 20;
/// Writes before the measured ones: caches fill, queues settle.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long the last frames may take.
const LAST_FRAMES: Duration = Duration::from_secs(5);
/// How long the server may rest between opening sockets and measuring their memory.
const REST: Duration = Duration::from_secs(2);

/// A case: so many members of one board, so many writes a second.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// Members with an open socket.
    pub(crate) members: usize,
    /// Moves a second.
    pub(crate) rate: u32,
    /// How long it is measured.
    pub(crate) window: Duration,
}

/// What a case showed.
pub(crate) struct Outcome {
    /// Microseconds from due to read, sorted.
    pub(crate) latencies: Vec<u32>,
    /// Frames that never came.
    pub(crate) lost: u64,
    /// Frames that came twice.
    pub(crate) twice: u64,
    /// Sockets that the server ended.
    pub(crate) ended: u64,
    /// The server's CPU seconds while it was measured.
    pub(crate) cpu_seconds: f64,
    /// The server's memory for each socket, in KiB.
    pub(crate) socket_kib: f64,
}

/// Moves a second that the server answers when each of its clients waits for the last answer.
pub(crate) async fn closed_loop(addr: SocketAddr, board: &Board, window: Duration) -> Result<f64, Failure> {
    let (start, mut clients) = (Instant::now(), Vec::new());
    for number in 0..CLOSED_CONNECTIONS {
        let mut connection = Connection::open(addr, Some(board.owner.clone())).await?;
        let (tasks, statuses) = (board.tasks.clone(), board.statuses.clone());
        clients.push(tokio::task::spawn_local(async move {
            let (mut random, mut done) = (StdRng::seed_from_u64(number as u64), 0_u64);
            while start.elapsed() < window {
                let (path, to) = a_move(&tasks, &statuses, &mut random);
                connection.send("PATCH", &path, None, &to).await.map_err(|error| error.to_string())?;
                done += 1;
            }
            Ok::<_, String>(done)
        }));
    }
    let mut done = 0;
    for client in clients {
        done += client.await??;
    }
    Ok(done as f64 / start.elapsed().as_secs_f64())
}

/// Opens a socket for each member, then writes at a steady rate, whether or not answers come.
pub(crate) async fn open_loop(
    server: &Server,
    people: &People,
    board: &Board,
    case: Case,
    number: u32,
) -> Result<Outcome, Failure> {
    let warm = case.writes(WARM_UP);
    let tally = Rc::new(RefCell::new(Tally::new(number, warm, case.writes(case.window), case.members)));
    // What the first sockets make the server keep for all of them (connections to the database, the
    // allocator's pages) is not theirs.
    for reader in open_sockets(server, people, board, OPENING, &tally).await? {
        reader.abort();
    }
    sleep(REST).await;
    tally.borrow_mut().ended = 0;
    let before = server.memory_kib()?;
    let readers = open_sockets(server, people, board, case.members, &tally).await?;
    sleep(REST).await;
    let socket_kib = (server.memory_kib()? - before) / case.members as f64;

    let start = Instant::now();
    tally.borrow_mut().due.iter_mut().enumerate().for_each(|(write, due)| *due = start + case.due(write));
    let mut cpu = 0.0;
    let writer = Rc::new(Writer::new(server.addr(), board));
    let writes = tally.borrow().due.len();
    let mut writing = Vec::with_capacity(writes);
    let mut random = StdRng::seed_from_u64(u64::from(number));
    for write in 0..writes {
        sleep_until(start + case.due(write)).await;
        if write == warm {
            cpu = server.cpu_seconds()?;
        }
        let (path, to) = a_move(&board.tasks, &board.statuses, &mut random);
        let (writer, op_id) = (Rc::clone(&writer), reader::op_id(number, write));
        writing.push(tokio::task::spawn_local(async move { writer.write(&path, &op_id, &to).await }));
    }
    for write in writing {
        write.await??;
    }
    let expected = (case.writes(case.window) * case.members) as u64;
    let end = Instant::now() + LAST_FRAMES;
    while (tally.borrow().latencies.len() as u64) < expected && Instant::now() < end {
        sleep(Duration::from_millis(10)).await;
    }
    let cpu_seconds = server.cpu_seconds()? - cpu;
    for reader in readers {
        reader.abort();
    }
    let mut tally = tally.borrow_mut();
    let mut latencies = std::mem::take(&mut tally.latencies);
    latencies.sort_unstable();
    let lost = expected.saturating_sub(latencies.len() as u64);
    Ok(Outcome { latencies, lost, twice: tally.twice, ended: tally.ended, cpu_seconds, socket_kib })
}

/// Opens a socket for each of the first `members`.
async fn open_sockets(
    server: &Server,
    people: &People,
    board: &Board,
    members: usize,
    tally: &Rc<RefCell<Tally>>,
) -> Result<Vec<JoinHandle<()>>, Failure> {
    let mut readers = Vec::with_capacity(members);
    for first in (0..members).step_by(OPENING) {
        let opening = (first..members.min(first + OPENING)).map(|member| {
            let cookie = people.cookie(member).unwrap_or_default();
            reader::open(server.addr(), &board.id, cookie, Rc::clone(tally))
        });
        readers.extend(futures_util::future::try_join_all(opening).await?);
    }
    Ok(readers)
}

impl Case {
    fn writes(&self, time: Duration) -> usize {
        (time.as_secs_f64() * f64::from(self.rate)) as usize
    }

    fn due(&self, write: usize) -> Duration {
        Duration::from_secs_f64(write as f64 / f64::from(self.rate))
    }
}

/// Connections that wait for the next write: as many as were ever needed at once.
struct Writer {
    addr: SocketAddr,
    owner: String,
    idle: RefCell<Vec<Connection>>,
}

impl Writer {
    fn new(addr: SocketAddr, board: &Board) -> Self {
        Self { addr, owner: board.owner.clone(), idle: RefCell::default() }
    }

    async fn write(&self, path: &str, op_id: &str, to: &Value) -> Result<(), String> {
        let idle = self.idle.borrow_mut().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open(self.addr, Some(self.owner.clone())).await.map_err(|error| error.to_string())?,
        };
        connection.send("PATCH", path, Some(op_id), to).await.map_err(|error| error.to_string())?;
        self.idle.borrow_mut().push(connection);
        Ok(())
    }
}

/// Some card to the place below some other card, in some column.
fn a_move(tasks: &[String], statuses: &[String], random: &mut StdRng) -> (String, Value) {
    let (task, after) = (&tasks[random.random_range(0..tasks.len())], &tasks[random.random_range(0..tasks.len())]);
    let status = &statuses[random.random_range(0..statuses.len())];
    let to = match task == after {
        true => json!({ "status_id": status }),
        false => json!({ "status_id": status, "after_id": after }),
    };
    (format!("/api/tasks/{task}/status"), to)
}
