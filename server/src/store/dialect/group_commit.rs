//! Whose turn it is to write, and the commit that several writes share.
//!
//! Writes that cannot run at once take turns at one connection: on SQLite all of them, on PostgreSQL those to one
//! project ([`super::lanes`]). A commit costs as much as the rest of a small write, and more where it waits for the
//! disk. So a write that is done leaves its transaction open to whoever waits already, and the last one commits
//! for all. Each begins at a savepoint, so that one that is given up leaves no trace, and the ones before it stay.
//! Nobody is told, and no event goes out, before the commit.
//!
//! ```text
//! turn ─► BEGIN, SAVEPOINT, or SAVEPOINT ─► done ─► somebody waits, there is room: their turn
//!                │                           └───► else COMMIT ─► what follows each write, in their order
//!                └ given up: ROLLBACK, or ROLLBACK TO ─► the same
//! ```

mod commit;
mod mark;
mod permit;
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

/// How long a write waits for its turn: whoever asked is better told to ask again than left without an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What follows a commit.
pub(in crate::store) type AfterCommit = Box<dyn FnOnce() + Send>;

/// The writes of this process that follow each other.
#[derive(Clone)]
pub(in crate::store) struct GroupCommit(Arc<WriterQueue>);

/// A turn: dropped before [`commit`](Self::commit), what it wrote is taken back.
pub(in crate::store) struct GroupTransaction {
    // In this order: the pen lies there before the next one is told.
    pen: OwnedMutexGuard<WriterConnection>,
    token: WritePermit,
}

impl GroupCommit {
    /// Writes of this scope, through one of these connections.
    pub(super) fn new(scope: LaneScope, connections: Arc<Connections>) -> Self {
        Self(Arc::new(WriterQueue::new(WriterConnection::new(scope, connections))))
    }

    /// Waits for a turn, first come, first served. Nothing is begun yet: see [`GroupTransaction::opening`].
    pub(super) async fn turn(&self) -> Result<GroupTransaction, StoreError> {
        let token = match self.0.ask()? {
            None => WritePermit::new(Arc::clone(&self.0)),
            Some(waiting) => match timeout(PATIENCE, waiting).await {
                Ok(token) => token.map_err(|_| sqlx::Error::PoolClosed)?,
                Err(_) => return Err(StoreError::Crowded),
            },
        };
        let mut turn = GroupTransaction { pen: token.lock().await, token };
        turn.pen.connect().await?;
        Ok(turn)
    }

    /// What is gone once nobody can write any more.
    pub(super) fn shared(&self) -> Weak<WriterQueue> {
        Arc::downgrade(&self.0)
    }

    /// Lets nobody write any more, once those who wait have had their turns, and leaves all that was
    /// written in the one file.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let mut turn = self.turn().await?;
        turn.settle().await;
        let GroupTransaction { mut pen, token } = turn;
        token.keep();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pen.connection_mut()).await?;
        Ok(())
    }

    /// Those that [`shared`](Self::shared) was of.
    pub(super) fn from_shared(shared: Arc<WriterQueue>) -> Self {
        Self(shared)
    }
}

impl fmt::Debug for GroupCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turns")
    }
}

impl GroupTransaction {
    /// What has to stand before the first statement of this turn, in the same trip. Once that is
    /// answered, [`opened`](Self::opened) is to be called. Nothing, once it has begun.
    pub(in crate::store) fn opening(&mut self) -> &str {
        self.pen.opening()
    }

    /// Begins it with a trip of its own.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        let opening = AssertSqlSafe(self.opening().to_owned());
        sqlx::raw_sql(opening).execute(self.pen.connection_mut()).await?;
        self.opened();
        Ok(())
    }

    /// The first statement is done: from here on there is something to take back.
    pub(in crate::store) fn opened(&mut self) {
        self.pen.opened();
    }

    /// Commits what others have done, so that nothing is open. To be called before the first statement.
    pub(super) async fn settle(&mut self) {
        let committed = self.pen.commit().await;
        let _order = self.token.order().await;
        self.token.follow(committed);
    }

    /// Makes it durable, together with others, and then lets `follow` happen.
    pub(in crate::store) async fn commit(self, follow: AfterCommit) -> Result<(), StoreError> {
        let Self { mut pen, token } = self;
        let (tell, told) = oneshot::channel();
        pen.keep(Done { follow, tell });
        let room = pen.has_room();
        drop(pen);
        let passed = if room { token.pass() } else { Err(token) };
        if let Err(token) = passed {
            // In a task, since those who have waited must not lose their commit with this request.
            tokio::spawn(token.go_on());
        }
        match told.await {
            Ok(committed) => Ok(committed?),
            Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
        }
    }

    /// What the last statement may end with, in the same trip: the commit, when there is nobody to share it
    /// with. Once that is answered, [`committed`](Self::committed) is to be called.
    pub(in crate::store) fn committing(&self) -> &'static str {
        if self.pen.takes_batches() && !self.token.is_awaited() { self.pen.committing() } else { "" }
    }

    /// The last statement has committed it.
    pub(in crate::store) async fn committed(self, follow: AfterCommit) {
        let Self { mut pen, token } = self;
        // Nobody is told but the one who calls.
        let (tell, _) = oneshot::channel();
        let committed = pen.committed(Done { follow, tell });
        token.leave(pen, committed).await;
    }

    /// Takes back what it wrote, and waits until all that it may have read is durable.
    pub(in crate::store) async fn give_up(mut self) -> Result<(), StoreError> {
        if let Some(lost) = self.pen.undo().await {
            self.token.follow(lost);
            return Err(StoreError::TakenBack);
        }
        if self.pen.is_clean() {
            return Ok(());
        }
        self.commit(Box::new(|| ())).await
    }
}

impl Deref for GroupTransaction {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        self.pen.connection()
    }
}

impl DerefMut for GroupTransaction {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        self.pen.connection_mut()
    }
}

#[cfg(test)]
mod tests;
