//! Which writes follow each other, and how the first of them begins.

use engine::ProjectId;

/// Which writes follow each other.
pub(in crate::store::dialect) struct LaneScope {
    /// Begins a transaction and its first turn.
    begin: String,
    /// The only one there is: its connection is never of use to another.
    whole_database: bool,
}

impl LaneScope {
    /// All writes to a SQLite file. The write lock is taken at once: a transaction that reads first may not get it.
    pub(in crate::store::dialect) fn database() -> Self {
        Self { begin: "BEGIN IMMEDIATE; SAVEPOINT turn_a; ".to_owned(), whole_database: true }
    }

    /// The writes to a project on PostgreSQL, where other processes may write to it as well: they wait for its row.
    /// A statement of its own, because one that waits for a lock goes on with what it had read before.
    pub(in crate::store::dialect) fn project(id: ProjectId) -> Self {
        let begin = format!("BEGIN; SELECT 1 FROM projects WHERE id = '{id}' FOR UPDATE; SAVEPOINT turn_a; ");
        Self { begin, whole_database: false }
    }

    /// One write on PostgreSQL that belongs to no project.
    pub(in crate::store::dialect) fn alone() -> Self {
        Self { begin: "BEGIN; SAVEPOINT turn_a; ".to_owned(), whole_database: false }
    }

    /// How the first turn begins.
    pub(super) fn begin(&self) -> &str {
        &self.begin
    }

    /// Whether the connection stays with it.
    pub(super) fn keeps_connection(&self) -> bool {
        self.whole_database
    }

    /// Whether a statement with parameters may be several: SQLite's may.
    pub(super) fn takes_batches(&self) -> bool {
        self.whole_database
    }
}
