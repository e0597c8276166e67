//! How far back the logs reach, and what happens to them when a database was restored.

use engine::Timestamp;

use crate::{
    chunked::{CHUNK, PAUSE},
    store::{Store, StoreError, retention::LogSpan},
};

/// A log keeps its newest events, whatever their age.
pub const KEEP: u64 = 10_000;
/// Chunks between two lines of progress in the server's own log.
const PROGRESS: u64 = 100;

/// Removes events that were made before a moment, but for the newest `keep` of each project; and
/// says how many there were. Whoever wants to come back to an older place fetches the board instead.
///
/// # Errors
/// When the database does not answer. What was removed until then is, and the next time goes on there.
pub async fn prune(store: &Store, before: Timestamp, keep: u64) -> Result<u64, StoreError> {
    let mut removed = 0;
    for LogSpan { project, first, last } in store.logs_longer_than(keep).await? {
        // The end of what may go, exclusive.
        let end = (last + 1).saturating_sub(keep);
        let (mut at, mut chunks) = (first, 0_u64);
        while at < end {
            let to = end.min(at + CHUNK);
            let reached = store.prune_log(project, at, to, before).await?;
            removed += reached - at;
            at = reached;
            if reached < to {
                break;
            }
            chunks += 1;
            if chunks.is_multiple_of(PROGRESS) {
                tracing::info!(%project, at, end, "pruning a log");
            }
            tokio::time::sleep(PAUSE).await;
        }
        if at > first {
            tracing::info!(%project, removed = at - first, first = at, "pruned a log");
        }
    }
    Ok(removed)
}

/// Gives every log another epoch, and says how many there are: whoever has seen what a restored
/// database no longer knows must not take what comes now for the same.
///
/// # Errors
/// When the database does not answer. Logs that have another epoch by then keep it.
pub async fn rotate_epochs(store: &Store) -> Result<u64, StoreError> {
    let mut rotated = 0;
    for LogSpan { project, .. } in store.logs_longer_than(0).await? {
        store.rotate_epoch(project, None).await?;
        rotated += 1;
    }
    Ok(rotated)
}
