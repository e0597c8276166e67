//! The connections that write: a fixed number, each leased to one lane at a time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{AnyConnection, AnyPool, Connection as _};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::RECENT;
use crate::store::StoreError;

/// How long a lane waits for a connection, or for the database to answer a new one.
pub(super) const WAIT: Duration = Duration::from_secs(5);

/// The writer connections, never more than `most`.
pub(super) struct Connections {
    /// Opens connections. Its own limit does not matter: each connection is detached from it.
    pool: AnyPool,
    permits: Arc<Semaphore>,
    most: u32,
    idle: Mutex<Vec<(AnyConnection, Instant)>>,
}

/// A connection that one lane uses.
pub(super) struct WriterLease {
    pub(super) connection: AnyConnection,
    _permit: OwnedSemaphorePermit,
}

impl Connections {
    pub(super) fn new(pool: AnyPool, most: u32) -> Self {
        let permits = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(usize::MAX)));
        Self { pool, permits, most, idle: Mutex::default() }
    }

    /// Waits for a working connection, first come, first served.
    pub(super) async fn lease(&self) -> Result<WriterLease, StoreError> {
        let permit = match timeout(WAIT, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(permit) => permit.map_err(|_| sqlx::Error::PoolClosed)?,
            Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
        };
        while let Some((mut connection, since)) = self.take_idle() {
            if since.elapsed() < RECENT || connection.ping().await.is_ok() {
                return Ok(WriterLease { connection, _permit: permit });
            }
        }
        Ok(WriterLease { connection: self.open().await?, _permit: permit })
    }

    /// Opens a connection.
    pub(super) async fn open(&self) -> Result<AnyConnection, StoreError> {
        Ok(self.pool.acquire().await?.detach())
    }

    /// Keeps an idle connection for the next lane.
    pub(super) fn give_back(&self, lease: WriterLease) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((lease.connection, Instant::now()));
    }

    /// Whether a lane would have to wait for a connection.
    pub(super) fn are_scarce(&self) -> bool {
        self.permits.available_permits() == 0
    }

    /// Closes all connections, once those in use are given back.
    pub(super) async fn close(&self) {
        // Lanes that already wait go first; later ones are refused.
        let all = self.permits.acquire_many(self.most).await;
        self.permits.close();
        drop(all);
        while let Some((connection, _)) = self.take_idle() {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "could not close a connection cleanly");
            }
        }
        self.pool.close().await;
    }

    fn take_idle(&self) -> Option<(AnyConnection, Instant)> {
        // The one used last is the least likely to have been closed by the server.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}
