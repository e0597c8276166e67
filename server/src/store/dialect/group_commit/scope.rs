//! Which writes share a queue, and how their transaction begins.

use engine::ProjectId;

/// The writes that share one queue.
pub(in crate::store::dialect) struct LaneScope {
    /// Begins a transaction and its first savepoint.
    begin: String,
    /// Covers the whole database: its connection is of no use to another queue.
    whole_database: bool,
}

impl LaneScope {
    /// All writes to a SQLite file. Takes the write lock at once: a transaction that reads first may not get it later.
    pub(in crate::store::dialect) fn database() -> Self {
        Self { begin: "BEGIN IMMEDIATE; SAVEPOINT turn_a; ".to_owned(), whole_database: true }
    }

    /// The writes to a project on PostgreSQL. Writers of other processes wait for the project's row. Locking it is a
    /// separate statement, because a statement that waits for a lock continues with the snapshot it took before.
    pub(in crate::store::dialect) fn project(id: ProjectId) -> Self {
        let begin = format!("BEGIN; SELECT 1 FROM projects WHERE id = '{id}' FOR UPDATE; SAVEPOINT turn_a; ");
        Self { begin, whole_database: false }
    }

    /// One write on PostgreSQL that belongs to no project.
    pub(in crate::store::dialect) fn alone() -> Self {
        Self { begin: "BEGIN; SAVEPOINT turn_a; ".to_owned(), whole_database: false }
    }

    /// SQL that begins the transaction and its first write.
    pub(super) fn begin(&self) -> &str {
        &self.begin
    }

    /// Whether the queue never gives its connection back.
    pub(super) fn keeps_connection(&self) -> bool {
        self.whole_database
    }

    /// Whether one call with parameters may hold several statements: on SQLite it may.
    pub(super) fn accepts_batches(&self) -> bool {
        self.whole_database
    }
}
