//! A socket's queue, and the task that sleeps until something is in it.
//!
//! A queue of its own rather than a channel, because a reader that falls behind has its queue
//! emptied from the sending side, and because an idle one must cost next to nothing.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Instant,
};

use axum::extract::ws::Utf8Bytes;
pub(super) use engine::room::queue::{Closing, Push};
use engine::{
    room::{Queue, queue::Bounds},
    wire::close,
};

use super::Counters;

/// What a socket has to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Send these (they are in the buffer that was passed).
    Frames,
    /// Close.
    Close(Closing),
}

/// What waits to be sent to one socket.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct Waiting {
    queue: Queue<Utf8Bytes, Instant>,
    /// Since when the oldest events wait.
    since: Option<Instant>,
    /// The same of those that are being sent.
    sending: Option<Instant>,
    waker: Option<Waker>,
}

impl Outbox {
    /// Nothing waits. How long it did is counted.
    pub(super) fn new(counters: Arc<Counters>) -> Self {
        let waiting = Waiting { queue: Queue::new(Bounds::SOCKET), since: None, sending: None, waker: None };
        Self { waiting: Mutex::new(waiting), counters }
    }

    /// Queues frames that belong together, or one `resync` in the place of all that waits.
    pub(super) fn push(&self, frames: &[Utf8Bytes], resync: impl FnOnce() -> Utf8Bytes) -> Push {
        let mut waiting = self.lock();
        let pushed = waiting.queue.push(frames, resync, Instant::now);
        if pushed != Push::Closed {
            waiting.since.get_or_insert_with(Instant::now);
            wake(waiting);
        }
        pushed
    }

    /// Queues a frame that may get lost: presence, a pong.
    pub(super) fn push_lossy(&self, frame: Utf8Bytes) {
        let mut waiting = self.lock();
        if waiting.queue.push_lossy(frame) {
            wake(waiting);
        }
    }

    /// Queues a frame, or closes a socket that has no room for it: it comes back, and is told anew. False when it
    /// was closed by this.
    pub(super) fn push_or_close(&self, frame: Utf8Bytes) -> bool {
        let mut waiting = self.lock();
        let pushed = waiting.queue.push_lossy(frame);
        let closed = !pushed && waiting.queue.closing().is_none();
        if closed {
            waiting.queue.close(close::TOO_SLOW, "the reader is too slow");
        }
        wake(waiting);
        !closed
    }

    /// Closes once what waits is sent. The first reason stays.
    pub(super) fn close(&self, code: u16, reason: &'static str) {
        let mut waiting = self.lock();
        waiting.queue.close(code, reason);
        wake(waiting);
    }

    /// Moves up to `max` waiting frames into `batch`, or says that the socket has to close.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>, batch: &mut Vec<Utf8Bytes>, max: usize) -> Poll<Next> {
        let mut waiting = self.lock();
        if waiting.queue.take(batch, max) {
            waiting.sending = waiting.since;
            if waiting.queue.load().0 == 0 {
                waiting.since = None;
            }
            return Poll::Ready(Next::Frames);
        }
        if let Some(closing) = waiting.queue.closing() {
            return Poll::Ready(Next::Close(closing.clone()));
        }
        match &mut waiting.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// Since when the reader is behind.
    pub(super) fn behind(&self) -> Option<Instant> {
        self.lock().queue.behind()
    }

    /// The batch that was taken is sent. If the `resync` was in it, the reader is no longer behind.
    pub(super) fn sent(&self) {
        let mut waiting = self.lock();
        waiting.queue.sent(Instant::now);
        if let Some(since) = waiting.sending.take() {
            self.counters.delivery.record(since.elapsed());
        }
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        self.lock().queue.load().1
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing in here panics between two halves of a change.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(mut waiting: MutexGuard<'_, Waiting>) {
    let waker = waiting.waker.take();
    drop(waiting);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_sleeps_is_woken_by_frames_and_by_the_close() {
        let (outbox, count) = (Outbox::new(Arc::default()), Arc::new(Count::default()));
        let (waker, mut batch) = (Waker::from(Arc::clone(&count)), Vec::new());
        let mut cx = Context::from_waker(&waker);
        let woken = || count.0.load(Ordering::Relaxed);
        assert!(outbox.poll_next(&mut cx, &mut batch, 64).is_pending());
        outbox.push(&["one".into()], Utf8Bytes::default);
        outbox.push_lossy("two".into());
        assert_eq!((woken(), outbox.poll_next(&mut cx, &mut batch, 64)), (1, Poll::Ready(Next::Frames)));
        assert_eq!(batch, ["one", "two"].map(Utf8Bytes::from));
        assert!(outbox.poll_next(&mut cx, &mut batch, 64).is_pending());
        outbox.close(4101, "stop");
        let closing = Closing { code: 4101, reason: "stop" };
        assert_eq!((woken(), outbox.poll_next(&mut cx, &mut batch, 64)), (2, Poll::Ready(Next::Close(closing))));
        assert_eq!(outbox.push(&["late".into()], Utf8Bytes::default), Push::Closed);
    }
}
