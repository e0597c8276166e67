//! Brings what SQLite's write-ahead log holds into the database file, beside the writes.
//!
//! SQLite does so at the commit that makes the log long, which then waits for two flushes to the disk:
//! one write in a hundred would be slow.

use std::{sync::Weak, time::Duration};

use sqlx::AnyPool;

use super::turn::Shared;

/// How often, while something is written. Less often, there is more to flush at once, and writes wait
/// for a disk that is busy with it.
const EVERY: Duration = Duration::from_secs(1);

/// Pages of the log at which a commit brings them over after all: 32 MiB, as a log that is written to
/// without a pause never begins anew.
pub(super) const AT_COMMIT: &str = "PRAGMA wal_autocheckpoint = 8000";

/// Does so until the writer or the pool is gone.
pub(super) async fn run(writer: Weak<Shared>, pool: AnyPool) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(shared) = writer.upgrade() else { return };
        if !shared.take_dirty() {
            continue;
        }
        drop(shared);
        // Passive: nobody waits for it, and it waits for nobody.
        match sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&pool).await {
            Ok(_) => {}
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be brought over"),
        }
    }
}
