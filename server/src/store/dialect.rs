//! The differences between SQLite and PostgreSQL. Code outside this module never asks which of the two it uses.

mod checkpoint;
mod connections;
mod group_commit;
mod lanes;
mod migration;
mod pgbouncer;
mod postgres;
mod sqlite;
mod writer;

use std::{borrow::Cow, time::Duration};

use sqlx::{
    Any, AnyPool, AssertSqlSafe, SqlSafeStr, Transaction,
    migrate::{Migration, MigrationType, Migrator},
};

use super::{StoreError, StoreOptions};
use crate::supervisor::Supervisor;
pub(super) use pgbouncer::install_drivers;
pub(super) use writer::{Tx, Writer};

/// Migrations in order: version, name, SQL.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../../migrations/0001_first.sql")),
    (2, "disabled", include_str!("../../migrations/0002_disabled.sql")),
    (3, "notifications", include_str!("../../migrations/0003_notifications.sql")),
    (4, "oversight", include_str!("../../migrations/0004_oversight.sql")),
    (6, "operations", include_str!("../../migrations/0006_operations.sql")),
    (7, "invitations", include_str!("../../migrations/0007_invitations.sql")),
    (9, "accounts", include_str!("../../migrations/0009_accounts.sql")),
    (10, "upkeep", include_str!("../../migrations/0010_upkeep.sql")),
    (11, "quotas", include_str!("../../migrations/0011_quotas.sql")),
    (12, "removals", include_str!("../../migrations/0012_removals.sql")),
    (13, "churn", include_str!("../../migrations/0013_churn.sql")),
    (14, "member places", include_str!("../../migrations/0014_member_places.sql")),
];

/// A pooled connection that idled for less than this is used without a ping, which costs as much as a statement.
const RECENT: Duration = Duration::from_secs(1);

/// Rows per statement: far below the number of parameters that either database accepts.
pub(super) const CHUNK: usize = 200;

/// The database engine in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// The writer and the read pool of one database.
pub(super) struct Pools {
    pub(super) writer: Writer,
    pub(super) reader: AnyPool,
}

impl Dialect {
    /// The dialect of a database URL.
    pub(super) fn of(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            _ => Err(StoreError::Url),
        }
    }

    /// Opens a database. Creates the file on SQLite.
    pub(super) async fn connect(
        self,
        url: &str,
        options: &StoreOptions,
        supervisor: &Supervisor,
    ) -> Result<Pools, StoreError> {
        match self {
            Self::Postgres => postgres::open(url, options).await,
            Self::Sqlite => sqlite::open(url, options, supervisor).await,
        }
    }

    /// Begins a read transaction that sees one snapshot of the database.
    pub(super) async fn begin_read(self, reader: &AnyPool) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(match self {
            Self::Sqlite => reader.begin().await?,
            Self::Postgres => reader.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
        })
    }

    /// Lifts the statement timeout for this write: housekeeping may touch every row.
    pub(super) async fn lift_statement_timeout(self, tx: &mut Tx) -> Result<(), StoreError> {
        if self == Self::Postgres {
            sqlx::raw_sql("SET LOCAL statement_timeout = 0").execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// A statement that fails when no file of the database can grow; run it and roll it back. `None` on SQLite, where
    /// every write needs room in the write-ahead log.
    ///
    /// PostgreSQL reuses the space of deleted rows, so one table may still accept rows when the disk is full. This
    /// creates a table as long as the probe needs: rolled back, no other session sees it, and it waits for no backup.
    pub(super) fn growth_probe(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("CREATE TABLE write_probe_growth AS SELECT n FROM generate_series(1, 2000) AS n"),
        }
    }

    /// Whether writes to different projects run concurrently, so that a write to a task must know its project first.
    pub(super) fn has_lanes(self) -> bool {
        self == Self::Postgres
    }

    /// A subquery of the texts in the JSON list bound to `$1`: one statement for lists of any length, so that it stays
    /// prepared.
    pub(super) fn texts(self) -> String {
        self.texts_in(1)
    }

    /// Like [`texts`](Self::texts), for a list bound to another parameter.
    pub(super) fn texts_in(self, parameter: usize) -> String {
        match self {
            Self::Sqlite => format!("SELECT value FROM json_each(${parameter})"),
            Self::Postgres => format!("SELECT json_array_elements_text(${parameter}::json)"),
        }
    }

    /// Combines several writes into one statement; the last one returns its rows. They don't see each other's effects,
    /// and share their parameters.
    ///
    /// PostgreSQL accepts parameters in single statements only, so the others become CTEs of the last one. SQLite has
    /// no writes in CTEs, but accepts several statements at once.
    pub(super) fn combine(self, also: &[String], last: &str) -> String {
        match self {
            Self::Sqlite => also.iter().map(String::as_str).chain([last]).collect::<Vec<_>>().join("; "),
            Self::Postgres => {
                let also: String =
                    also.iter().zip(1..).map(|(sql, number)| format!(", also_{number} AS ({sql})")).collect();
                format!("WITH last AS ({last}){also} SELECT * FROM last")
            }
        }
    }

    /// A query that locks its rows until this transaction ends, and skips rows that another transaction has locked.
    pub(super) fn try_lock(self, select: &str) -> String {
        match self {
            // There is one writer.
            Self::Sqlite => select.to_owned(),
            // The weakest lock that excludes itself: rows that refer to these may still be inserted meanwhile.
            Self::Postgres => format!("{select} FOR NO KEY UPDATE SKIP LOCKED"),
        }
    }

    /// Runs the pending migrations. On PostgreSQL one process does so at a time.
    pub(super) async fn migrate(self, writer: &Writer) -> Result<(), StoreError> {
        let migrations: Vec<Migration> = MIGRATIONS
            .iter()
            .map(|&(version, name, sql)| {
                let sql = match self {
                    Self::Postgres => sql.to_owned(),
                    Self::Sqlite => sql.replace(r#" COLLATE "C""#, ""),
                };
                let sql = AssertSqlSafe(sql).into_sql_str();
                Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
            })
            .collect();
        migration::run(writer, Migrator::with_migrations(migrations)).await
    }
}

/// The text of a VALUES list: `($1, $2), ($3, $4)` for two rows of two columns.
pub(super) fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let numbers: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", numbers.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// The file of a SQLite URL; `None` for an in-memory database and for PostgreSQL.
pub(super) fn sqlite_file(url: &str) -> Option<std::path::PathBuf> {
    sqlite::file_of(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_across_rows() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }

    #[test]
    fn writes_are_combined_into_one_statement() {
        let also = ["INSERT INTO a".to_owned(), "INSERT INTO b".to_owned()];
        assert_eq!(Dialect::Sqlite.combine(&also, "UPDATE c"), "INSERT INTO a; INSERT INTO b; UPDATE c");
        assert_eq!(
            Dialect::Postgres.combine(&also, "UPDATE c"),
            "WITH last AS (UPDATE c), also_1 AS (INSERT INTO a), also_2 AS (INSERT INTO b) SELECT * FROM last"
        );
    }

    #[test]
    fn other_databases_are_refused() {
        assert_eq!(Dialect::of("postgres://localhost/a").ok(), Some(Dialect::Postgres));
        assert_eq!(Dialect::of("sqlite:data/a.db").ok(), Some(Dialect::Sqlite));
        assert!(Dialect::of("mysql://localhost/a").is_err() && Dialect::of("").is_err());
    }
}
