//! The connection that writes, and the transaction that is open on it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{AnyConnection, AnyPool, Connection as _};
use tokio::sync::oneshot;

use super::Follow;
use crate::store::StoreError;

/// Writes in one commit at the most.
pub(super) const MOST: usize = 64;
/// How long the first of them may wait for the others.
const LONGEST: Duration = Duration::from_millis(10);

/// The connection that writes, and its transaction. It is locked by whoever has the token.
pub(super) struct Pen {
    pub(super) connection: AnyConnection,
    /// Makes another connection when this one breaks.
    pool: AnyPool,
    /// Writes that are done and wait for the commit. Between two turns, a transaction is open when
    /// there are any.
    done: Vec<Done>,
    /// When the first of them began.
    since: Instant,
    /// A transaction may be open.
    begun: bool,
    /// A savepoint is there for sure, and nothing was written since that is to be given up.
    savepoint: bool,
    /// The turn that is under way may have written.
    writing: bool,
}

/// A write that is done, but for the commit.
pub(super) struct Done {
    /// What happens after the commit.
    pub(super) follow: Follow,
    /// Who is told of it.
    pub(super) tell: oneshot::Sender<Result<(), Arc<sqlx::Error>>>,
}

/// How a commit went.
pub(super) struct Committed {
    /// What was in it, in order.
    pub(super) done: Vec<Done>,
    /// Why nothing of it is there.
    pub(super) failed: Option<Arc<sqlx::Error>>,
}

impl Pen {
    /// Writes through a connection of this pool.
    pub(super) async fn new(pool: AnyPool) -> Result<Self, StoreError> {
        let connection = pool.acquire().await?.detach();
        let (done, since) = (Vec::new(), Instant::now());
        Ok(Self { connection, pool, done, since, begun: false, savepoint: false, writing: false })
    }

    /// How a turn begins, in SQL.
    pub(super) fn opening(&mut self) -> &'static str {
        self.begun = true;
        match (self.done.is_empty(), self.savepoint) {
            (true, _) => "BEGIN IMMEDIATE; ",
            (false, false) => "SAVEPOINT turn; ",
            (false, true) => "RELEASE turn; SAVEPOINT turn; ",
        }
    }

    /// It has begun.
    pub(super) fn opened(&mut self) {
        if self.done.is_empty() {
            self.since = Instant::now();
        }
        self.writing = true;
    }

    /// Ends the turn: what it wrote is to be committed.
    pub(super) fn keep(&mut self, done: Done) {
        if std::mem::replace(&mut self.writing, false) {
            // The first one has none: without those after it, it is the whole transaction.
            self.savepoint = !self.done.is_empty();
        }
        self.done.push(done);
    }

    /// Ends the turn of a write that has committed itself.
    pub(super) fn committed(&mut self, done: Done) -> Committed {
        (self.begun, self.writing) = (false, false);
        Committed { done: vec![done], failed: None }
    }

    /// Whether nothing waits for a commit.
    pub(super) fn is_clean(&self) -> bool {
        self.done.is_empty()
    }

    /// Whether another write may join the commit.
    pub(super) fn has_room(&self) -> bool {
        self.done.len() < MOST && self.since.elapsed() < LONGEST
    }

    /// Takes back what the last turn wrote, unless it was kept.
    pub(super) async fn undo(&mut self) {
        let wrote = std::mem::replace(&mut self.writing, false);
        if self.done.is_empty() {
            if self.begun {
                self.roll_back().await;
            }
        } else if !wrote {
            // Whether its savepoint was made is not known. If so, it is empty, and in nobody's way.
            self.savepoint = false;
        } else {
            match sqlx::query("ROLLBACK TO turn").execute(&mut self.connection).await {
                Ok(_) => self.savepoint = true,
                // The database has given up the whole transaction, as when the disk is full.
                Err(error) => {
                    let error = Arc::new(error);
                    self.roll_back().await;
                    for done in std::mem::take(&mut self.done) {
                        // Whoever has gone away does not want to know.
                        let _ = done.tell.send(Err(Arc::clone(&error)));
                    }
                }
            }
        }
    }

    /// Commits what is done: all of it, or nothing and why.
    pub(super) async fn commit(&mut self) -> Committed {
        let done = std::mem::take(&mut self.done);
        if done.is_empty() {
            return Committed { done, failed: None };
        }
        let failed = match sqlx::query("COMMIT").execute(&mut self.connection).await {
            Ok(_) => {
                self.begun = false;
                None
            }
            Err(error) => {
                self.roll_back().await;
                Some(Arc::new(error))
            }
        };
        Committed { done, failed }
    }

    /// Ends the transaction where there is one, and gets another connection where this one is broken.
    async fn roll_back(&mut self) {
        let rolled_back = sqlx::query("ROLLBACK").execute(&mut self.connection).await.is_ok();
        // Where it had not begun, there is nothing to roll back, which is no harm.
        if rolled_back || self.connection.ping().await.is_ok() {
            self.begun = false;
            return;
        }
        match self.pool.acquire().await {
            Ok(connection) => (self.connection, self.begun) = (connection.detach(), false),
            // The next one who writes hears of it, and it is tried again then.
            Err(error) => tracing::error!(%error, "the connection that writes is gone, and there is no other"),
        }
    }
}
