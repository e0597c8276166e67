//! Where SQLite and PostgreSQL differ. Nothing outside this module asks which of the two it is.

mod checkpoint;
mod turn;
mod writer;

use std::{borrow::Cow, time::Duration};

use sqlx::{
    Any, AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Executor, SqlSafeStr, Transaction,
    any::AnyPoolOptions,
    migrate::{Migration, MigrationType, Migrator},
};

use super::StoreError;
use turn::Turns;
pub(super) use writer::{Tx, Writer};

/// Migrations in order: version, name, SQL.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../../migrations/0001_first.sql")),
    (2, "disabled", include_str!("../../migrations/0002_disabled.sql")),
    (3, "notifications", include_str!("../../migrations/0003_notifications.sql")),
    (4, "oversight", include_str!("../../migrations/0004_oversight.sql")),
    (6, "operations", include_str!("../../migrations/0006_operations.sql")),
];

/// Readers at once. On SQLite each is a thread with a page cache of its own.
const READERS: u32 = 4;
/// Connections at once to PostgreSQL.
const CONNECTIONS: u32 = 16;
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
pub(super) struct Ways {
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
    pub(super) async fn connect(self, url: &str) -> Result<Ways, StoreError> {
        match self {
            Self::Postgres => {
                let pool = postgres_options().connect(url).await?;
                Ok(Ways { writer: Writer::Postgres(pool.clone()), reader: pool })
            }
            Self::Sqlite => {
                let separator = if url.contains('?') { '&' } else { '?' };
                let writer = sqlite_options().max_connections(1).connect(&format!("{url}{separator}mode=rwc")).await?;
                let turns = Turns::begin(writer).await?;
                let reader = sqlite_options().max_connections(READERS).connect(url).await?;
                tokio::spawn(checkpoint::run(turns.shared(), reader.clone()));
                Ok(Ways { writer: Writer::Sqlite(turns), reader })
            }
        }
    }

    /// Begins a read that sees one state of the database throughout.
    pub(super) async fn begin_read(self, reader: &AnyPool) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(match self {
            Self::Sqlite => reader.begin().await?,
            Self::Postgres => reader.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
        })
    }

    /// Keeps other writers of a project out until this transaction ends. On SQLite there are none.
    ///
    /// A statement of its own, because one that waits for a lock goes on with what it had read before.
    pub(super) async fn lock_project(self, connection: &mut AnyConnection, lock: Lock<'_>) -> Result<(), StoreError> {
        if self == Self::Sqlite {
            return Ok(());
        }
        let (sql, id) = match lock {
            Lock::Project(id) => ("SELECT 1 FROM projects WHERE id = $1 FOR UPDATE", id),
            Lock::ProjectOfTask(id) => {
                ("SELECT 1 FROM projects WHERE id = (SELECT project_id FROM tasks WHERE id = $1) FOR UPDATE", id)
            }
        };
        sqlx::query(sql).bind(id).execute(connection).await?;
        Ok(())
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
        writer.migrate(&Migrator::with_migrations(migrations)).await
    }
}

/// What [`Dialect::lock_project`] is to find the project by.
#[derive(Clone, Copy)]
pub(super) enum Lock<'a> {
    Project(&'a str),
    ProjectOfTask(&'a str),
}

/// The text of a VALUES list: `($1, $2), ($3, $4)` for two rows of two columns.
pub(super) fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let numbers: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", numbers.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

fn postgres_options() -> AnyPoolOptions {
    let options = AnyPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    // To compile a plan takes longer than any of our statements.
    let options = options
        .after_connect(|connection, _| Box::pin(async move { connection.execute("SET jit = off").await.map(|_| ()) }));
    options.before_acquire(|connection, meta| {
        Box::pin(async move { if meta.idle_for < RECENT { Ok(true) } else { connection.ping().await.map(|()| true) } })
    })
}

fn sqlite_options() -> AnyPoolOptions {
    // A pool that closed idle connections would throw their page cache and statements away. One to a
    // file does not break while it waits, so it is not asked whether it did.
    let options = AnyPoolOptions::new().idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    options.after_connect(|connection, _| {
        Box::pin(async move {
            for pragma in [
                "PRAGMA busy_timeout = 5000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = NORMAL",
                "PRAGMA foreign_keys = ON",
                checkpoint::AT_COMMIT,
            ] {
                connection.execute(pragma).await?;
            }
            Ok(())
        })
    })
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
