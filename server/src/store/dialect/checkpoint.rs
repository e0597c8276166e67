//! Brings what SQLite's write-ahead log holds into the database file, beside the writes.
//!
//! SQLite does so at the commit that makes the log long, which then waits for all of it and for two flushes to the
//! disk: one write in some thousands would take a tenth of a second. Here a connection of its own does most of it
//! while others write. But a log that is written to without a pause never begins anew, since there is always a rest.
//! So when it is long and the rest is small, the rest is brought over in a turn between two writes: the next one
//! begins the log anew, and what had to be waited for is one flush of a few pages.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use sqlx::{AnyConnection, AnyPool, Row as _};

use super::group_commit::{GroupCommit, WriterQueue};
use crate::store::StoreError;

/// How often, while something is written. Less often, there is more to flush at once, and writes wait
/// for a disk that is busy with it.
const EVERY: Duration = Duration::from_millis(250);

/// Pages of the log from which on it is to begin anew: 8 MiB.
const LONG: i64 = 2000;

/// Pages that a turn may bring over: what is written in some milliseconds of full load.
const SMALL: i64 = 500;

/// Pages of the log from which on it is to begin anew, whatever there is to be brought over in a turn: 32 MiB.
const TOO_LONG: i64 = 4 * LONG;

/// Pages of the log at which a commit brings them over after all, should nothing else do so: 256 MiB.
pub(super) const AT_COMMIT: &str = "PRAGMA wal_autocheckpoint = 65536";

/// Passive: nobody waits for it, and it waits for nobody.
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// How the log stands after a checkpoint.
struct WalStatus {
    pages: i64,
    rest: i64,
}

/// Does so until the writer or the pool is gone.
pub(super) async fn run(writer: Weak<WriterQueue>, pool: AnyPool) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(shared) = writer.upgrade() else { return };
        if !shared.take_dirty() {
            continue;
        }
        match bring_over(shared, &pool).await {
            Ok(()) => {}
            Err(StoreError::Database(sqlx::Error::PoolClosed)) => return,
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be brought over"),
        }
    }
}

async fn bring_over(shared: Arc<WriterQueue>, pool: &AnyPool) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await?;
    let mut log = checkpoint(&mut connection).await?;
    if log.pages < LONG {
        return Ok(());
    }
    // What was written meanwhile: less each time, unless a reader still needs what was there before.
    if log.rest > SMALL {
        log = checkpoint(&mut connection).await?;
    }
    if log.rest <= SMALL || log.pages >= TOO_LONG {
        let mut turn = GroupCommit::from_shared(shared).turn().await?;
        turn.settle().await;
        checkpoint(&mut turn).await?;
    }
    Ok(())
}

async fn checkpoint(connection: &mut AnyConnection) -> Result<WalStatus, StoreError> {
    let row = sqlx::query(CHECKPOINT).fetch_one(connection).await?;
    let (pages, moved): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
    Ok(WalStatus { pages, rest: pages - moved })
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
    async fn a_log_that_is_written_to_without_a_pause_begins_anew() {
        crate::store::install_drivers();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let url = format!("sqlite:{}", file.display());
        let ways = sqlite::open(&url, &StoreOptions::default(), &Supervisor::default()).await.unwrap();
        let Writer::Sqlite(turns) = ways.writer else { unreachable!("the URL is one of SQLite") };
        let write = async |turns: &GroupCommit, sql: &'static str| {
            let mut turn = turns.turn().await.unwrap();
            turn.begin().await.unwrap();
            sqlx::query(sql).execute(&mut *turn).await.unwrap();
            turn.commit(Box::new(|| ())).await.unwrap();
        };
        write(&turns, "CREATE TABLE things (id INTEGER PRIMARY KEY, text BLOB)").await;
        let (over, pages) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let writing = tokio::spawn({
            let (turns, over, pages) = (turns.clone(), Arc::clone(&over), Arc::clone(&pages));
            async move {
                while !over.load(Ordering::Relaxed) {
                    // Always the same pages, so that the file stays small.
                    write(&turns, "INSERT OR REPLACE INTO things VALUES (1, RANDOMBLOB(200000))").await;
                    pages.fetch_add(50, Ordering::Relaxed);
                }
            }
        });
        while pages.load(Ordering::Relaxed) < 4 * TOO_LONG {
            bring_over(turns.shared().upgrade().unwrap(), &ways.reader).await.unwrap();
            assert!(!writing.is_finished(), "a write failed");
        }
        over.store(true, Ordering::Relaxed);
        writing.await.unwrap();
        // It is never cut off: this is the most that was ever in it.
        let log = fs::metadata(file.with_extension("db-wal")).unwrap().len() / 4096;
        assert!(log < u64::try_from(2 * TOO_LONG).unwrap(), "{log} pages");
        turns.close().await.unwrap();
    }
}
