//! One member's socket: reads frames, and says when which write arrived.

use std::{cell::RefCell, net::SocketAddr, rc::Rc};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, time::Instant};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        client::IntoClientRequest as _,
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

use crate::Failure;

/// What arrived at all members together.
pub(crate) struct Tally {
    /// Which case: frames of the ones before do not count.
    number: u32,
    /// How many writes come before the measured ones.
    warm: usize,
    /// When each write was due.
    pub(crate) due: Vec<Instant>,
    /// Microseconds from due to read, each measured write at each member.
    pub(crate) latencies: Vec<u32>,
    /// Frames that came a second time.
    pub(crate) twice: u64,
    /// Sockets that ended before the case did.
    pub(crate) ended: u64,
}

impl Tally {
    /// For `measured` writes after `warm` others. Nothing is allocated while it is measured.
    pub(crate) fn new(number: u32, warm: usize, measured: usize, members: usize) -> Self {
        let due = vec![Instant::now(); warm + measured];
        Self { number, warm, due, latencies: Vec::with_capacity(measured * members), twice: 0, ended: 0 }
    }
}

/// Opens a member's socket and reads it on a task of its own. Ready once the first `sync` is there.
pub(crate) async fn open(
    addr: SocketAddr,
    project: &str,
    cookie: &str,
    tally: Rc<RefCell<Tally>>,
) -> Result<tokio::task::JoinHandle<()>, Failure> {
    let mut request = format!("ws://{addr}/ws/projects/{project}").into_client_request()?;
    request.headers_mut().insert(header::COOKIE, HeaderValue::from_str(cookie)?);
    request.headers_mut().insert(header::ORIGIN, HeaderValue::from_str(&format!("http://{addr}"))?);
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
    let (mut socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
    match socket.next().await {
        Some(Ok(Message::Text(frame))) if frame.contains("\"type\":\"sync\"") => {}
        other => return Err(format!("no sync, but {other:?}").into()),
    }
    Ok(tokio::task::spawn_local(read(socket, tally)))
}

async fn read(mut socket: WebSocketStream<TcpStream>, tally: Rc<RefCell<Tally>>) {
    let (prefix, warm, writes) = {
        let tally = tally.borrow();
        (format!("\"op_id\":\"{}", prefix(tally.number)), tally.warm, tally.due.len())
    };
    let mut seen = vec![false; writes];
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(frame) = message else { continue };
        let now = Instant::now();
        if let Some(write) = write_of(&frame, &prefix).filter(|write| *write < writes) {
            let mut tally = tally.borrow_mut();
            if std::mem::replace(&mut seen[write], true) {
                tally.twice += 1;
            } else if write >= warm {
                let late = now.saturating_duration_since(tally.due[write]);
                tally.latencies.push(u32::try_from(late.as_micros()).unwrap_or(u32::MAX));
            }
        } else if frame.starts_with("{\"type\":\"ping\"")
            && socket.send(Message::text("{\"type\":\"pong\"}")).await.is_err()
        {
            break;
        }
    }
    tally.borrow_mut().ended += 1;
}

/// An op id that names a write of a case: a UUIDv7 whose last 12 digits count.
pub(crate) fn op_id(case: u32, write: usize) -> String {
    format!("{}{write:012x}", prefix(case))
}

fn prefix(case: u32) -> String {
    format!("01900000-0000-7000-{:04x}-", 0x8000 | (case & 0x3fff))
}

/// The write that a frame answers. The id is found without reading the rest: this shares the CPU
/// with the server.
fn write_of(frame: &str, prefix: &str) -> Option<usize> {
    let start = frame.find(prefix)? + prefix.len();
    usize::from_str_radix(frame.get(start..start + 12)?, 16).ok()
}
