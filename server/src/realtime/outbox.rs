//! What waits to be sent to one socket: bounded by frames and by bytes.
//!
//! A queue of its own rather than a channel, because a reader that falls behind has its queue
//! emptied from the sending side, and because an idle one must cost next to nothing.

use std::{
    collections::VecDeque,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Instant,
};

use axum::extract::ws::Utf8Bytes;

/// Frames that may wait for one socket.
const FRAMES: usize = 256;
/// Bytes that may wait for one socket.
const BYTES: usize = 1024 * 1024;
/// An emptied queue that grew beyond this gives its memory back.
const IDLE_CAPACITY: usize = 8;

/// Why a socket is closed by the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Closing {
    /// The close code.
    pub(super) code: u16,
    /// For people.
    pub(super) reason: &'static str,
}

/// What became of frames that were pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Push {
    /// They wait.
    Queued,
    /// There was no room: everything was dropped for one `resync`.
    Collapsed,
    /// The socket is on its way out.
    Closed,
}

/// What a socket has to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Send these (they are in the buffer that was passed).
    Frames,
    /// Close.
    Close(Closing),
}

/// What waits to be sent to one socket.
#[derive(Debug, Default)]
pub(super) struct Outbox(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    /// Since when a `resync` is on its way to the reader.
    behind: Option<Instant>,
    /// It is in the queue.
    resync_waits: bool,
    /// It is in the batch that is being sent.
    resync_taken: bool,
    closing: Option<Closing>,
    waker: Option<Waker>,
}

impl Outbox {
    /// Queues frames that belong together, or one `resync` in the place of all that waits.
    pub(super) fn push(&self, frames: &[Utf8Bytes], resync: impl FnOnce() -> Utf8Bytes) -> Push {
        let mut queue = self.lock();
        if queue.closing.is_some() {
            return Push::Closed;
        }
        let pushed = if queue.fits(frames) {
            queue.extend(frames);
            Push::Queued
        } else {
            queue.frames.clear();
            queue.bytes = 0;
            queue.extend(&[resync()]);
            queue.resync_waits = true;
            queue.behind.get_or_insert_with(Instant::now);
            Push::Collapsed
        };
        wake(queue);
        pushed
    }

    /// Queues a frame that may get lost: presence, a pong.
    pub(super) fn push_lossy(&self, frame: Utf8Bytes) {
        let mut queue = self.lock();
        let frames = [frame];
        if queue.closing.is_none() && queue.fits(&frames) {
            queue.extend(&frames);
            wake(queue);
        }
    }

    /// Closes once what waits is sent. The first reason stays.
    pub(super) fn close(&self, code: u16, reason: &'static str) {
        let mut queue = self.lock();
        queue.closing.get_or_insert(Closing { code, reason });
        wake(queue);
    }

