//! Moves SQLite's write-ahead log into the database file, beside the writes.
//!
//! SQLite checkpoints at the commit that makes the log long; that commit then waits for the whole log and for two
//! flushes: one write in several thousand would take a tenth of a second. Here a separate connection does most of it
//! while others write. But a log that is written to without a pause never restarts, since a remainder is always left.
//! So when the log is long and the remainder small, a checkpoint runs between two writes: the next write restarts the
//! log, and waits only for a flush of a few pages.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use sqlx::{AnyConnection, AnyPool, Row as _};

use super::group_commit::{GroupCommit, WriterQueue};
use crate::store::StoreError;

/// Interval while there are writes. A longer one leaves more to flush at once, and writes wait for the busy disk.
const INTERVAL: Duration = Duration::from_millis(250);

/// Pages from which on the log should restart: 8 MiB.
const RESTART_AT: i64 = 2000;

/// Pages that a checkpoint between two writes may move: what is written in some milliseconds of full load.
const MAX_REMAINING: i64 = 500;

/// Pages from which on the log should restart, however many are left to move between two writes: 32 MiB.
const ALWAYS_RESTART_AT: i64 = 4 * RESTART_AT;

/// Pages at which a commit checkpoints after all, should this task fail: 256 MiB.
pub(super) const AT_COMMIT: &str = "PRAGMA wal_autocheckpoint = 65536";

/// Passive: it neither blocks nor waits.
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// The log after a checkpoint, in pages.
struct WalStatus {
    pages: i64,
    remaining: i64,
}

/// Checkpoints at intervals until the writer or the pool is gone.
pub(super) async fn run(writer: Weak<WriterQueue>, pool: AnyPool) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(queue) = writer.upgrade() else { return };
        if !queue.take_dirty() {
            continue;
        }
        match checkpoint_log(queue, &pool).await {
            Ok(()) => {}
            Err(StoreError::Database(sqlx::Error::PoolClosed)) => return,
            Err(error) => tracing::warn!(%error, "could not checkpoint the write-ahead log"),
        }
    }
}

async fn checkpoint_log(queue: Arc<WriterQueue>, pool: &AnyPool) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await?;
    let mut log = checkpoint(&mut connection).await?;
    if log.pages < RESTART_AT {
        return Ok(());
    }
    // Moves what was written meanwhile: less each time, unless a reader still needs the earlier state.
    if log.remaining > MAX_REMAINING {
        log = checkpoint(&mut connection).await?;
    }
    if log.remaining <= MAX_REMAINING || log.pages >= ALWAYS_RESTART_AT {
        let mut tx = GroupCommit::from_queue(queue).acquire().await?;
        tx.commit_pending().await;
        checkpoint(&mut tx).await?;
    }
    Ok(())
}

async fn checkpoint(connection: &mut AnyConnection) -> Result<WalStatus, StoreError> {
    let row = sqlx::query(CHECKPOINT).fetch_one(connection).await?;
    let (pages, moved): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
    Ok(WalStatus { pages, remaining: pages - moved })
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        sync::atomic::{AtomicBool, AtomicI64, Ordering},
    };

    use super::*;
    use crate::{
        store::{
            StoreOptions,
            dialect::{sqlite, writer::Writer},
        },
        supervisor::Supervisor,
    };

    #[tokio::test(flavor = "multi_thread")]
    async fn a_log_restarts_although_it_is_written_to_without_a_pause() {
        crate::store::install_drivers();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let url = format!("sqlite:{}", file.display());
        let pools = sqlite::open(&url, &StoreOptions::default(), &Supervisor::default()).await.unwrap();
        let Writer::Sqlite(group_commit) = pools.writer else { unreachable!("the URL is one of SQLite") };
        let write = async |group_commit: &GroupCommit, sql: &'static str| {
            let mut tx = group_commit.acquire().await.unwrap();
            tx.begin().await.unwrap();
            sqlx::query(sql).execute(&mut *tx).await.unwrap();
            tx.commit(Box::new(|| ())).await.unwrap();
        };
        write(&group_commit, "CREATE TABLE things (id INTEGER PRIMARY KEY, text BLOB)").await;
        let (over, pages) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let writing = tokio::spawn({
            let (group_commit, over, pages) = (group_commit.clone(), Arc::clone(&over), Arc::clone(&pages));
            async move {
                while !over.load(Ordering::Relaxed) {
                    // Always the same pages, so that the file stays small.
                    write(&group_commit, "INSERT OR REPLACE INTO things VALUES (1, RANDOMBLOB(200000))").await;
                    pages.fetch_add(50, Ordering::Relaxed);
                }
            }
        });
        while pages.load(Ordering::Relaxed) < 4 * ALWAYS_RESTART_AT {
            checkpoint_log(group_commit.downgrade().upgrade().unwrap(), &pools.reader).await.unwrap();
            assert!(!writing.is_finished(), "a write failed");
        }
        over.store(true, Ordering::Relaxed);
        writing.await.unwrap();
        // The file is never truncated: this is its greatest length.
        let log = fs::metadata(file.with_extension("db-wal")).unwrap().len() / 4096;
        assert!(log < u64::try_from(2 * ALWAYS_RESTART_AT).unwrap(), "{log} pages");
        group_commit.close().await.unwrap();
    }
}
