//! Pruning of logs, and new epochs after a database was restored.

use engine::Timestamp;

use crate::{
    chunked::{CHUNK, PAUSE},
    store::{Store, StoreError, retention::LogSpan},
};

/// Events that a log keeps, whatever their age.
pub const KEEP: u64 = 10_000;
/// Chunks between two lines of progress in the server's log.
const PROGRESS: u64 = 100;

/// Removes events older than a time, except the newest `keep` of each project. Returns how many. Clients with an older
/// cursor fetch the board instead.
///
/// # Errors
/// When the database does not answer. Removed events stay removed, and the next call continues.
pub async fn prune(store: &Store, before: Timestamp, keep: u64) -> Result<u64, StoreError> {
    let mut removed = 0;
    for LogSpan { project, first, last } in store.logs_longer_than(keep).await? {
        // The end of the prunable range, exclusive.
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

/// Gives every log a new epoch. Returns how many. Clients that have seen events which a restored database lacks must
/// not take new events for the same.
///
/// # Errors
/// When the database does not answer. Logs with a new epoch by then keep it.
pub async fn rotate_epochs(store: &Store) -> Result<u64, StoreError> {
    let mut rotated = 0;
    for LogSpan { project, .. } in store.logs_longer_than(0).await? {
        store.rotate_epoch(project, None).await?;
        rotated += 1;
    }
    Ok(rotated)
}
