//! The bounded send queue of one socket, limited by frames and bytes.
//!
//! A reader that falls behind has its queue replaced by one `resync`. So no frame is lost silently, and a stalled
//! reader costs no more than the bounds.

use std::{collections::VecDeque, mem, ops::Deref};

/// An empty queue with more capacity than this releases its memory.
const IDLE_CAPACITY: usize = 8;

/// Bounds of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Frames.
    pub frames: usize,
    /// Bytes.
    pub bytes: usize,
}

impl Bounds {
    /// A server's bounds for each socket: 256 frames, 1 MiB.
    pub const SOCKET: Self = Self { frames: 256, bytes: 1024 * 1024 };
}

/// The close frame that the server sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The close code.
    pub code: u16,
    /// For people.
    pub reason: &'static str,
}

/// Outcome of pushing frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    /// They were queued.
    Queued,
    /// There was no room: the queue was replaced by one `resync`.
    Collapsed,
    /// The socket is closing.
    Closed,
}

/// The send queue of one socket, with frames `F` and instants `T` of the caller's clock.
#[derive(Clone, Debug)]
pub struct Queue<F, T> {
    bounds: Bounds,
    frames: VecDeque<F>,
    bytes: usize,
    /// Since when the reader has been behind: a `resync` is queued or being sent.
    behind: Option<T>,
    /// The `resync` is in the queue.
    resync_queued: bool,
    /// The `resync` is in the batch being sent.
    resync_sending: bool,
    closing: Option<Closing>,
}

impl<F: Clone + Deref<Target: AsRef<[u8]>>, T: Copy> Queue<F, T> {
    /// An empty queue.
    pub const fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            frames: VecDeque::new(),
            bytes: 0,
            behind: None,
            resync_queued: false,
            resync_sending: false,
            closing: None,
        }
    }

    /// Queues frames that belong together, or replaces the queue by one `resync`.
    pub fn push(&mut self, frames: &[F], resync: impl FnOnce() -> F, now: impl FnOnce() -> T) -> Push {
        if self.closing.is_some() {
            return Push::Closed;
        }
        if self.fits(frames) {
            self.extend(frames);
            return Push::Queued;
        }
        self.frames.clear();
        self.bytes = 0;
        self.extend(&[resync()]);
        self.resync_queued = true;
        self.behind.get_or_insert_with(now);
        Push::Collapsed
    }

    /// Queues a frame that may be dropped, such as presence or a pong. False if it was.
    pub fn push_lossy(&mut self, frame: F) -> bool {
        let frames = [frame];
        let fits = self.closing.is_none() && self.fits(&frames);
        if fits {
            self.extend(&frames);
        }
        fits
    }

    /// Closes the socket once the queue is sent. The first reason stays.
    pub fn close(&mut self, code: u16, reason: &'static str) {
        self.closing.get_or_insert(Closing { code, reason });
    }

    /// Moves up to `max` frames into `batch`; false if the queue is empty.
    pub fn take(&mut self, batch: &mut Vec<F>, max: usize) -> bool {
        if self.frames.is_empty() {
            return false;
        }
        if mem::take(&mut self.resync_queued) {
            self.resync_sending = true;
        }
        let count = self.frames.len().min(max);
        for frame in self.frames.drain(..count) {
            self.bytes -= (*frame).as_ref().len();
            batch.push(frame);
        }
        if self.frames.is_empty() && self.frames.capacity() > IDLE_CAPACITY {
            self.frames = VecDeque::new();
        }
        true
    }

    /// The close frame, once the queue is empty.
    pub fn closing(&self) -> Option<&Closing> {
        self.closing.as_ref().filter(|_| self.frames.is_empty())
    }

    /// Records that the batch was sent. If it had the `resync`, the reader is no longer behind.
    pub fn sent(&mut self, now: impl FnOnce() -> T) {
        if mem::take(&mut self.resync_sending) {
            self.behind = self.resync_queued.then(now);
        }
    }

    /// Since when the reader has been behind.
    pub fn behind(&self) -> Option<T> {
        self.behind
    }

    /// Queued frames and bytes.
    pub fn load(&self) -> (usize, usize) {
        (self.frames.len(), self.bytes)
    }

    fn fits(&self, frames: &[F]) -> bool {
        let bytes = bytes(frames);
        self.frames.len() + frames.len() <= self.bounds.frames && self.bytes + bytes <= self.bounds.bytes
    }

    fn extend(&mut self, frames: &[F]) {
        self.bytes += bytes(frames);
        self.frames.extend(frames.iter().cloned());
    }
}

fn bytes<F: Deref<Target: AsRef<[u8]>>>(frames: &[F]) -> usize {
    frames.iter().map(|frame| (**frame).as_ref().len()).sum()
}

#[cfg(test)]
mod tests;
