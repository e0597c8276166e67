//! A client socket, and the events it has seen.

use std::net::SocketAddr;

use engine::{
    Epoch, Event, ProjectId,
    wire::{ResyncReason, ServerFrame},
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Message,
        client::IntoClientRequest as _,
        http::{self, HeaderValue},
    },
};

use super::PATIENCE;
use crate::harness::Client;

/// A client socket.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Opens `path` with these headers.
    pub(crate) async fn open(addr: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> Self {
        let stream = timeout(PATIENCE, TcpStream::connect(addr)).await.expect("in time").expect("the server listens");
        Self::over(stream, addr, path, headers).await
    }

    /// Opens `path` with a receive buffer that fills quickly.
    pub(super) async fn open_narrow(addr: SocketAddr, path: &str) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(8 * 1024).expect("a small buffer");
        let stream = socket.connect(addr).await.expect("the server listens");
        Self::over(stream, addr, path, &[]).await
    }

    async fn over(stream: TcpStream, addr: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> Self {
        let upgrade = timeout(PATIENCE, client_async(request(addr, path, headers), stream))
            .await
            .expect("an answer comes in time");
        let (socket, _) = upgrade.expect("the server upgrades");
        Self(socket)
    }

    /// Opens `path` if the server accepts, however long that takes.
    pub(super) async fn try_open(addr: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> Option<Self> {
        let stream = TcpStream::connect(addr).await.ok()?;
        let (socket, _) = client_async(request(addr, path, headers), stream).await.ok()?;
        Some(Self(socket))
    }

    /// Opens a board as `client`, with further query parameters (`&since=…`).
    pub(crate) async fn board(addr: SocketAddr, client: &Client, project: ProjectId, more: &str) -> Self {
        let token = token(client).await;
        Self::open(addr, &format!("/ws/projects/{project}?token={token}{more}"), &[]).await
    }

    /// Sends a frame.
    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    /// Sends any text.
    pub(super) async fn send_text(&mut self, text: &str) {
        // The server may have closed already; what it sent is still readable.
        let _ = timeout(PATIENCE, self.0.send(Message::text(text))).await.expect("the server reads in time");
    }

    /// The next frame, or the close code (0: none).
    pub(super) async fn next(&mut self) -> Result<ServerFrame, u16> {
        timeout(PATIENCE, self.hear()).await.expect("a frame comes in time")
    }

    /// The next frame, however long it takes.
    pub(super) async fn hear(&mut self) -> Result<ServerFrame, u16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(ServerFrame::parse(&text).expect("a frame of the protocol")),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err(0),
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next frame about the log.
    pub(crate) async fn frame(&mut self) -> ServerFrame {
        loop {
            match self.next().await.expect("the socket stays open") {
                ServerFrame::Presence { .. } | ServerFrame::Ping => {}
                frame => return frame,
            }
        }
    }

    /// The first frame that matches.
    pub(super) async fn find(&mut self, fits: impl Fn(&ServerFrame) -> bool) -> ServerFrame {
        loop {
            let frame = self.next().await.expect("the socket stays open");
            if fits(&frame) {
                return frame;
            }
        }
    }

    /// The close code, after any other frames.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }
}

fn request(addr: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> http::Request<()> {
    let mut request = format!("ws://{addr}{path}").into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("a header"));
    }
    request
}

/// A token that opens sockets.
pub(super) async fn token(client: &Client) -> String {
    client.post("/api/ws-token", json!({})).await.expect(200).field("token")
}

/// The events seen of a log: fails at once on a repetition or a gap.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) position: Option<(Epoch, u64)>,
    /// The seqs that arrived as events.
    pub(super) events: Vec<u64>,
    /// The reason of each refetch of the board.
    pub(super) resyncs: Vec<ResyncReason>,
}

impl Seen {
    /// A viewer with a board at this position.
    pub(super) fn at(epoch: Epoch, seq: u64) -> Self {
        Self { position: Some((epoch, seq)), ..Self::default() }
    }

    /// The last seq.
    pub(super) fn seq(&self) -> u64 {
        self.position.map_or(0, |(_, seq)| seq)
    }

    /// Processes a frame.
    pub(super) fn take(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Sync(sync) => {
                self.position.get_or_insert((sync.epoch, sync.seq - sync.events.len() as u64));
                sync.events.iter().for_each(|event| self.event(event));
                assert_eq!(self.position, Some((sync.epoch, sync.seq)), "a sync reaches to its seq");
            }
            ServerFrame::Batch(batch) => {
                assert_eq!((batch.from, batch.events.len() as u64), (self.seq() + 1, batch.to + 1 - batch.from));
                batch.events.iter().for_each(|event| self.event(event));
            }
            ServerFrame::Event(event) => self.event(&event),
            ServerFrame::Resync { reason, epoch, seq } => {
                self.resyncs.push(reason);
                self.position = Some((epoch, seq));
            }
            _ => {}
        }
    }

    /// Reads until `seq`.
    pub(super) async fn read_to(&mut self, socket: &mut Socket, seq: u64) {
        while self.seq() < seq {
            let frame = socket.next().await.expect("the socket stays open");
            self.take(frame);
        }
    }

    fn event(&mut self, event: &Event) {
        let (epoch, seq) = self.position.expect("a sync comes first");
        assert_eq!((event.epoch, event.seq), (epoch, seq + 1), "exactly the next event");
        self.position = Some((epoch, event.seq));
        self.events.push(event.seq);
    }
}
