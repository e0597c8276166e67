//! One open socket: a task that reads it, and sleeps in one place. It writes only what nobody else has written:
//! see [`outbox`](super::outbox).
//!
//! Its memory is what ten thousand idle boards cost, so what is needed only for a while (the
//! handshake, a batch, the farewell) is boxed or given back.

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
use io_adapter::{IoAdapter, drain, is_abuse, is_flood};
use rate_limit::RateLimit;

/// Frames a second that are looked at once a socket is told that it ends.
const FAREWELL_FRAMES: u32 = 10_000;

/// One open socket.
pub(super) struct OpenSocket {
    /// Reads and answers frames.
    ws: WebSocketContext,
    /// What it has answered and is not in the outbox yet.
    answers: Vec<u8>,
    entry: SocketEntry,
    shared: Arc<RealtimeContext>,
    heartbeat: Heartbeat,
    alarm: Pin<Box<Sleep>>,
    flood: RateLimit,
    /// Whether reading is asked first, so that neither direction starves the other.
    read_first: bool,
}

/// What a client said, or how the socket ends.
pub(super) enum SocketInput {
    /// A frame of the protocol.
    Frame(ClientFrame),
    /// The server closes it.
    Close(Closing),
    /// It is gone already.
    Gone,
}

enum Wake {
    Next(Next),
    BusEvent(Message),
    Broken,
    Flooded,
    Alarm,
    Gone,
}

impl OpenSocket {
    /// Takes over an upgraded socket, of which these bytes came along with the request.
    pub(super) fn new(ws: WebSocketContext, read: &[u8], entry: SocketEntry, shared: Arc<RealtimeContext>) -> Self {
        let now = Instant::now();
        let mut flood = RateLimit::new(shared.frame_limit, now);
        flood.is_too_much(read, now);
        Self {
            ws,
            answers: Vec::new(),
            entry,
            heartbeat: Heartbeat::new(now),
            alarm: Box::pin(sleep_until((now + shared.timing.ping).into())),
            shared,
            flood,
            read_first: false,
        }
    }

    /// Its place among the sockets of this process.
    pub(super) fn entry(&self) -> &SocketEntry {
        &self.entry
    }

    /// Sends what is queued and keeps the heartbeat, until the client says something or it ends.
    pub(super) async fn next(&mut self) -> SocketInput {
        loop {
            match poll_fn(|cx| self.poll_wake(cx)).await {
                Wake::Next(Next::Write) => self.entry.outbox.write(),
                Wake::Next(Next::Wait) => {
                    if let Some(said) = Box::pin(self.wait()).await {
                        return said;
                    }
                }
                Wake::Next(Next::Close(closing)) => return SocketInput::Close(closing),
                Wake::BusEvent(message) => {
                    if let Some(said) = self.hear(message) {
                        return said;
                    }
                }
                Wake::Alarm => {
                    if let Some(said) = self.wake_up() {
                        return said;
                    }
                }
                Wake::Broken => return abusive(&self.shared, close::BAD_FRAME, "that is no frame"),
                Wake::Flooded => return abusive(&self.shared, close::TOO_MANY_FRAMES, "too many frames"),
                Wake::Next(Next::Gone) | Wake::Gone => return SocketInput::Gone,
            }
        }
    }

    /// Says why, and waits a little for the client to take note.
    pub(super) async fn close(mut self, closing: Closing) {
        let now = Instant::now();
        let deadline = now + self.shared.timing.close;
        // What it has sent until it knows is read, so that it can read why.
        self.flood = RateLimit::new(FAREWELL_FRAMES, now);
        let reason = Utf8Bytes::from_static(closing.reason);
        let frame = CloseFrame { code: closing.code.into(), reason };
        // Into memory; refused where the client has closed it, who is answered by now.
        if self
            .ws
            .write(&mut IoAdapter::of(&self.entry, &mut self.answers, &mut self.flood), Message::Close(Some(frame)))
            .is_err()
        {
            return;
        }
        let last = Packet::encoded(mem::take(&mut self.answers));
        self.entry.outbox.end(last, closing);
        let farewell = async {
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
            while let Wake::BusEvent(_) = wake {
                wake = poll_fn(|cx| self.poll_read(cx)).await;
            }
            if let Wake::Flooded = wake {
                drain(self.entry.outbox.wire()).await;
            }
        };
        // Whoever takes no note is not waited for.
        let _ = timeout_at(deadline.into(), farewell).await;
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
            if self.flood.is_over() {
                return Poll::Ready(Wake::Flooded);
            }
            let read = self.ws.read(&mut IoAdapter::of(&self.entry, &mut self.answers, &mut self.flood));
            if !self.answers.is_empty() {
                // At once: after the answer to a close there is no later.
                self.entry.outbox.push_packet(Packet::encoded(mem::take(&mut self.answers)));
                self.entry.outbox.write();
            }
            match read {
                Ok(message) => return Poll::Ready(Wake::BusEvent(message)),
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    if ready!(self.entry.outbox.wire().poll_read_ready(cx)).is_err() {
                        return Poll::Ready(Wake::Gone);
                    }
                }
                Err(error) if is_flood(&error) => return Poll::Ready(Wake::Flooded),
                Err(error) if is_abuse(&error) => return Poll::Ready(Wake::Broken),
                Err(_) => return Poll::Ready(Wake::Gone),
            }
        }
    }

    /// Waits until the wire has taken the batch that it did not take at once, unless the reader is too slow, or
    /// gone.
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

    fn hear(&mut self, message: Message) -> Option<SocketInput> {
        self.heartbeat.heard(Instant::now());
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
            // Answered by the library; the end follows.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
        }
    }

    /// The alarm is lazy: it is moved when it rings, not at every frame.
    fn wake_up(&mut self) -> Option<SocketInput> {
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