    /// Moves up to `max` waiting frames into `batch`, or says that the socket has to close.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>, batch: &mut Vec<Utf8Bytes>, max: usize) -> Poll<Next> {
        let mut queue = self.lock();
        if queue.frames.is_empty() {
            return match &queue.closing {
                Some(closing) => Poll::Ready(Next::Close(closing.clone())),
                None => {
                    match &mut queue.waker {
                        Some(waker) => waker.clone_from(cx.waker()),
                        none => *none = Some(cx.waker().clone()),
                    }
                    Poll::Pending
                }
            };
        }
        if mem::take(&mut queue.resync_waits) {
            queue.resync_taken = true;
        }
        let count = queue.frames.len().min(max);
        batch.extend(queue.frames.drain(..count));
        queue.bytes -= batch.iter().map(|frame| frame.len()).sum::<usize>();
        if queue.frames.is_empty() && queue.frames.capacity() > IDLE_CAPACITY {
            queue.frames = VecDeque::new();
        }
        Poll::Ready(Next::Frames)
    }

    /// Since when the reader is behind.
    pub(super) fn behind(&self) -> Option<Instant> {
        self.lock().behind
    }

    /// The batch that was taken is sent. If the `resync` was in it, the reader is no longer behind.
    pub(super) fn sent(&self) {
        let mut queue = self.lock();
        if mem::take(&mut queue.resync_taken) {
            queue.behind = queue.resync_waits.then(Instant::now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing in here panics between two halves of a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn fits(&self, frames: &[Utf8Bytes]) -> bool {
        let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
        self.frames.len() + frames.len() <= FRAMES && self.bytes + bytes <= BYTES
    }

    fn extend(&mut self, frames: &[Utf8Bytes]) {
        self.bytes += frames.iter().map(|frame| frame.len()).sum::<usize>();
        self.frames.extend(frames.iter().cloned());
    }
}

fn wake(mut queue: MutexGuard<'_, Queue>) {
    let waker = queue.waker.take();
    drop(queue);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(bytes: usize) -> Utf8Bytes {
        "x".repeat(bytes).into()
    }

    fn resync() -> Utf8Bytes {
        Utf8Bytes::from_static("resync")
    }

    fn take(outbox: &Outbox, max: usize) -> Option<Vec<Utf8Bytes>> {
        let mut batch = Vec::new();
        let mut cx = Context::from_waker(Waker::noop());
        outbox.poll_next(&mut cx, &mut batch, max).is_ready().then_some(batch)
    }

    #[test]
    fn a_full_queue_becomes_one_resync() {
        let outbox = Outbox::default();
        for _ in 0..FRAMES {
            assert_eq!(outbox.push(&[frame(10)], resync), Push::Queued);
        }
        assert_eq!(outbox.behind(), None);
        assert_eq!(outbox.push(&[frame(10)], resync), Push::Collapsed);
        assert_eq!(outbox.push(&[frame(10)], resync), Push::Queued);
        assert!(outbox.behind().is_some());
        assert_eq!(take(&outbox, 1), Some(vec![resync()]));
        assert!(outbox.behind().is_some(), "taken is not sent");
        outbox.sent();
        assert_eq!(outbox.behind(), None);
        assert_eq!(take(&outbox, 64), Some(vec![frame(10)]));
        assert_eq!(take(&outbox, 64), None);
    }

    #[test]
    fn bytes_count_as_well_as_frames() {
        let outbox = Outbox::default();
        for _ in 0..10 {
            assert_eq!(outbox.push(&[frame(100 * 1024)], resync), Push::Queued);
        }
        assert_eq!(outbox.push(&[frame(100 * 1024)], resync), Push::Collapsed);
        assert_eq!(take(&outbox, 64).map(|batch| batch.len()), Some(1));
        for _ in 0..10 {
            assert_eq!(outbox.push(&[frame(100 * 1024)], resync), Push::Queued, "what was taken no longer counts");
        }
    }

    #[test]
    fn falling_behind_again_starts_the_clock_anew() {
        let outbox = Outbox::default();
        let flood = || {
            for _ in 0..=FRAMES {
                outbox.push(&[frame(1)], resync);
            }
        };
        flood();
        take(&outbox, 1);
        flood();
        let first = outbox.behind();
        outbox.sent();
        assert!(outbox.behind().is_some() && outbox.behind() >= first, "the second resync still waits");
    }

    #[test]
    fn what_waits_is_sent_before_the_close() {
        let outbox = Outbox::default();
        outbox.push(&[frame(1)], resync);
        outbox.close(4101, "stop");
        outbox.close(4403, "later");
        assert_eq!(outbox.push(&[frame(1)], resync), Push::Closed);
        assert_eq!(take(&outbox, 64), Some(vec![frame(1)]));
        let mut cx = Context::from_waker(Waker::noop());
        let closing = Closing { code: 4101, reason: "stop" };
        assert_eq!(outbox.poll_next(&mut cx, &mut Vec::new(), 64), Poll::Ready(Next::Close(closing)));
    }
}
