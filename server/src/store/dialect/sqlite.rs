//! Opens a SQLite file.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{Executor as _, any::AnyPoolOptions};
use tokio_util::sync::CancellationToken;

use super::{
    Pools, checkpoint,
    connections::{Connections, WAIT},
    group_commit::{GroupCommit, LaneScope},
    writer::Writer,
};
use crate::{
    store::{Durability, StoreError, StoreOptions},
    supervisor::{Importance, Supervisor},
};

/// Default number of read connections. Each is a thread with its own page cache.
const READERS: u32 = 4;
/// Name of the checkpoint task.
const CHECKPOINTS: &str = "checkpoints";

/// Opens a file, and creates it if it does not exist.
pub(super) async fn open(url: &str, options: &StoreOptions, supervisor: &Supervisor) -> Result<Pools, StoreError> {
    let separator = if url.contains('?') { '&' } else { '?' };
    let durability = options.durability;
    let writer = pool(durability).max_connections(1).connect_lazy(&format!("{url}{separator}mode=rwc"))?;
    let connections = Arc::new(Connections::new(writer, 1));
    let group_commit = GroupCommit::new(LaneScope::database(), connections);
    // Creates the file, or fails with the reason.
    drop(group_commit.acquire().await?);
    if let (Durability::Full, Some(file)) = (durability, file_of(url)) {
        flush_folders(file).await?;
    }
    let readers = options.readers.map_or(READERS, u32::from);
    let reader = pool(durability).max_connections(readers).connect(url).await?;
    // A separate connection: it waits for the disk, which readers must not.
    let beside = pool(durability).max_connections(1).connect_lazy(url)?;
    let (queue, supervisor) = (group_commit.downgrade(), supervisor.clone());
    tokio::spawn(async move {
        // It ends with the writer.
        let (never, run) = (CancellationToken::new(), || checkpoint::run(queue.clone(), beside.clone()));
        supervisor.supervise(CHECKPOINTS, Importance::Background, never, run).await;
    });
    Ok(Pools { writer: Writer::Sqlite(group_commit), reader })
}

fn pool(durability: Durability) -> AnyPoolOptions {
    let synchronous = match durability {
        Durability::Full => "PRAGMA synchronous = FULL",
        Durability::Normal => "PRAGMA synchronous = NORMAL",
    };
    // Closing idle connections would discard their page cache and statements. A connection to a file does not break
    // while idle, so it is not tested.
    let options = AnyPoolOptions::new().idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    options.acquire_timeout(WAIT).after_connect(move |connection, _| {
        Box::pin(async move {
            for pragma in [
                "PRAGMA busy_timeout = 5000",
                "PRAGMA journal_mode = WAL",
                synchronous,
                "PRAGMA foreign_keys = ON",
                checkpoint::AT_COMMIT,
            ] {
                connection.execute(pragma).await?;
            }
            Ok(())
        })
    })
}

/// The file of a SQLite URL; `None` for an in-memory database.
pub(super) fn file_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path).split('?').next()?;
    let path = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(&*path))
}

/// Flushes the folder of a new file and its parent: without their entries the file is lost in a crash.
async fn flush_folders(file: PathBuf) -> Result<(), StoreError> {
    let flush = move || {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = folder.canonicalize()?;
        File::open(&folder)?.sync_all()?;
        match folder.parent() {
            // A parent that we may not read was not created just now.
            Some(above) => match File::open(above) {
                Ok(above) => above.sync_all(),
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
                Err(error) => Err(error),
            },
            None => Ok(()),
        }
    };
    match tokio::task::spawn_blocking(flush).await {
        Ok(flushed) => Ok(flushed.map_err(sqlx::Error::Io)?),
        Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_file() {
        for (url, file) in [
            ("sqlite:data/a.db", Some("data/a.db")),
            ("sqlite:///var/lib/a%20b.db?mode=rw", Some("/var/lib/a b.db")),
            ("sqlite://a.db", Some("a.db")),
            ("sqlite::memory:", None),
            ("postgres://h/d", None),
        ] {
            assert_eq!(file_of(url), file.map(PathBuf::from), "{url}");
        }
    }

    #[tokio::test]
    async fn checkpoints_are_supervised_and_end_with_the_writer() {
        crate::store::install_drivers();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display());
        let supervisor = Supervisor::default();
        let pools = open(&url, &StoreOptions::default(), &supervisor).await.unwrap();
        while supervisor.health().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(supervisor.health().iter().map(|task| task.name).collect::<Vec<_>>(), [CHECKPOINTS]);
        pools.writer.close().await;
    }

    #[tokio::test]
    async fn a_commit_waits_for_the_disk_unless_configured_otherwise() {
        crate::store::install_drivers();
        for (durability, level) in [(Durability::Full, 2), (Durability::Normal, 1)] {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("a.db").display());
            let pools = open(&url, &StoreOptions { durability, ..StoreOptions::default() }, &Supervisor::default())
                .await
                .unwrap();
            let mut tx = pools.writer.begin(None).await.unwrap();
            let row = sqlx::query("PRAGMA synchronous").fetch_one(&mut *tx).await.unwrap();
            assert_eq!(sqlx::Row::get::<i64, _>(&row, 0), level, "{durability:?}");
            tx.roll_back().await.unwrap();
            pools.writer.close().await;
        }
    }
}
