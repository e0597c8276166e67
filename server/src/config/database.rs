//! Settings of the database.

use std::num::NonZeroU32;

use clap::{Args, builder::BoolishValueParser};

use crate::store::{Durability, StoreOptions};

/// Settings of the database.
#[derive(Args, Clone, Debug)]
pub struct DatabaseSettings {
    /// Database: sqlite:<path> or postgres://…  [default: lockstep.db in the data folder]
    #[arg(id = "database_url", long = "database-url", env = "DATABASE_URL", value_name = "URL", hide_env_values = true, value_parser = database_url, global = true)]
    pub url: Option<String>,

    /// When a write is acknowledged: full, once it is on the disk; normal, a little earlier, so that a power cut may
    /// lose the last second
    #[arg(long, env = "LOCKSTEP_DURABILITY", value_enum, default_value_t = Durability::Full, global = true)]
    pub durability: Durability,

    /// Database connections for reading  [default: 4 on SQLite, 12 on PostgreSQL]
    #[arg(
        id = "database_readers",
        long = "database-readers",
        env = "LOCKSTEP_DATABASE_READERS",
        value_name = "COUNT",
        global = true
    )]
    pub readers: Option<NonZeroU32>,

    /// Database connections for writing to PostgreSQL  [default: 8]
    #[arg(
        id = "database_writers",
        long = "database-writers",
        env = "LOCKSTEP_DATABASE_WRITERS",
        value_name = "COUNT",
        global = true
    )]
    pub writers: Option<NonZeroU32>,

    /// DATABASE_URL points to PgBouncer, possibly in transaction mode
    #[arg(
        long, env = "LOCKSTEP_PGBOUNCER", value_name = "0|1", default_value = "0", default_missing_value = "1",
        num_args = 0..=1, require_equals = true, value_parser = BoolishValueParser::new(), global = true
    )]
    pub pgbouncer: bool,
}

impl DatabaseSettings {
    /// The values of [`Config::isolated`](super::Config::isolated).
    pub(super) fn isolated() -> Self {
        Self { url: None, durability: Durability::Full, readers: None, writers: None, pgbouncer: false }
    }

    /// The options of the store.
    pub fn options(&self) -> StoreOptions {
        StoreOptions {
            durability: self.durability,
            readers: self.readers,
            writers: self.writers,
            pgbouncer: self.pgbouncer,
        }
    }
}

fn database_url(text: &str) -> Result<String, String> {
    if ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        Ok(text.to_owned())
    } else {
        Err("expected sqlite:<path> or postgres://<user>@<host>/<database>".into())
    }
}
