//! The connection that writes, and the transaction that is open on it.
//!
//! A database may end a transaction by itself: SQLite when the disk is full, PostgreSQL when the connection breaks. So
//! the writer never assumes that its transaction is still open. Each write begins at a savepoint, which the next step
//! names: it is released before the next write begins and before the commit, and both fail if the transaction is gone
//! or another one. Two names alternate, so that a write that may not have begun is told apart from the one before it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::AnyConnection;

use super::{
    LaneScope,
    commit::{CommitError, CommitOutcome, Done},
    savepoint::GroupSavepoint,
};
use crate::store::{
    StoreError,
    dialect::connections::{Connections, WriterLease},
};

/// Most writes in one commit.
pub(super) const MAX_WRITES: usize = 64;
/// How long the first of them may wait for the others. Tests cover what happens before that.
const MAX_DELAY: Duration = if cfg!(test) { Duration::from_secs(60) } else { Duration::from_millis(10) };

/// The connection that writes, and its transaction. The owner of the permit locks it.
pub(super) struct WriterConnection {
    /// The writes that share this connection.
    scope: LaneScope,
    connections: Arc<Connections>,
    /// The connection, if one is leased.
    lease: Option<WriterLease>,
    /// Finished writes that wait for the commit. Between two writes, a transaction is open if there are any.
    done: Vec<Done>,
    /// When the first of them began.
    since: Instant,
    /// Duration of the last commit.
    last_commit: Duration,
    /// Set while a transaction may be open.
    may_be_open: bool,
    /// Savepoint of the last write that was finished or rolled back.
    savepoint: GroupSavepoint,
    /// Savepoint of the current write, if it has begun.
    current: Option<GroupSavepoint>,
    /// The first statement of the current write succeeded.
    opened: bool,
}

impl WriterConnection {
    /// Creates a writer without a connection.
    pub(super) fn new(scope: LaneScope, connections: Arc<Connections>) -> Self {
        let (done, since) = (Vec::new(), Instant::now());
        Self {
            scope,
            connections,
            lease: None,
            done,
            since,
            last_commit: Duration::ZERO,
            may_be_open: false,
            savepoint: GroupSavepoint::A,
            current: None,
            opened: false,
        }
    }

    /// Leases a connection unless there is one.
    pub(super) async fn connect(&mut self) -> Result<(), StoreError> {
        if self.lease.is_none() {
            self.lease = Some(self.connections.lease().await?);
        }
        Ok(())
    }

    /// Gives the connection back if other queues may need it and no transaction is open.
    pub(super) fn release_idle(&mut self, awaited: bool) {
        if self.scope.keeps_connection() || self.may_be_open || (awaited && !self.connections.are_scarce()) {
            return;
        }
        if let Some(lease) = self.lease.take() {
            self.connections.give_back(lease);
        }
    }

    /// The connection. Every write has one.
    pub(super) fn connection(&self) -> &AnyConnection {
        match &self.lease {
            Some(lease) => &lease.connection,
            None => unreachable!("a write begins with a connection"),
        }
    }

    /// The connection, for statements.
    pub(super) fn connection_mut(&mut self) -> &mut AnyConnection {
        match &mut self.lease {
            Some(lease) => &mut lease.connection,
            None => unreachable!("a write begins with a connection"),
        }
    }

    /// SQL that begins the current write; empty once it has begun.
    pub(super) fn opening(&mut self) -> &str {
        if self.opened {
            return "";
        }
        self.may_be_open = true;
        let savepoint = if self.done.is_empty() { GroupSavepoint::A } else { self.savepoint.other() };
        self.current = Some(savepoint);
        if self.done.is_empty() { self.scope.begin() } else { savepoint.advance() }
    }

    /// Records that the current write has begun.
    pub(super) fn opened(&mut self) {
        if self.done.is_empty() {
            self.since = Instant::now();
        }
        self.opened = true;
    }

    /// Finishes the current write, which then waits for the commit.
    pub(super) fn finish(&mut self, done: Done) {
        self.opened = false;
        if let Some(savepoint) = self.current.take() {
            self.savepoint = savepoint;
        }
        self.done.push(done);
    }

