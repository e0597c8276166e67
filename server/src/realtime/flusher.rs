//! Writes one room's frames to its sockets, one after the other.
//!
//! Waking the task of each would cost more than the write that it is woken for: most of the time the
//! kernel takes a frame at once.

use std::sync::Arc;

use tokio::{runtime::Handle, task::yield_now};

use super::outbox::Outbox;

/// Sockets between two looks at what else there is to do: a quarter of a millisecond's.
const STEP: usize = 32;

/// Outboxes that expect to be written. Those that are not, however that comes, are left to the tasks of
/// their sockets.
pub(super) struct Flusher(Vec<Arc<Outbox>>);

impl Flusher {
    /// One that has room for so many.
    pub(super) fn with_capacity(outboxes: usize) -> Self {
        Self(Vec::with_capacity(outboxes))
    }

    /// Entrusts an outbox to it.
    pub(super) fn entrust(&mut self, outbox: &Arc<Outbox>) {
        self.0.push(Arc::clone(outbox));
    }

    /// Sends it on its way.
    pub(super) fn go(self, runtime: Option<Handle>) {
        if let Some(runtime) = runtime.filter(|_| !self.0.is_empty()) {
            runtime.spawn(self.walk());
        }
    }

    async fn walk(mut self) {
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
            outbox.expect_nobody();
        }
    }
}
