//! The connection that writes, and the transaction that is open on it.
//!
//! A database may end a transaction by itself: SQLite when the disk is full, PostgreSQL with the connection. So the
//! pen never assumes that its transaction is still open. Each turn begins at a savepoint, and the next step names it: it is left
//! (`RELEASE`) before the next turn begins and before the commit, and both fail where the transaction is another
//! one, or none. There are two names, so that a turn whose beginning is in doubt is told from the one before it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::AnyConnection;

use super::{
    LaneScope,
    commit::{CommitError, CommitOutcome, Done},
    mark::GroupSavepoint,
};
use crate::store::{
    StoreError,
    dialect::connections::{Connections, WriterLease},
};

/// Writes in one commit at the most.
pub(super) const MOST: usize = 64;
/// How long the first of them may wait for the others. Tests are about what happens before that.
const LONGEST: Duration = if cfg!(test) { Duration::from_secs(60) } else { Duration::from_millis(10) };

/// The connection that writes, and its transaction. It is locked by whoever has the token.
pub(super) struct WriterConnection {
    /// Whose writes these are.
    scope: LaneScope,
    connections: Arc<Connections>,
    /// The connection, while there is one.
    lease: Option<WriterLease>,
    /// Writes that are done and wait for the commit. Between two turns, a transaction is open when
    /// there are any.
    done: Vec<Done>,
    /// When the first of them began.
    since: Instant,
    /// How long the last commit took.
    last_commit: Duration,
    /// A transaction may be open.
    begun: bool,
    /// Where the last turn that was kept, or taken back, began.
    mark: GroupSavepoint,
    /// Where the turn under way began, if it has.
    under_way: Option<GroupSavepoint>,
    /// Its first statement was answered.
    opened: bool,
}

impl WriterConnection {
    /// For the writes of this scope.
    pub(super) fn new(scope: LaneScope, connections: Arc<Connections>) -> Self {
        let (done, since) = (Vec::new(), Instant::now());
        Self {
            scope,
            connections,
            lease: None,
            done,
            since,
            last_commit: Duration::ZERO,
            begun: false,
            mark: GroupSavepoint::A,
            under_way: None,
            opened: false,
        }
    }

    /// Sees to it that there is a connection.
    pub(super) async fn connect(&mut self) -> Result<(), StoreError> {
        if self.lease.is_none() {
            self.lease = Some(self.connections.lease().await?);
        }
        Ok(())
    }

    /// Lets go of the connection, where others may need it and nothing is open on it.
    pub(super) fn rest(&mut self, awaited: bool) {
        if self.scope.keeps_connection() || self.begun || (awaited && !self.connections.are_scarce()) {
            return;
        }
        if let Some(lease) = self.lease.take() {
            self.connections.give_back(lease);
        }
    }

    /// The connection. A turn always has one.
    pub(super) fn connection(&self) -> &AnyConnection {
        match &self.lease {
            Some(lease) => &lease.connection,
            None => unreachable!("a turn begins with a connection"),
        }
    }

    /// The same, to be used.
    pub(super) fn connection_mut(&mut self) -> &mut AnyConnection {
        match &mut self.lease {
            Some(lease) => &mut lease.connection,
            None => unreachable!("a turn begins with a connection"),
        }
    }

    /// How a turn begins, in SQL; nothing once it has.
    pub(super) fn opening(&mut self) -> &str {
        if self.opened {
            return "";
        }
        self.begun = true;
        let mark = if self.done.is_empty() { GroupSavepoint::A } else { self.mark.other() };
        self.under_way = Some(mark);
        if self.done.is_empty() { self.scope.begin() } else { mark.follow() }
    }

    /// It has begun.
    pub(super) fn opened(&mut self) {
        if self.done.is_empty() {
            self.since = Instant::now();
        }
        self.opened = true;
    }

    /// Ends the turn: what it wrote is to be committed.
    pub(super) fn keep(&mut self, done: Done) {
        self.opened = false;
        if let Some(mark) = self.under_way.take() {
            self.mark = mark;
        }
        self.done.push(done);
    }

    /// What the last statement of a turn ends with to commit it. It is the whole transaction.
    pub(super) fn committing(&self) -> &'static str {
        if self.done.is_empty() { "; RELEASE turn_a; COMMIT" } else { "" }
    }

    /// Ends the turn of a write that has committed itself.
    pub(super) fn committed(&mut self, done: Done) -> CommitOutcome {
        (self.begun, self.under_way, self.opened) = (false, None, false);
        CommitOutcome { done: vec![done], failed: None }
    }

    /// Whether one statement may be several.
    pub(super) fn takes_batches(&self) -> bool {
        self.scope.takes_batches()
    }

    /// Whether nothing waits for a commit.
    pub(super) fn is_clean(&self) -> bool {
        self.done.is_empty()
    }

    /// Whether another write may join the commit.
    pub(super) fn has_room(&self) -> bool {
        // Where a commit takes longer than that, it is worth as much waiting.
        self.done.len() < MOST && self.since.elapsed() < LONGEST.max(self.last_commit.min(LONGEST * 10))
    }

    /// Takes back what the last turn wrote, unless it was kept. Those before it whose transaction turns out to be
    /// gone are to be told.
    pub(super) async fn undo(&mut self) -> Option<CommitOutcome> {
        self.opened = false;
        let under_way = self.under_way.take();
        if self.done.is_empty() {
            if self.begun {
                self.roll_back().await;
            }
            return None;
        }
        let mark = under_way?;
        // Where the turn did not get to its savepoint, the one before it is still there, and nothing was written since.
        // The third time, because the first answer may be one to a statement that was not waited for.
        for (mark, sql) in [(mark, mark.back()), (mark.other(), mark.other().renew()), (mark, mark.back())] {
            if self.run(sql).await.is_ok() {
                self.mark = mark;
                return None;
            }
        }
        let done = std::mem::take(&mut self.done);
        self.roll_back().await;
        Some(CommitOutcome { done, failed: Some(CommitError::TakenBack) })
    }

    /// Commits what is done: all of it, or nothing and why.
    pub(super) async fn commit(&mut self) -> CommitOutcome {
        let done = std::mem::take(&mut self.done);
        if done.is_empty() || !self.begun {
            return CommitOutcome { done, failed: None };
        }
        // One that is gone has no savepoint either, and to leave one fails in a transaction that is broken, which
        // PostgreSQL would otherwise roll back, and call it a success.
        let started = Instant::now();
        let answer = self.run(self.mark.commit()).await;
        self.last_commit = started.elapsed();
        let failed = match answer {
            Ok(()) => {
                self.begun = false;
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

    /// Ends the transaction where there is one, and gets another connection where it cannot be ended.
    async fn roll_back(&mut self) {
        // Twice, because the first answer may be one to a statement that was not waited for.
        for _ in 0..2 {
            match self.run("ROLLBACK").await {
                Ok(()) => {
                    self.begun = false;
                    return;
                }
                Err(error) if is_no_transaction(&error) => {
                    self.begun = false;
                    return;
                }
                Err(_) => {}
            }
        }
        self.begun = false;
        let Some(lease) = &mut self.lease else { return };
        match self.connections.open().await {
            Ok(connection) => lease.connection = connection,
            // The next one who writes tries it again.
            Err(error) => {
                self.lease = None;
                tracing::error!(%error, "the connection that writes is gone, and there is no other");
            }
        }
    }
}

/// Whether SQLite said that there is nothing to roll back. PostgreSQL only warns of it.
fn is_no_transaction(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("no transaction is active"))
}
