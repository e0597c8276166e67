//! The foundation of every test: a server on its own database, and clients.

mod client;
mod database;
mod disk;
mod lock;
mod logged;
mod pgbouncer;
mod process;
mod proxy;
mod redis;
pub(crate) mod runtime;
mod server;
mod smtp;

use std::time::Duration;

pub(crate) use client::{Answer, Client, PASSWORD, new_op, path, send};
pub(crate) use database::{Db, DiskPostgres};
pub(crate) use disk::DiskServer;
pub(crate) use lock::WriteLock;
pub(crate) use logged::LoggedServer;
pub(crate) use pgbouncer::PgBouncer;
pub(crate) use process::{Child, bound, free_port};
pub(crate) use proxy::{Proxy, Weather};
pub(crate) use redis::RedisServer;
pub(crate) use server::TestServer;
pub(crate) use smtp::SmtpServer;
// What `#[tokio::test(crate = "crate::harness")]` needs of this crate, beside the runtime.
pub(crate) use tokio::pin;

/// How long anything may take before a test fails. No test waits for this long to pass.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Flags of a server process without limits that would slow a test down. Tests of limits set them.
const LIMITLESS: [&str; 2] = ["--auth-limit=0", "--writes-per-second=0"];

/// Waits until a condition holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "waited in vain until {what}");
}

/// Turns each `async fn name(db: Db)` into a test on SQLite and one on PostgreSQL.
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: Db) $body:block)*) => {$(
        $(#[$meta])*
        async fn $name($db: $crate::harness::Db) $body

        mod $name {
            use $crate::harness::Db;

            #[tokio::test(crate = "crate::harness")]
            async fn sqlite() {
                super::$name(Db::Sqlite).await;
            }

            #[tokio::test(crate = "crate::harness")]
            async fn postgres() {
                super::$name(Db::Postgres).await;
            }
        }
    )*};
}
pub(crate) use on_both_databases;