    /// SQL that commits together with the last statement, if this write is the whole transaction.
    pub(super) fn commit_suffix(&self) -> &'static str {
        if self.done.is_empty() { "; RELEASE turn_a; COMMIT" } else { "" }
    }

    /// Finishes a write that has committed itself.
    pub(super) fn committed(&mut self, done: Done) -> CommitOutcome {
        (self.may_be_open, self.current, self.opened) = (false, None, false);
        CommitOutcome { done: vec![done], failed: None }
    }

    /// Whether one call may hold several statements.
    pub(super) fn accepts_batches(&self) -> bool {
        self.scope.accepts_batches()
    }

    /// Whether no finished write waits for a commit.
    pub(super) fn is_clean(&self) -> bool {
        self.done.is_empty()
    }

    /// Whether another write may join the commit.
    pub(super) fn has_room(&self) -> bool {
        // When commits are slow, waiting as long as one takes is worth it.
        self.done.len() < MAX_WRITES && self.since.elapsed() < MAX_DELAY.max(self.last_commit.min(MAX_DELAY * 10))
    }

    /// Rolls back the current write, unless it is finished. Returns the earlier ones if their transaction turns out to
    /// be gone.
    pub(super) async fn roll_back_current(&mut self) -> Option<CommitOutcome> {
        self.opened = false;
        let current = self.current.take();
        if self.done.is_empty() {
            if self.may_be_open {
                self.roll_back().await;
            }
            return None;
        }
        let savepoint = current?;
        // If the write did not reach its savepoint, the previous one still exists, and nothing was written since. The
        // third attempt repeats the first, whose answer may have been that of an abandoned statement.
        for (savepoint, sql) in [
            (savepoint, savepoint.roll_back()),
            (savepoint.other(), savepoint.other().check()),
            (savepoint, savepoint.roll_back()),
        ] {
            if self.run(sql).await.is_ok() {
                self.savepoint = savepoint;
                return None;
            }
        }
        let done = std::mem::take(&mut self.done);
        self.roll_back().await;
        Some(CommitOutcome { done, failed: Some(CommitError::RolledBack) })
    }

    /// Commits all finished writes, or none.
    pub(super) async fn commit(&mut self) -> CommitOutcome {
        let done = std::mem::take(&mut self.done);
        if done.is_empty() || !self.may_be_open {
            return CommitOutcome { done, failed: None };
        }
        // A lost transaction has no savepoint either, and in a broken one RELEASE fails; PostgreSQL would answer a
        // bare COMMIT there with a rollback, and call it a success.
        let started = Instant::now();
        let answer = self.run(self.savepoint.commit()).await;
        self.last_commit = started.elapsed();
        let failed = match answer {
            Ok(()) => {
                self.may_be_open = false;
                None
            }
            Err(error) => {
                self.roll_back().await;
                Some(CommitError::of(error))
            }
        };
        CommitOutcome { done, failed }
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match &mut self.lease {
            Some(lease) => sqlx::raw_sql(sql).execute(&mut lease.connection).await.map(drop),
            None => Err(sqlx::Error::WorkerCrashed),
        }
    }

    /// Ends the transaction if one is open, and replaces a connection on which it cannot be ended.
    async fn roll_back(&mut self) {
        // Twice: the first answer may be that of an abandoned statement.
        for _ in 0..2 {
            match self.run("ROLLBACK").await {
                Ok(()) => {
                    self.may_be_open = false;
                    return;
                }
                Err(error) if is_no_transaction(&error) => {
                    self.may_be_open = false;
                    return;
                }
                Err(_) => {}
            }
        }
        self.may_be_open = false;
        let Some(lease) = &mut self.lease else { return };
        match self.connections.open().await {
            Ok(connection) => lease.connection = connection,
            // The next write tries again.
            Err(error) => {
                self.lease = None;
                tracing::error!(%error, "lost the writer connection, and could not open another");
            }
        }
    }
}

/// Whether SQLite answered that there is nothing to roll back. PostgreSQL only warns.
fn is_no_transaction(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("no transaction is active"))
}
