//! Runs writes in separate tasks to their end, so that a client that disconnects half-way neither cancels a write nor
//! its publication.

use std::future::Future;

use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// The running writes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct WriteTasks(TaskTracker);

impl WriteTasks {
    /// Runs a write to its end, even if the caller is dropped; `None` if it panicked, which is logged.
    pub(crate) async fn run<T: Send + 'static>(&self, write: impl Future<Output = T> + Send + 'static) -> Option<T> {
        // Dropping a `JoinHandle` detaches its task.
        match self.0.spawn(write.in_current_span()).await {
            Ok(done) => Some(done),
            Err(error) => {
                tracing::error!(%error, "a write panicked");
                None
            }
        }
    }

    /// Waits for the running writes. Call it when no new ones begin, at the end of a process.
    pub(crate) async fn finish(&self) {
        self.0.close();
        self.0.wait().await;
    }
}
