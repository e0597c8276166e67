//! Writes run in tasks of their own, to their end: a client that hangs up in the middle of one takes nothing back,
//! and keeps nobody from being told of it.

use std::future::Future;

use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// The writes under way. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct WriteTasks(TaskTracker);

impl WriteTasks {
    /// Runs a write to its end, also when the caller is dropped; `None` when it panicked, which is logged.
    pub(crate) async fn run<T: Send + 'static>(&self, write: impl Future<Output = T> + Send + 'static) -> Option<T> {
        // Dropped, a `JoinHandle` leaves its task alone.
        match self.0.spawn(write.in_current_span()).await {
            Ok(done) => Some(done),
            Err(error) => {
                tracing::error!(%error, "a write ended before its end");
                None
            }
        }
    }

    /// Waits until no write is under way. For the end of a process, when none begins any more.
    pub(crate) async fn finish(&self) {
        self.0.close();
        self.0.wait().await;
    }
}
