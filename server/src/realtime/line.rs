//! One open socket: a task that owns both directions, and sleeps in one place.
//!
//! Its memory is what ten thousand idle boards cost, so what is needed only for a while (the
//! handshake, a batch, the farewell) is boxed or given back.

use std::{
    future::{Future as _, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use engine::wire::{ClientFrame, close};
use futures_util::{SinkExt as _, StreamExt as _, poll};
use tokio::time::{Sleep, error::Elapsed, sleep_until, timeout_at};
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use super::{
    Counters, Shared, frame,
    heartbeat::{Due, Heartbeat},
    hub::Entry,
    outbox::{Closing, Next},
};

/// Frames in one flush.
const BATCH: usize = 64;
/// A batch that grew beyond this gives its memory back.
const IDLE_CAPACITY: usize = 8;

/// One open socket.
pub(super) struct Line {
    ws: WebSocket,
    entry: Entry,
    shared: Arc<Shared>,
    batch: Vec<Utf8Bytes>,
    heartbeat: Heartbeat,
    alarm: Pin<Box<Sleep>>,
    flood: Flood,
    /// Whether reading is asked first, so that neither direction starves the other.
    read_first: bool,
}

/// What a client said, or how the socket ends.
pub(super) enum Said {
    /// A frame of the protocol.
    Frame(ClientFrame),
    /// The server closes it.
    Close(Closing),
    /// It is gone already.
    Gone,
}

enum Wake {
    Send,
    Heard(Message),
    Broken,
    Alarm,
    Close(Closing),
    Gone,
}

impl Line {
    /// Takes over an upgraded socket. `limit` is the frames that it may send a second, or 0.
    pub(super) fn new(ws: WebSocket, entry: Entry, shared: Arc<Shared>, limit: u32) -> Self {
        let now = Instant::now();
        Self {
            ws,
            entry,
            heartbeat: Heartbeat::new(now),
            alarm: Box::pin(sleep_until((now + shared.timing.ping).into())),
            shared,
            batch: Vec::new(),
            flood: Flood { limit, since: now, count: 0 },
            read_first: false,
        }
    }

    /// Its place among the sockets of this process.
    pub(super) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Sends what is queued and keeps the heartbeat, until the client says something or it ends.
    pub(super) async fn next(&mut self) -> Said {
        loop {
            match poll_fn(|cx| self.poll_wake(cx)).await {
                Wake::Send => {
                    if let Some(said) = self.send().await {
                        return said;
                    }
                }
                Wake::Heard(message) => {
                    if let Some(said) = self.hear(message) {
                        return said;
                    }
                }
                Wake::Alarm => {
                    if let Some(said) = self.wake_up().await {
                        return said;
                    }
                }
                Wake::Broken => return abusive(&self.shared, close::BAD_FRAME, "that is no frame"),
                Wake::Close(closing) => return Said::Close(closing),
                Wake::Gone => return Said::Gone,
            }
        }
    }

    /// Says why, and waits a little for the client to take note.
    pub(super) async fn close(mut self, closing: Closing) {
        let deadline = Instant::now() + self.shared.timing.close;
        let frame = CloseFrame { code: closing.code, reason: Utf8Bytes::from_static(closing.reason) };
        let farewell = async {
            self.ws.send(Message::Close(Some(frame))).await?;
            // Dropping a socket with unread bytes resets it, and the client would never read the code.
            while let Some(message) = self.ws.recv().await {
                message?;
            }
            Ok::<(), axum::Error>(())
        };
        drop(timeout_at(deadline.into(), farewell).await);
    }

    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        self.read_first = !self.read_first;
        if self.read_first
            && let Poll::Ready(wake) = self.poll_read(cx)
        {
            return Poll::Ready(wake);
        }
        match self.entry.outbox.poll_next(cx, &mut self.batch, BATCH) {
            Poll::Ready(Next::Frames) => return Poll::Ready(Wake::Send),
            Poll::Ready(Next::Close(closing)) => return Poll::Ready(Wake::Close(closing)),
            Poll::Pending => {}
        }
        if !self.read_first
            && let Poll::Ready(wake) = self.poll_read(cx)
        {
            return Poll::Ready(wake);
        }
        self.alarm.as_mut().poll(cx).map(|()| Wake::Alarm)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        self.ws.poll_next_unpin(cx).map(|message| match message {
            Some(Ok(message)) => Wake::Heard(message),
            Some(Err(error)) if is_abuse(&error) => Wake::Broken,
            Some(Err(_)) => Wake::Gone,
            None => Wake::Gone,
        })
    }

    /// Sends the batch in as few writes as it takes, unless the reader is too slow, or gone.
    async fn send(&mut self) -> Option<Said> {
        let now = Instant::now();
        let timing = &self.shared.timing;
        let deadline = match self.entry.outbox.behind() {
            Some(since) => (since + timing.slow).min(now + timing.write),
            None => now + timing.write,
        };
        let sent = flush(&mut self.ws, &mut self.batch, deadline).await;
        if self.batch.capacity() > IDLE_CAPACITY {
            self.batch = Vec::new();
        }
        match sent {
            Ok(Ok(())) => {
                self.entry.outbox.sent();
                self.heartbeat.sent(Instant::now());
                None
            }
            Ok(Err(_)) => Some(Said::Gone),
            Err(_) => {
                Counters::add(&self.shared.counters.closed_slow, 1);
                Some(Said::Close(Closing { code: close::TOO_SLOW, reason: "the reader is too slow" }))
            }
        }
    }

    fn hear(&mut self, message: Message) -> Option<Said> {
        let now = Instant::now();
        self.heartbeat.heard(now);
        if self.flood.is_too_much(now) {
            return Some(abusive(&self.shared, close::TOO_MANY_FRAMES, "too many frames"));
        }
        match message {
            // The parsed frame owns its texts: a slice would keep the whole read buffer alive.
            Message::Text(text) => match serde_json::from_str(text.as_str()) {
                Ok(ClientFrame::Ping) => {
                    self.entry.outbox.push_lossy(frame::PONG);
                    None
                }
                Ok(ClientFrame::Pong) => None,
                Ok(frame) => Some(Said::Frame(frame)),
                Err(_) => Some(abusive(&self.shared, close::BAD_FRAME, "that is no frame of this protocol")),
            },
            Message::Binary(_) => Some(abusive(&self.shared, close::BAD_FRAME, "frames are JSON texts")),
            // Answered by the library; the end follows.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => None,
        }
    }

    /// The alarm is lazy: it is moved when it rings, not at every frame.
    async fn wake_up(&mut self) -> Option<Said> {
        let (ping, pong) = (self.shared.timing.ping, self.shared.timing.pong);
        if self.heartbeat.due(Instant::now(), ping, pong) == Due::Ping {
            self.batch.push(frame::PING);
            if let Some(said) = self.send().await {
                return Some(said);
            }
            self.heartbeat.pinged(Instant::now());
        }
        match self.heartbeat.due(Instant::now(), ping, pong) {
            Due::At(at) => self.alarm.as_mut().reset(at.into()),
            Due::Ping => self.alarm.as_mut().reset(Instant::now().into()),
            Due::Silent => {
                Counters::add(&self.shared.counters.closed_silent, 1);
                return Some(Said::Close(Closing { code: close::NO_PONG, reason: "no answer to a ping" }));
            }
        }
        None
    }
}

/// Sends a batch. The kernel takes nearly all there is at once: only for the rest there is a timer, boxed.
async fn flush(
    ws: &mut WebSocket,
    batch: &mut Vec<Utf8Bytes>,
    deadline: Instant,
) -> Result<Result<(), axum::Error>, Elapsed> {
    let mut flush = pin!(async {
        for frame in batch.drain(..) {
            ws.feed(Message::Text(frame)).await?;
        }
        ws.flush().await
    });
    match poll!(flush.as_mut()) {
        Poll::Ready(sent) => Ok(sent),
        Poll::Pending => Box::pin(timeout_at(deadline.into(), flush)).await,
    }
}

/// Whether the client broke the rules of WebSocket, rather than the connection just ending.
fn is_abuse(error: &axum::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<tungstenite::Error>());
    match cause {
        Some(tungstenite::Error::Protocol(error)) => *error != ProtocolError::ResetWithoutClosingHandshake,
        Some(tungstenite::Error::Capacity(_) | tungstenite::Error::Utf8(_)) => true,
        _ => false,
    }
}

fn abusive(shared: &Shared, code: u16, reason: &'static str) -> Said {
    Counters::add(&shared.counters.closed_abusive, 1);
    Said::Close(Closing { code, reason })
}

/// Counts frames in windows of a second.
struct Flood {
    limit: u32,
    since: Instant,
    count: u32,
}

impl Flood {
    fn is_too_much(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.count) = (now, 0);
        }
        self.count += 1;
        self.limit > 0 && self.count > self.limit
    }
}
