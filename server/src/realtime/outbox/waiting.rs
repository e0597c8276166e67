//! What waits for one socket, and who is to write it.

use std::{sync::MutexGuard, task::Waker, time::Instant};

use engine::room::{
    Queue,
    queue::{Bounds, Push},
};

use super::batch::PacketBatch;
use crate::{frame_text::FrameText, realtime::packet::Packet};

/// Frames in one write.
const BATCH: usize = 64;

/// What waits, and who is to write it.
#[derive(Debug)]
pub(super) struct OutboxQueue {
    pub(super) queue: Queue<Packet, Instant>,
    /// Since when the oldest events wait.
    since: Option<Instant>,
    pub(super) batch: PacketBatch,
    pub(super) hand: WriterState,
    waker: Option<Waker>,
}

/// Who is to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriterState {
    /// Whoever comes.
    Free,
    /// A courier will come.
    Expected,
    /// Somebody does just now, and goes on with what comes meanwhile.
    Writing,
    /// Nobody, until the wire takes more.
    Full,
    /// Nobody any more.
    Broken,
}

impl OutboxQueue {
    /// Queues frames that belong together, or one `resync` in the place of all that waits.
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

    /// Takes a batch where none is under way; false when nothing waits.
    pub(super) fn fill(&mut self) -> bool {
        if self.batch.packets.is_empty() && self.queue.take(&mut self.batch.packets, BATCH) {
            self.batch.since = self.since;
            if self.queue.load().0 == 0 {
                self.since = None;
            }
        }
        !self.batch.packets.is_empty()
    }

    /// Has the socket's task woken when there is something to do for it.
    pub(super) fn wake_later(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// Wakes the socket's task.
    pub(super) fn wake(mut waiting: MutexGuard<'_, Self>) {
        let waker = waiting.waker.take();
        drop(waiting);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Wakes it unless somebody is at it already.
    pub(super) fn call(waiting: MutexGuard<'_, Self>) {
        if waiting.hand == WriterState::Free {
            Self::wake(waiting);
        }
    }
}

impl Default for OutboxQueue {
    fn default() -> Self {
        let (queue, batch) = (Queue::new(Bounds::SOCKET), PacketBatch::default());
        Self { queue, since: None, batch, hand: WriterState::Free, waker: None }
    }
}
