//! The state of a socket's queue, and who writes it.

use std::{sync::MutexGuard, task::Waker, time::Instant};

use engine::room::{
    Queue,
    queue::{Bounds, Push},
};

use super::batch::PacketBatch;
use crate::{frame_text::FrameText, realtime::packet::Packet};

/// Frames per write.
const BATCH: usize = 64;

/// The state of a socket's queue, and who writes it.
#[derive(Debug)]
pub(super) struct OutboxState {
    pub(super) queue: Queue<Packet, Instant>,
    /// Since when the oldest events have been queued.
    since: Option<Instant>,
    pub(super) batch: PacketBatch,
    pub(super) writer: WriterState,
    waker: Option<Waker>,
}

/// Who writes the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriterState {
    /// Any task may.
    Free,
    /// A flusher is scheduled.
    Scheduled,
    /// A task is writing, and will also write what is queued meanwhile.
    Writing,
    /// The stream is full.
    Full,
    /// The stream is broken.
    Broken,
}

impl OutboxState {
    /// Queues frames that belong together. If they don't fit, one `resync` replaces the whole queue.
    pub(super) fn push(&mut self, packets: &[Packet], resync: impl FnOnce() -> FrameText) -> Push {
        let pushed = self.queue.push(packets, || Packet::text(&resync()), Instant::now);
        if pushed != Push::Closed {
            self.since.get_or_insert_with(Instant::now);
        }
        pushed
    }

    /// Whether there is anything to write.
    pub(super) fn has_more(&self) -> bool {
        !self.batch.packets.is_empty() || self.queue.load().0 > 0
    }

    /// Takes the next batch if none is in progress; false if the queue is empty.
    pub(super) fn fill(&mut self) -> bool {
        if self.batch.packets.is_empty() && self.queue.take(&mut self.batch.packets, BATCH) {
            self.batch.since = self.since;
            if self.queue.load().0 == 0 {
                self.since = None;
            }
        }
        !self.batch.packets.is_empty()
    }

    /// Registers the waker of the socket's task.
    pub(super) fn register_waker(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// Wakes the socket's task.
    pub(super) fn wake(mut state: MutexGuard<'_, Self>) {
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Wakes the socket's task unless another task writes.
    pub(super) fn wake_if_free(state: MutexGuard<'_, Self>) {
        if state.writer == WriterState::Free {
            Self::wake(state);
        }
    }
}

impl Default for OutboxState {
    fn default() -> Self {
        let (queue, batch) = (Queue::new(Bounds::SOCKET), PacketBatch::default());
        Self { queue, since: None, batch, writer: WriterState::Free, waker: None }
    }
}
