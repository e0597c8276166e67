//! A socket's queue, and the way from it to the wire.
//!
//! A queue of its own rather than a channel, because a reader that falls behind has its queue
//! emptied from the sending side, and because an idle one must cost next to nothing.
//!
//! ```text
//! pushed: Free ─► (Expected: a courier comes) ─► Writing ─► Free: all is written
//!                                                   └─► Full: the socket's task waits, then goes on
//! ```

mod batch;
mod waiting;

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
use waiting::{OutboxQueue, WriterState};

/// What a socket's task has to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Write: see [`Outbox::write`].
    Write,
    /// Wait until the wire takes more: see [`Outbox::wait`].
    Wait,
    /// Close.
    Close(Closing),
    /// The wire is broken.
    Gone,
}

/// What waits to be sent to one socket.
#[derive(Debug)]
pub(super) struct Outbox<W = TcpStream> {
    wire: W,
    waiting: Mutex<OutboxQueue>,
    counters: Arc<Counters>,
}

impl Outbox {
    /// Waits until the wire has taken the batch that it did not take at once, or is broken.
    pub(super) async fn wait(&self) {
        loop {
            // One that is broken is found to be so by the next write.
            let _ = self.wire.writable().await;
            if self.resume() {
                return;
            }
        }
    }
}

impl<W: Wire> Outbox<W> {
    /// Nothing waits. How long it did is counted.
    pub(super) fn new(wire: W, counters: Arc<Counters>) -> Self {
        Self { wire, waiting: Mutex::default(), counters }
    }

    /// Where it goes.
    pub(super) fn wire(&self) -> &W {
        &self.wire
    }

    /// Queues frames that belong together, or one `resync` in the place of all that waits.
    pub(super) fn push(&self, frames: &[FrameText], resync: impl FnOnce() -> FrameText) -> Push {
        let packets: Vec<Packet> = frames.iter().map(Packet::text).collect();
        let mut waiting = self.lock();
        let pushed = waiting.push(&packets, resync);
        OutboxQueue::call(waiting);
        pushed
    }

    /// The same for frames of many sockets. True when the caller has to send a courier.
    pub(super) fn leave(&self, packets: &[Packet], resync: impl FnOnce() -> FrameText) -> (Push, bool) {
        let mut waiting = self.lock();
        let pushed = waiting.push(packets, resync);
        let free = pushed != Push::Closed && waiting.hand == WriterState::Free;
        if free {
            waiting.hand = WriterState::Expected;
        }
        (pushed, free)
    }

    /// No courier comes after all: what waits is left to the socket's task.
    pub(super) fn expect_nobody(&self) {
        let mut waiting = self.lock();
        if waiting.hand == WriterState::Expected {
            waiting.hand = WriterState::Free;
            OutboxQueue::wake(waiting);
        }
    }

    /// Queues a frame that may get lost: presence, a pong.
    pub(super) fn push_lossy(&self, frame: FrameText) {
        self.push_packet(Packet::text(&frame));
    }

    /// The same for one that is encoded already.
    pub(super) fn push_packet(&self, packet: Packet) {
        let mut waiting = self.lock();
        if waiting.queue.push_lossy(packet) {
            OutboxQueue::call(waiting);
        }
    }

    /// Queues a frame, or closes a socket that has no room for it: it comes back, and is told anew. False when it
    /// was closed by this.
    pub(super) fn push_or_close(&self, frame: FrameText) -> bool {
        let mut waiting = self.lock();
        let pushed = waiting.queue.push_lossy(Packet::text(&frame));
        let closed = !pushed && waiting.queue.closing().is_none();
        if closed {
            waiting.queue.close(close::TOO_SLOW, "the reader is too slow");
        }
        OutboxQueue::call(waiting);
        !closed
    }

    /// Closes once what waits is sent. The first reason stays.
    pub(super) fn close(&self, code: u16, reason: &'static str) {
        let mut waiting = self.lock();
        waiting.queue.close(code, reason);
        OutboxQueue::call(waiting);
    }

    /// Sends this last, after what is on its way already; what waits is dropped.
    pub(super) fn end(&self, last: Packet, Closing { code, reason }: Closing) {
        let mut waiting = self.lock();
        waiting.queue = Queue::new(Bounds::SOCKET);
        waiting.queue.push_lossy(last);
        waiting.queue.close(code, reason);
    }

    /// What the socket's task has to do. While there is nothing, it is woken when there is.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Next> {
        let mut waiting = self.lock();
        match waiting.hand {
            WriterState::Broken => return Poll::Ready(Next::Gone),
            WriterState::Full => return Poll::Ready(Next::Wait),
            WriterState::Free if waiting.has_more() => return Poll::Ready(Next::Write),
            WriterState::Free => {
                if let Some(closing) = waiting.queue.closing() {
                    return Poll::Ready(Next::Close(closing.clone()));
                }
            }
            WriterState::Expected | WriterState::Writing => {}
        }
        waiting.wake_later(cx.waker());
        Poll::Pending
    }

    /// Writes what waits, until all is written or the wire takes no more. Does nothing where somebody
    /// else does so.
    pub(super) fn write(&self) {
        let waiting = self.lock();
        if matches!(waiting.hand, WriterState::Free | WriterState::Expected) {
            self.write_on(waiting);
        }
    }

    /// The same when the wire may take more again. True when it took the batch that it did not take before.
    fn resume(&self) -> bool {
        let waiting = self.lock();
        waiting.hand != WriterState::Full || self.write_on(waiting)
    }

    fn write_on<'a>(&'a self, mut waiting: MutexGuard<'a, OutboxQueue>) -> bool {
        let mut done = false;
        waiting.hand = WriterState::Free;
        while waiting.fill() {
            let mut batch = mem::take(&mut waiting.batch);
            waiting.hand = WriterState::Writing;
            // Nobody waits for the kernel to push a frame.
            drop(waiting);
            let written = batch.write(&self.wire);
            waiting = self.lock();
            waiting.hand = match &written {
                Ok(()) => WriterState::Free,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => WriterState::Full,
                Err(_) => WriterState::Broken,
            };
            if written.is_err() {
                waiting.batch = batch;
                OutboxQueue::wake(waiting);
                return done;
            }
            done = true;
            waiting.queue.sent(Instant::now);
            if let Some(since) = batch.since.take() {
                self.counters.delivery.record(since.elapsed());
            }
            waiting.batch = batch.emptied();
        }
        if waiting.queue.closing().is_some() {
            OutboxQueue::wake(waiting);
        }
        done
    }

    /// Since when the reader is behind.
    pub(super) fn behind(&self) -> Option<Instant> {
        self.lock().queue.behind()
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        self.lock().queue.load().1
    }

    fn lock(&self) -> MutexGuard<'_, OutboxQueue> {
        // Nothing in here panics between two halves of a change.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
