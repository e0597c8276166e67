//! A server that is restarted under its sockets: how long until all of them are live again.
//!
//! Each of them runs the reconnect machine of the page, so that waits are those of real browsers.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use engine::session::{Connection, ConnectionStep};
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Failure,
    people::Board,
    report::Row,
    socket::{Frame, Socket},
    stack::Stack,
};

/// Sockets per member.
const SOCKETS_PER_MEMBER: usize = 2;
/// Timeout, at first and after the restart.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The reconnect machine calls a connection stable after this time.
const STABLE: Duration = Duration::from_secs(11);
/// The close code of a broken connection.
const BROKEN: u16 = 1006;

/// State shared by all of them.
struct Crowd {
    addr: std::net::SocketAddr,
    start: Instant,
    live: Cell<usize>,
    refused: Cell<u64>,
    resyncs: Cell<u64>,
    /// When each returned, since the restart began.
    back: RefCell<Vec<Instant>>,
}

/// Restarts the server. Returns when the last socket was live again.
pub(crate) async fn measure(stack: &mut Stack, boards: &[Rc<Board>]) -> Result<Row, Failure> {
    let crowd = Rc::new(Crowd {
        addr: stack.addr(0),
        start: Instant::now(),
        live: Cell::new(0),
        refused: Cell::new(0),
        resyncs: Cell::new(0),
        back: RefCell::default(),
    });
    let members = boards.iter().flat_map(|board| board.members.iter().map(move |member| (board, member)));
    let clients: Vec<JoinHandle<()>> = members
        .flat_map(|member| std::iter::repeat_n(member, SOCKETS_PER_MEMBER))
        .zip(0_u64..)
        .map(|((board, member), number)| {
            let (crowd, board, member) = (Rc::clone(&crowd), Rc::clone(board), member.clone());
            tokio::task::spawn_local(async move { crowd.keep_up(&board.id, &member, number).await })
        })
        .collect();
    crowd.all_live(clients.len()).await?;
    sleep(STABLE).await;
    crowd.back.borrow_mut().clear();
    crowd.refused.set(0);

    let stopped = Instant::now();
    stack.restart().await?;
    let up = stopped.elapsed();
    crowd.all_live(clients.len()).await?;
    for client in &clients {
        client.abort();
    }
    let mut took: Vec<f64> =
        crowd.back.borrow().iter().map(|back| back.duration_since(stopped).as_secs_f64()).collect();
    took.sort_by(f64::total_cmp);
    let note = format!(
        "all {} live again {:.1} s after SIGTERM (half after {:.1} s; the server was gone for {:.1} s), {} attempts failed, {} resyncs",
        clients.len(),
        took.last().copied().unwrap_or(f64::NAN),
        took.get(took.len() / 2).copied().unwrap_or(f64::NAN),
        up.as_secs_f64(),
        crowd.refused.get(),
        crowd.resyncs.get(),
    );
    Ok(Row { note, ..Row::default() })
}

impl Crowd {
    /// Waits until this many are live at once.
    async fn all_live(&self, count: usize) -> Result<(), Failure> {
        let end = Instant::now() + TIMEOUT;
        // Sockets that were live when the server stopped count until they notice.
        while self.live.get() < count || self.back.borrow().len() < count {
            if Instant::now() > end {
                return Err(format!("{} of {count} are live after {TIMEOUT:?}", self.live.get()).into());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// One browser: connects, reads, and reconnects when told to.
    async fn keep_up(&self, project: &str, cookie: &str, number: u64) {
        // The first sockets are spread over a second, as in reality.
        sleep(Duration::from_micros(number * 500)).await;
        let mut machine = Connection::new(self.now());
        let mut cursor = String::new();
        loop {
            let random = rand::random();
            match machine.tick(self.now(), random) {
                ConnectionStep::Connect => {
                    let path = format!("/ws/projects/{project}{cursor}");
                    let (code, retry_ms) = match Socket::open(self.addr, &path, cookie, None).await {
                        Ok((socket, sync)) => {
                            machine.frame_received(self.now());
                            machine.caught_up(self.now());
                            cursor = cursor_of(&sync);
                            self.read(socket).await
                        }
                        Err(_) => {
                            self.refused.set(self.refused.get() + 1);
                            (BROKEN, None)
                        }
                    };
                    machine.closed(code, retry_ms, self.now(), random);
                }
                ConnectionStep::Rest | ConnectionStep::Close | ConnectionStep::Ping => match machine.wake_at() {
                    Some(at) => sleep_until(self.start + Duration::from_millis(at)).await,
                    None => return,
                },
            }
        }
    }

    /// Reads until the socket ends. Returns the close code, and when to reconnect.
    async fn read(&self, socket: Socket) -> (u16, Option<u64>) {
        self.live.set(self.live.get() + 1);
        self.back.borrow_mut().push(Instant::now());
        let (mut code, mut retry_ms) = (BROKEN, None);
        let on_frame = |frame: Frame<'_>| match frame {
            Frame::Text(frame) if frame.starts_with("{\"type\":\"bye\"") => {
                let bye: Value = serde_json::from_str(frame).unwrap_or_default();
                retry_ms = bye.pointer("/retry_ms").and_then(Value::as_u64);
            }
            Frame::Text(frame) if frame.starts_with("{\"type\":\"resync\"") => self.resyncs.set(self.resyncs.get() + 1),
            Frame::Text(_) => {}
            Frame::Close(closed) => code = closed,
        };
        // A reset is an end as well.
        let _ = socket.read(on_frame).await;
        self.live.set(self.live.get() - 1);
        (code, retry_ms)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The position of a `sync` frame, as a socket's query.
fn cursor_of(sync: &str) -> String {
    let sync: Value = serde_json::from_str(sync).unwrap_or_default();
    match (sync.pointer("/epoch").and_then(Value::as_str), sync.pointer("/seq").and_then(Value::as_u64)) {
        (Some(epoch), Some(seq)) => format!("?epoch={epoch}&since={seq}"),
        _ => String::new(),
    }
}
