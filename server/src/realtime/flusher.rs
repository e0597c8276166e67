//! Writes the queues of a room's sockets, one after the other.
//!
//! Waking each socket's task would cost more than its write: the kernel mostly takes a frame at once.

use std::sync::Arc;

use tokio::{runtime::Handle, task::yield_now};

use super::outbox::Outbox;

/// Sockets between two yields: a quarter of a millisecond of work.
const STEP: usize = 32;

/// Scheduled outboxes. Dropped, it leaves the rest to the tasks of their sockets.
pub(super) struct Flusher(Vec<Arc<Outbox>>);

impl Flusher {
    /// Creates a flusher with capacity for this many outboxes.
    pub(super) fn with_capacity(outboxes: usize) -> Self {
        Self(Vec::with_capacity(outboxes))
    }

    /// Adds an outbox.
    pub(super) fn add(&mut self, outbox: &Arc<Outbox>) {
        self.0.push(Arc::clone(outbox));
    }

    /// Spawns the writes.
    pub(super) fn spawn(self, runtime: Option<Handle>) {
        if let Some(runtime) = runtime.filter(|_| !self.0.is_empty()) {
            runtime.spawn(self.run());
        }
    }

    async fn run(mut self) {
        while !self.0.is_empty() {
            for _ in 0..STEP {
                let Some(outbox) = self.0.pop() else { return };
                outbox.write();
            }
            yield_now().await;
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        for outbox in self.0.drain(..) {
            outbox.cancel_flush();
        }
    }
}
