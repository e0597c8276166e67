//! How a store is opened.

use std::num::NonZeroU32;

use clap::ValueEnum;

/// How a store is opened. Its default is what an operator gets who sets nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    /// When a write counts as done.
    pub durability: Durability,
    /// Connections that read, if not as many as the kind of database suggests.
    pub readers: Option<NonZeroU32>,
    /// Connections that write to PostgreSQL, if not as many as usual. SQLite has one writer.
    pub writers: Option<NonZeroU32>,
    /// Whether the database is reached through PgBouncer, which gives a session no longer than a transaction.
    pub pgbouncer: bool,
}

/// When a write counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// On the disk: a power cut takes nothing back that was answered.
    #[default]
    Full,
    /// Handed to the system: a power cut may take back what was answered in the last second.
    Normal,
}
