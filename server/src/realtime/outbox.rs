//! The bounded send queue of a socket, and the write to its TCP stream.
//!
//! A queue rather than a channel, because the sending side empties the queue of a slow reader, and because an idle
//! socket must cost almost nothing.
//!
//! ```text
//! push: Free ─► (Scheduled: a flusher comes) ─► Writing ─► Free: everything is written
//!                                                 └─► Full: the socket's task waits, then continues
//! ```

mod batch;
mod state;

use std::{
    io, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Instant,
};

pub(super) use engine::room::queue::{Closing, Push};
use engine::{
    room::{Queue, queue::Bounds},
    wire::close,
};
use tokio::net::TcpStream;

use super::{Counters, packet::Packet};
use crate::frame_text::FrameText;
use batch::Wire;
use state::{OutboxState, WriterState};

/// The next step of a socket's task.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Write: see [`Outbox::write`].
    Write,
    /// Wait until the stream is writable: see [`Outbox::wait`].
    Wait,
    /// Close.
    Close(Closing),
    /// The connection is broken.
    Gone,
}

/// The send queue of one socket.
#[derive(Debug)]
pub(super) struct Outbox<W = TcpStream> {
    wire: W,
    state: Mutex<OutboxState>,
    counters: Arc<Counters>,
}

impl Outbox {
    /// Waits until the stream has taken the pending batch, or is broken.
    pub(super) async fn wait(&self) {
        loop {
            // A broken stream is noticed by the next write.
            let _ = self.wire.writable().await;
            if self.resume() {
                return;
            }
        }
    }
}

impl<W: Wire> Outbox<W> {
    /// Creates an empty queue. `counters` receives the delivery times.
    pub(super) fn new(wire: W, counters: Arc<Counters>) -> Self {
        Self { wire, state: Mutex::default(), counters }
    }

    /// The stream.
    pub(super) fn wire(&self) -> &W {
        &self.wire
    }

    /// Queues frames that belong together. If they don't fit, one `resync` replaces the whole queue.
    pub(super) fn push(&self, frames: &[FrameText], resync: impl FnOnce() -> FrameText) -> Push {
        let packets: Vec<Packet> = frames.iter().map(Packet::text).collect();
        let mut state = self.lock();
        let pushed = state.push(&packets, resync);
        OutboxState::wake_if_free(state);
        pushed
    }

    /// Queues frames of a broadcast without waking the socket's task. True if the caller has to schedule a flusher.
    pub(super) fn push_broadcast(&self, packets: &[Packet], resync: impl FnOnce() -> FrameText) -> (Push, bool) {
        let mut state = self.lock();
        let pushed = state.push(packets, resync);
        let free = pushed != Push::Closed && state.writer == WriterState::Free;
        if free {
            state.writer = WriterState::Scheduled;
        }
        (pushed, free)
    }

    /// Cancels a scheduled flush: the socket's task writes instead.
    pub(super) fn cancel_flush(&self) {
        let mut state = self.lock();
        if state.writer == WriterState::Scheduled {
            state.writer = WriterState::Free;
            OutboxState::wake(state);
        }
    }

    /// Queues a frame that may be dropped, such as presence or a pong.
    pub(super) fn push_lossy(&self, frame: FrameText) {
        self.push_packet(Packet::text(&frame));
    }

    /// Queues an encoded frame that may be dropped.
    pub(super) fn push_packet(&self, packet: Packet) {
        let mut state = self.lock();
        if state.queue.push_lossy(packet) {
            OutboxState::wake_if_free(state);
        }
    }

    /// Queues a frame, or closes a socket whose queue is full: it reconnects and gets the current state. False if this
    /// closed it.
    pub(super) fn push_or_close(&self, frame: FrameText) -> bool {
        let mut state = self.lock();
        let pushed = state.queue.push_lossy(Packet::text(&frame));
        let closed = !pushed && state.queue.closing().is_none();
        if closed {
            state.queue.close(close::TOO_SLOW, "the reader is too slow");
        }
        OutboxState::wake_if_free(state);
        !closed
    }

    /// Closes the socket after the queued frames. The first reason wins.
    pub(super) fn close(&self, code: u16, reason: &'static str) {
        let mut state = self.lock();
        state.queue.close(code, reason);
        OutboxState::wake_if_free(state);
    }

    /// Sends a last packet after the batch in progress; drops the queue.
    pub(super) fn end(&self, last: Packet, Closing { code, reason }: Closing) {
        let mut state = self.lock();
        state.queue = Queue::new(Bounds::SOCKET);
        state.queue.push_lossy(last);
        state.queue.close(code, reason);
    }

    /// The next step of the socket's task, which is woken when there is one.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Next> {
        let mut state = self.lock();
        match state.writer {
            WriterState::Broken => return Poll::Ready(Next::Gone),
            WriterState::Full => return Poll::Ready(Next::Wait),
            WriterState::Free if state.has_more() => return Poll::Ready(Next::Write),
            WriterState::Free => {
                if let Some(closing) = state.queue.closing() {
                    return Poll::Ready(Next::Close(closing.clone()));
                }
            }
            WriterState::Scheduled | WriterState::Writing => {}
        }
        state.register_waker(cx.waker());
        Poll::Pending
    }

    /// Writes until the queue is empty or the stream is full. Does nothing if another task is writing.
    pub(super) fn write(&self) {
        let state = self.lock();
        if matches!(state.writer, WriterState::Free | WriterState::Scheduled) {
            self.write_on(state);
        }
    }

    /// Continues after the stream became writable. True if it took the pending batch.
    fn resume(&self) -> bool {
        let state = self.lock();
        state.writer != WriterState::Full || self.write_on(state)
    }

    fn write_on<'a>(&'a self, mut state: MutexGuard<'a, OutboxState>) -> bool {
        let mut done = false;
        state.writer = WriterState::Free;
        while state.fill() {
            let mut batch = mem::take(&mut state.batch);
            state.writer = WriterState::Writing;
            // Release the lock during the system call.
            drop(state);
            let written = batch.write(&self.wire);
            state = self.lock();
            state.writer = match &written {
                Ok(()) => WriterState::Free,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => WriterState::Full,
                Err(_) => WriterState::Broken,
            };
            if written.is_err() {
                state.batch = batch;
                OutboxState::wake(state);
                return done;
            }
            done = true;
            state.queue.sent(Instant::now);
            if let Some(since) = batch.since.take() {
                self.counters.delivery.record(since.elapsed());
            }
            state.batch = batch.emptied();
        }
        if state.queue.closing().is_some() {
            OutboxState::wake(state);
        }
        done
    }

    /// Since when the reader is behind.
    pub(super) fn behind(&self) -> Option<Instant> {
        self.lock().queue.behind()
    }

    /// Queued bytes.
    pub(super) fn bytes(&self) -> usize {
        self.lock().queue.load().1
    }

    fn lock(&self) -> MutexGuard<'_, OutboxState> {
        // Nothing in here panics between two halves of a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
