//! What every test stands on: a server of its own on a database of its own, and people who use it.

mod client;
mod database;
mod process;
mod redis;
mod server;

pub(crate) use client::{Answer, Client, PASSWORD, new_op, path, send};
pub(crate) use database::Db;
pub(crate) use process::{Child, bound, free_port};
pub(crate) use redis::RedisServer;
pub(crate) use server::TestServer;

/// Makes each `async fn name(db: Db)` a test on SQLite and one on PostgreSQL.
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: Db) $body:block)*) => {$(
        $(#[$meta])*
        async fn $name($db: $crate::harness::Db) $body

        mod $name {
            use $crate::harness::Db;

            #[tokio::test]
            async fn sqlite() {
                super::$name(Db::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name(Db::Postgres).await;
            }
        }
    )*};
}
pub(crate) use on_both_databases;
