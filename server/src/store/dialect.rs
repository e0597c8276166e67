//! Where SQLite and PostgreSQL differ. Nothing outside this module asks which of the two it is.

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

/// A connection that was in use so shortly before is not asked whether it is still there, which takes
/// as long as a statement.
const RECENT: Duration = Duration::from_secs(1);

/// Rows that one statement writes: far below the number of parameters that either database takes.
pub(super) const CHUNK: usize = 200;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// The ways to one database.
pub(super) struct Pools {
    pub(super) writer: Writer,
    pub(super) reader: AnyPool,
}

impl Dialect {
    /// The kind that a URL names.
    pub(super) fn of(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            _ => Err(StoreError::Url),
        }
    }

    /// Opens a database, and on SQLite makes its file.
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

    /// Begins a read that sees one state of the database throughout.
    pub(super) async fn begin_read(self, reader: &AnyPool) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(match self {
            Self::Sqlite => reader.begin().await?,
            Self::Postgres => reader.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
        })
    }

    /// Lets the statements of this write take as long as they need: those of housekeeping may touch all rows.
    pub(super) async fn take_time(self, tx: &mut Tx) -> Result<(), StoreError> {
        if self == Self::Postgres {
            sqlx::raw_sql("SET LOCAL statement_timeout = 0").execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// A statement that fails where no file of the database can grow, to be rolled back. `None` where each write needs
    /// room in the log, whatever room its tables have.
    ///
    /// PostgreSQL puts a row where an older one was, so one table may have room when no other has. This makes a table
    /// as long as a probe: rolled back, it is seen by no other session, and waits for no backup.
    pub(super) fn growth(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("CREATE TABLE write_probe_growth AS SELECT n FROM generate_series(1, 2000) AS n"),
        }
    }

    /// Whether writes to different projects run at once, so that one to a task has to know its project first.
    pub(super) fn has_lanes(self) -> bool {
        self == Self::Postgres
    }

    /// A query of the texts in the JSON list that is bound to `$1`: one statement for lists of any
    /// length, so that it stays prepared.
    pub(super) fn texts(self) -> String {
        self.texts_in(1)
    }

    /// The same of a list that is bound to another parameter.
    pub(super) fn texts_in(self, parameter: usize) -> String {
        match self {
            Self::Sqlite => format!("SELECT value FROM json_each(${parameter})"),
            Self::Postgres => format!("SELECT json_array_elements_text(${parameter}::json)"),
        }
    }

    /// Several writes that are sent as one; the last one has the rows. They see nothing of each other,
    /// and share their parameters.
    ///
    /// A statement of PostgreSQL's has parameters, so there the others hang on it. SQLite has no
    /// writes within a statement, but takes several of them at once.
    pub(super) fn together(self, also: &[String], last: &str) -> String {
        match self {
            Self::Sqlite => also.iter().map(String::as_str).chain([last]).collect::<Vec<_>>().join("; "),
            Self::Postgres => {
                let also: String =
                    also.iter().zip(1..).map(|(sql, number)| format!(", also_{number} AS ({sql})")).collect();
                format!("WITH last AS ({last}){also} SELECT * FROM last")
            }
        }
    }

    /// A query of rows that other writes are kept from until this one ends; without those that another write has.
    pub(super) fn try_lock(self, select: &str) -> String {
        match self {
            // There is one writer.
            Self::Sqlite => select.to_owned(),
            // The weakest lock that excludes itself: rows that refer to these may still be added meanwhile.
            Self::Postgres => format!("{select} FOR NO KEY UPDATE SKIP LOCKED"),
        }
    }

    /// Brings the schema up to date. PostgreSQL lets one process at a time do so.
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

/// The file that a URL names; `None` for a database in memory, and on PostgreSQL.
pub(super) fn sqlite_file(url: &str) -> Option<std::path::PathBuf> {
    sqlite::file_of(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_over_the_rows() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }

    #[test]
    fn writes_go_together() {
        let also = ["INSERT INTO a".to_owned(), "INSERT INTO b".to_owned()];
        assert_eq!(Dialect::Sqlite.together(&also, "UPDATE c"), "INSERT INTO a; INSERT INTO b; UPDATE c");
        assert_eq!(
            Dialect::Postgres.together(&also, "UPDATE c"),
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
