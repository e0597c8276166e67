//! Whose turn it is to write to SQLite, and the commit that several writes share.
//!
//! SQLite has one writer at a time, so writes take turns at one connection. A commit costs as much as
//! the rest of a small write: the pages that every write touches go to the file with each of them. So
//! a write that is done leaves its transaction open to whoever waits already, and the last one commits
//! for all. Each but the first is a savepoint, so that one that is given up leaves no trace, and the
//! ones before it stay. Nobody is told, and no event goes out, before the commit.
//!
//! ```text
//! turn ─► BEGIN, or SAVEPOINT ─► done ─► somebody waits, there is room: their turn
//!                │                 └───► else COMMIT ─► what follows each write, in their order
//!                └ given up: ROLLBACK, or ROLLBACK TO ─► the same
//! ```
//!
//! PostgreSQL does this by itself (`commit_delay`, and one flush for all who wait for it).

mod pen;
mod token;

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Weak},
    time::Duration,
};

use sqlx::{AnyConnection, AnyPool};
use tokio::{
    sync::{OwnedMutexGuard, oneshot},
    time::timeout,
};

use crate::store::StoreError;
use pen::{Done, Pen};
pub(super) use token::Shared;
use token::Token;

/// How long a write waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// What follows a commit.
pub(in crate::store) type Follow = Box<dyn FnOnce() + Send>;

/// The writes of this process to a SQLite file.
#[derive(Clone)]
pub(in crate::store) struct Turns(Arc<Shared>);

/// A turn: dropped before [`commit`](Self::commit), what it wrote is taken back.
pub(in crate::store) struct Turn {
    // In this order: the pen lies there before the next one is told.
    pen: OwnedMutexGuard<Pen>,
    token: Token,
}

impl Turns {
    /// Writes through a connection of this pool.
    pub(super) async fn begin(pool: AnyPool) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Shared::new(Pen::new(pool).await?))))
    }

    /// Waits for a turn, first come, first served. Nothing is begun yet: see [`Turn::opening`].
    pub(super) async fn turn(&self) -> Result<Turn, StoreError> {
        let token = match self.0.ask()? {
            None => Token::new(Arc::clone(&self.0)),
            Some(waiting) => match timeout(PATIENCE, waiting).await {
                Ok(token) => token.map_err(|_| sqlx::Error::PoolClosed)?,
                Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
            },
        };
        Ok(Turn { pen: token.lock().await, token })
    }

    /// What is gone once nobody can write any more.
    pub(super) fn shared(&self) -> Weak<Shared> {
        Arc::downgrade(&self.0)
    }

    /// Lets nobody write any more, once those who wait have had their turns, and leaves all that was
    /// written in the one file.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let Turn { mut pen, token } = self.turn().await?;
        token.keep();
        let committed = pen.commit().await;
        let _order = self.0.order().await;
        self.0.follow(committed);
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut pen.connection).await?;
        Ok(())
    }
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turns")
    }
}

impl Turn {
    /// What has to stand before the first statement of this turn, in the same trip. Once that is
    /// answered, [`opened`](Self::opened) is to be called.
    pub(in crate::store) fn opening(&mut self) -> &'static str {
        self.pen.opening()
    }

    /// The first statement is done: from here on there is something to take back.
    pub(in crate::store) fn opened(&mut self) {
        self.pen.opened();
    }

    /// Makes it durable, together with others, and then lets `follow` happen.
    pub(super) async fn commit(self, follow: Follow) -> Result<(), StoreError> {
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
            Ok(committed) => Ok(committed.map_err(StoreError::Commit)?),
            Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
        }
    }

    /// What the last statement may end with, in the same trip: the commit, when there is nobody to share it
    /// with. Once that is answered, [`committed`](Self::committed) is to be called.
    pub(super) fn committing(&self) -> &'static str {
        if self.pen.is_clean() && !self.token.is_awaited() { "; COMMIT" } else { "" }
    }

    /// The last statement has committed it.
    pub(super) async fn committed(self, follow: Follow) {
        let Self { mut pen, token } = self;
        // Nobody is told but the one who calls.
        let (tell, _) = oneshot::channel();
        let committed = pen.committed(Done { follow, tell });
        token.leave(pen, committed).await;
    }

    /// Takes back what it wrote, and waits until all that it may have read is durable.
    pub(super) async fn give_up(mut self) -> Result<(), StoreError> {
        self.pen.undo().await;
        if self.pen.is_clean() {
            return Ok(());
        }
        self.commit(Box::new(|| ())).await
    }
}

impl Deref for Turn {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.pen.connection
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.pen.connection
    }
}

#[cfg(test)]
mod tests;
