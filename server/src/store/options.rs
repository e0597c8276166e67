//! How to open a store.

use std::num::NonZeroU32;

use clap::ValueEnum;

/// How to open a store. The default is for an operator who sets nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    /// When a write counts as done.
    pub durability: Durability,
    /// Number of read connections; `None` for the default of the database.
    pub readers: Option<NonZeroU32>,
    /// Number of write connections to PostgreSQL; `None` for the default. SQLite has one.
    pub writers: Option<NonZeroU32>,
    /// Whether PgBouncer sits in between, where a session lasts no longer than a transaction.
    pub pgbouncer: bool,
}

/// When a write counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// When it is on the disk: a power cut loses no acknowledged write.
    #[default]
    Full,
    /// When the system has it: a power cut may lose the acknowledged writes of the last second.
    Normal,
}
