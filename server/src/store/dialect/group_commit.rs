//! Group commit: the write queue, and the transaction that several writes share.
//!
//! Writes that cannot run concurrently take turns on one connection: on SQLite all of them, on PostgreSQL those to one
//! project ([`super::lanes`]). A commit costs as much as the rest of a small write, and more when it waits for the
//! disk. So a finished write leaves its transaction open to the next write in the queue, and the last one commits for
//! all. Each write begins at a savepoint, so that a rollback of one keeps the others. Responses and events are sent
//! only after the commit.
//!
//! ```text
//! permit ─► BEGIN, SAVEPOINT, or SAVEPOINT ─► done ─► another write waits, room left: it gets the permit
//!                  │                           └───► else COMMIT ─► the callbacks of each write, in order
//!                  └ failed: ROLLBACK, or ROLLBACK TO ─► the same
//! ```

mod commit;
mod permit;
mod savepoint;
mod scope;
mod writer_connection;

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Weak},
    time::Duration,
};

use sqlx::{AnyConnection, AssertSqlSafe};
use tokio::{
    sync::{OwnedMutexGuard, oneshot},
    time::timeout,
};

use super::connections::Connections;
use crate::store::StoreError;
use commit::Done;
use permit::WritePermit;
pub(super) use permit::WriterQueue;
pub(super) use scope::LaneScope;
use writer_connection::WriterConnection;

/// How long a write waits in the queue. A client is better off retrying than waiting longer.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);

/// A callback that runs after the commit.
pub(in crate::store) type AfterCommit = Box<dyn FnOnce() + Send>;

/// The write queue of a SQLite file, or of one project on PostgreSQL.
#[derive(Clone)]
pub(in crate::store) struct GroupCommit(Arc<WriterQueue>);

/// One write inside the shared transaction. Dropped before [`commit`](Self::commit), it rolls back.
pub(in crate::store) struct GroupTransaction {
    // Declared in this order: the lock is released before the next writer receives the permit.
    writer: OwnedMutexGuard<WriterConnection>,
    permit: WritePermit,
}

impl GroupCommit {
    /// Creates a queue for the writes of this scope, on one of these connections.
    pub(super) fn new(scope: LaneScope, connections: Arc<Connections>) -> Self {
        Self(Arc::new(WriterQueue::new(WriterConnection::new(scope, connections))))
    }

    /// Waits in the queue, first come, first served. Sends nothing yet: see [`GroupTransaction::opening`].
    pub(super) async fn acquire(&self) -> Result<GroupTransaction, StoreError> {
        let permit = match self.0.try_acquire()? {
            None => WritePermit::new(Arc::clone(&self.0)),
            Some(waiting) => match timeout(QUEUE_TIMEOUT, waiting).await {
                Ok(permit) => permit.map_err(|_| sqlx::Error::PoolClosed)?,
                Err(_) => return Err(StoreError::Overloaded),
            },
        };
        let mut tx = GroupTransaction { writer: permit.lock().await, permit };
        tx.writer.connect().await?;
        Ok(tx)
    }

    /// A reference that is dead once no writer is left.
    pub(super) fn downgrade(&self) -> Weak<WriterQueue> {
        Arc::downgrade(&self.0)
    }

    /// Closes the queue after the writes that are waiting, and moves the whole write-ahead log into the database file.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let mut tx = self.acquire().await?;
        tx.commit_pending().await;
        let GroupTransaction { mut writer, permit } = tx;
        permit.close_queue();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer.connection_mut()).await?;
        Ok(())
    }

    /// Wraps the queue that [`downgrade`](Self::downgrade) refers to.
    pub(super) fn from_queue(queue: Arc<WriterQueue>) -> Self {
        Self(queue)
    }
}

impl fmt::Debug for GroupCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupCommit")
    }
}

impl GroupTransaction {
    /// SQL to put before the first statement of this write, in the same round trip. Call [`opened`](Self::opened) once
    /// the database has answered. Empty after that.
    pub(in crate::store) fn opening(&mut self) -> &str {
        self.writer.opening()
    }

    /// Begins in a round trip of its own.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        let opening = AssertSqlSafe(self.opening().to_owned());
        sqlx::raw_sql(opening).execute(self.writer.connection_mut()).await?;
        self.opened();
        Ok(())
    }

    /// Records that the first statement succeeded: from here on there is something to roll back.
    pub(in crate::store) fn opened(&mut self) {
        self.writer.opened();
    }

    /// Commits the finished writes of others, so that no transaction is open. Call it before the first statement.
    pub(super) async fn commit_pending(&mut self) {
        let committed = self.writer.commit().await;
        let _callbacks = self.permit.lock_callbacks().await;
        self.permit.complete(committed);
    }

    /// Commits together with other writes, then runs `after_commit`.
    pub(in crate::store) async fn commit(self, after_commit: AfterCommit) -> Result<(), StoreError> {
        let Self { mut writer, permit } = self;
        let (reply, result) = oneshot::channel();
        writer.finish(Done { after_commit, reply });
        let room = writer.has_room();
        drop(writer);
        let passed = if room { permit.pass_on() } else { Err(permit) };
        if let Err(permit) = passed {
            // In a task, so that a cancelled request does not take the commit of earlier writes with it.
            tokio::spawn(permit.release());
        }
        match result.await {
            Ok(committed) => Ok(committed?),
            Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
        }
    }

    /// SQL to append to the last statement, in the same round trip: the commit, if no other write shares it. Call
    /// [`committed`](Self::committed) once the database has answered.
    pub(in crate::store) fn commit_suffix(&self) -> &'static str {
        if self.writer.accepts_batches() && !self.permit.is_awaited() { self.writer.commit_suffix() } else { "" }
    }

    /// Records that the last statement has committed the transaction.
    pub(in crate::store) async fn committed(self, after_commit: AfterCommit) {
        let Self { mut writer, permit } = self;
        // The caller knows already; nobody else waits for this result.
        let (reply, _) = oneshot::channel();
        let committed = writer.committed(Done { after_commit, reply });
        permit.finish_commit(writer, committed).await;
    }

    /// Rolls back, and waits until every write that it may have read is durable.
    pub(in crate::store) async fn roll_back(mut self) -> Result<(), StoreError> {
        if let Some(lost) = self.writer.roll_back_current().await {
            self.permit.complete(lost);
            return Err(StoreError::RolledBack);
        }
        if self.writer.is_clean() {
            return Ok(());
        }
        self.commit(Box::new(|| ())).await
    }
}

impl Deref for GroupTransaction {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        self.writer.connection()
    }
}

impl DerefMut for GroupTransaction {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        self.writer.connection_mut()
    }
}

#[cfg(test)]
mod tests;
