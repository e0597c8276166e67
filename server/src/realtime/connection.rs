//! An open socket: a task that reads it and sleeps in one place. It writes only what no flusher has written: see
//! [`outbox`](super::outbox).
//!
//! Its memory is the cost of ten thousand idle boards, so anything needed only briefly (the handshake, a batch, the
//! close) is boxed or released.

mod io_adapter;
mod rate_limit;

use std::{
    future::{Future as _, poll_fn},
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use engine::wire::{ClientFrame, close};
use tokio::time::{Sleep, sleep_until, timeout_at};
use tokio_tungstenite::tungstenite::{
    self, Message, Utf8Bytes,
    protocol::{CloseFrame, WebSocketContext},
};

use super::{
    Counters, RealtimeContext, frame,
    heartbeat::{Heartbeat, HeartbeatDue},
    hub::SocketEntry,
    outbox::{Closing, Next},
    packet::Packet,
};
use io_adapter::{IoAdapter, drain, is_protocol_violation, is_rate_limit_error};
use rate_limit::RateLimit;

/// Frames per second that are read while a socket closes.
const CLOSE_FRAMES: u32 = 10_000;

/// An open socket.
pub(super) struct OpenSocket {
    /// Parses and answers frames.
    ws: WebSocketContext,
    /// Replies of the library that are not in the outbox yet.
    replies: Vec<u8>,
    entry: SocketEntry,
    shared: Arc<RealtimeContext>,
    heartbeat: Heartbeat,
    alarm: Pin<Box<Sleep>>,
    rate_limit: RateLimit,
    /// Whether reading is polled first, so that neither direction starves the other.
    read_first: bool,
}

/// Input from a client, or the end of the socket.
pub(super) enum SocketInput {
    /// A frame of the protocol.
    Frame(ClientFrame),
    /// The server closes the socket.
    Close(Closing),
    /// The connection is gone.
    Gone,
}

enum Wake {
    Next(Next),
    Message(Message),
    Broken,
    RateLimited,
    Alarm,
    Gone,
}

impl OpenSocket {
    /// Takes over an upgraded socket, and the bytes that arrived with the request.
    pub(super) fn new(ws: WebSocketContext, read: &[u8], entry: SocketEntry, shared: Arc<RealtimeContext>) -> Self {
        let now = Instant::now();
        let mut rate_limit = RateLimit::new(shared.frame_limit, now);
        rate_limit.count(read, now);
        Self {
            ws,
            replies: Vec::new(),
            entry,
            heartbeat: Heartbeat::new(now),
            alarm: Box::pin(sleep_until((now + shared.timing.ping).into())),
            shared,
            rate_limit,
            read_first: false,
        }
    }

    /// Its registration in the hub.
    pub(super) fn entry(&self) -> &SocketEntry {
        &self.entry
    }

    /// Writes the queue and keeps the heartbeat, until the client sends something or the socket ends.
    pub(super) async fn next(&mut self) -> SocketInput {
        loop {
            match poll_fn(|cx| self.poll_wake(cx)).await {
                Wake::Next(Next::Write) => self.entry.outbox.write(),
                Wake::Next(Next::Wait) => {
                    if let Some(input) = Box::pin(self.wait()).await {
                        return input;
                    }
                }
                Wake::Next(Next::Close(closing)) => return SocketInput::Close(closing),
                Wake::Message(message) => {
                    if let Some(input) = self.receive(message) {
                        return input;
                    }
                }
                Wake::Alarm => {
                    if let Some(input) = self.on_alarm() {
                        return input;
                    }
                }
                Wake::Broken => return abusive(&self.shared, close::BAD_FRAME, "that is no frame"),
                Wake::RateLimited => return abusive(&self.shared, close::TOO_MANY_FRAMES, "too many frames"),
                Wake::Next(Next::Gone) | Wake::Gone => return SocketInput::Gone,
            }
        }
    }

    /// Sends the close frame, and gives the client a moment to read it.
    pub(super) async fn close(mut self, closing: Closing) {
        let now = Instant::now();
        let deadline = now + self.shared.timing.close;
        // Reads what the client sends until it knows, so that it can read the reason.
        self.rate_limit = RateLimit::new(CLOSE_FRAMES, now);
        let reason = Utf8Bytes::from_static(closing.reason);
        let frame = CloseFrame { code: closing.code.into(), reason };
        // Writes into memory; fails if the client has closed the socket, which is answered by now.
        if self
            .ws
            .write(
                &mut IoAdapter::of(&self.entry, &mut self.replies, &mut self.rate_limit),
                Message::Close(Some(frame)),
            )
            .is_err()
        {
            return;
        }
        let last = Packet::encoded(mem::take(&mut self.replies));
        self.entry.outbox.end(last, closing);
        let close = async {
            loop {
                match poll_fn(|cx| self.entry.outbox.poll_next(cx)).await {
                    Next::Write => self.entry.outbox.write(),
                    Next::Wait => self.entry.outbox.wait().await,
                    Next::Close(_) => break,
                    Next::Gone => return,
                }
            }
            // Dropping a socket with unread bytes resets it, and the client would never read the code.
            let mut wake = poll_fn(|cx| self.poll_read(cx)).await;
            while let Wake::Message(_) = wake {
                wake = poll_fn(|cx| self.poll_read(cx)).await;
            }
            if let Wake::RateLimited = wake {
                drain(self.entry.outbox.wire()).await;
            }
        };
        // An unresponsive client is not waited for.
        let _ = timeout_at(deadline.into(), close).await;
    }

    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        self.read_first = !self.read_first;
        if self.read_first
            && let Poll::Ready(wake) = self.poll_read(cx)
        {
            return Poll::Ready(wake);
        }
        if let Poll::Ready(next) = self.entry.outbox.poll_next(cx) {
            return Poll::Ready(Wake::Next(next));
        }
        if !self.read_first
            && let Poll::Ready(wake) = self.poll_read(cx)
        {
            return Poll::Ready(wake);
        }
        self.alarm.as_mut().poll(cx).map(|()| Wake::Alarm)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        loop {
            if self.rate_limit.is_exceeded() {
                return Poll::Ready(Wake::RateLimited);
            }
            let read = self.ws.read(&mut IoAdapter::of(&self.entry, &mut self.replies, &mut self.rate_limit));
            if !self.replies.is_empty() {
                // At once: after the reply to a close frame there is no later chance.
                self.entry.outbox.push_packet(Packet::encoded(mem::take(&mut self.replies)));
                self.entry.outbox.write();
            }
            match read {
                Ok(message) => return Poll::Ready(Wake::Message(message)),
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    if ready!(self.entry.outbox.wire().poll_read_ready(cx)).is_err() {
                        return Poll::Ready(Wake::Gone);
                    }
                }
                Err(error) if is_rate_limit_error(&error) => return Poll::Ready(Wake::RateLimited),
                Err(error) if is_protocol_violation(&error) => return Poll::Ready(Wake::Broken),
                Err(_) => return Poll::Ready(Wake::Gone),
            }
        }
    }

    /// Waits until the stream has taken the pending batch, unless the reader is too slow or gone.
    async fn wait(&mut self) -> Option<SocketInput> {
        let now = Instant::now();
        let timing = &self.shared.timing;
        let deadline = match self.entry.outbox.behind() {
            Some(since) => (since + timing.slow).min(now + timing.write),
            None => now + timing.write,
        };
        if timeout_at(deadline.into(), self.entry.outbox.wait()).await.is_ok() {
            return None;
        }
        Counters::add(&self.shared.counters.closed_slow, 1);
        Some(SocketInput::Close(Closing { code: close::TOO_SLOW, reason: "the reader is too slow" }))
    }

    fn receive(&mut self, message: Message) -> Option<SocketInput> {
        self.heartbeat.received(Instant::now());
        match message {
            // The parsed frame owns its texts: a slice would keep the whole read buffer alive.
            Message::Text(text) => match serde_json::from_str(text.as_str()) {
                Ok(ClientFrame::Ping) => {
                    self.entry.outbox.push_lossy(frame::PONG);
                    None
                }
                Ok(ClientFrame::Pong) => None,
                Ok(frame) => Some(SocketInput::Frame(frame)),
                Err(_) => Some(abusive(&self.shared, close::BAD_FRAME, "that is no frame of this protocol")),
            },
            Message::Binary(_) => Some(abusive(&self.shared, close::BAD_FRAME, "frames are JSON texts")),
            // The library answers these; the end of the socket follows.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
        }
    }

    /// Handles the alarm. It is lazy: reset when it fires, not at every frame.
    fn on_alarm(&mut self) -> Option<SocketInput> {
        let (ping, pong) = (self.shared.timing.ping, self.shared.timing.pong);
        let now = Instant::now();
        if self.heartbeat.due(now, ping, pong) == HeartbeatDue::Ping {
            self.entry.outbox.push_lossy(frame::PING);
            self.heartbeat.pinged(now);
        }
        match self.heartbeat.due(now, ping, pong) {
            HeartbeatDue::At(at) => self.alarm.as_mut().reset(at.into()),
            HeartbeatDue::Ping => self.alarm.as_mut().reset(now.into()),
            HeartbeatDue::Silent => {
                Counters::add(&self.shared.counters.closed_silent, 1);
                return Some(SocketInput::Close(Closing { code: close::NO_PONG, reason: "no answer to a ping" }));
            }
        }
        None
    }
}

fn abusive(shared: &RealtimeContext, code: u16, reason: &'static str) -> SocketInput {
    Counters::add(&shared.counters.closed_abusive, 1);
    SocketInput::Close(Closing { code, reason })
}
