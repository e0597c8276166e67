//! SQL, and nothing but SQL: one file an entity, and `dialect` for what the two databases do not share.
//!
//! Reads are methods of [`Store`]. Writes are methods of [`WriteTx`], which only services open.

use std::{sync::Arc, time::Duration};

use engine::ProjectId;
use sqlx::{
    Any, AnyPool,
    any::{AnyArguments, AnyQueryResult},
    query::Query,
};

pub mod access;
mod board;
mod bulk;
mod comments;
mod dialect;
mod due;
mod ending;
mod history;
pub mod log;
mod mail;
mod members;
mod notifications;
pub mod ops;
mod oversight;
mod places;
mod preferences;
mod projects;
pub mod retention;
mod row;
mod statuses;
mod tasks;
pub mod threads;
pub mod users;
mod watchers;

use dialect::{Dialect, Lock, Tx, Writer};
pub(crate) use due::{Day, Due};
pub(crate) use ending::Ending;
pub(crate) use history::Past;
pub(crate) use mail::Envelope;
pub use notifications::Tally;
pub(crate) use notifications::{MailKind, NewNotification, Which};
pub use oversight::Beat;
pub(crate) use oversight::{
    After, Behind, Described, FlowPast, Person, Piles, Reader, Standing, Subscriber, Visible, Week, Weekly,
};
pub(crate) use places::{Anchor, Place};
pub(crate) use preferences::Wishes;
pub(crate) use projects::Entry;
pub use row::unreadable_rows;
pub(crate) use tasks::TaskRow;

/// Longest wait for the last writers when the store closes.
const CLOSE: Duration = Duration::from_secs(5);

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database URL names neither SQLite nor PostgreSQL.
    #[error("the database URL has to begin with sqlite: or postgres:")]
    Url,
    /// The schema could not be brought up to date.
    #[error("migration failed: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row with this key is there already.
    #[error("the row exists")]
    Exists,
    /// Another writer was in the project, which cannot be.
    #[error("another writer was in the project")]
    Overtaken,
    /// The commit that this write shared with others.
    #[error(transparent)]
    Commit(Arc<sqlx::Error>),
    /// Anything else that the database or the way to it said.
    #[error(transparent)]
    Database(sqlx::Error),
    /// A stored value that this build cannot read.
    #[error("unreadable value in the database: {0}")]
    Unreadable(String),
}

impl StoreError {
    /// Whether the same may well work in a moment: every connection was taken, or the file was locked.
    pub fn is_busy(&self) -> bool {
        let cause = match self {
            Self::Database(cause) => cause,
            Self::Commit(cause) => cause,
            _ => return false,
        };
        match cause {
            sqlx::Error::PoolTimedOut => true,
            // SQLITE_BUSY and what extends it.
            sqlx::Error::Database(error) => error.code().is_some_and(|code| matches!(&*code, "5" | "261" | "517")),
            _ => false,
        }
    }
}

impl StoreError {
    /// Whether a text has a character that PostgreSQL stores nowhere.
    pub fn is_unstorable(&self) -> bool {
        // character_not_in_repertoire and untranslatable_character.
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| matches!(&*code, "22021" | "22P05"))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // By kind, since SQLite names no constraint in its errors.
        match error.as_database_error() {
            Some(database) if database.is_unique_violation() => Self::Exists,
            _ => Self::Database(error),
        }
    }
}

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    dialect: Dialect,
    writer: Writer,
    reader: AnyPool,
}

impl Store {
    /// Opens a database (`sqlite:<path>` or `postgres://…`), without touching its schema.
    ///
    /// # Errors
    /// When the URL is of another kind, or the database does not answer.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        let ways = dialect.connect(url).await?;
        Ok(Self { dialect, writer: ways.writer, reader: ways.reader })
    }

    /// Brings the schema up to date. Safe to call from several processes at once.
    ///
    /// # Errors
    /// When a migration fails, or the schema is of a newer build.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.dialect.migrate(&self.writer).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.reader).await?;
        Ok(())
    }

    /// Closes all connections once the statements under way are done.
    pub async fn close(&self) {
        let both = async {
            self.writer.close().await;
            self.reader.close().await;
        };
        if tokio::time::timeout(CLOSE, both).await.is_err() {
            tracing::warn!("the database is still busy; closing without waiting any longer");
        }
    }

    /// Begins a write that belongs to no project.
    pub(crate) async fn write(&self) -> Result<WriteTx, StoreError> {
        Ok(WriteTx { dialect: self.dialect, tx: self.writer.begin().await? })
    }

    /// Begins a write to a project: until it ends, this project has no other writer.
    pub(crate) async fn write_project(&self, project: ProjectId) -> Result<WriteTx, StoreError> {
        let mut write = self.write().await?;
        self.dialect.lock_project(&mut write.tx, Lock::Project(&project.to_string())).await?;
        Ok(write)
    }

    /// Makes a write of one statement.
    async fn write_one(&self, query: Query<'_, Any, AnyArguments>) -> Result<AnyQueryResult, StoreError> {
        let mut write = self.write().await?;
        let done = query.execute(&mut *write.tx).await?;
        write.commit().await?;
        Ok(done)
    }

    /// The same as [`write_project`](Self::write_project), where the first statement has to say that it begins
    /// ([`Tx::opening`]).
    async fn lazy_write(&self, lock: Lock<'_>) -> Result<WriteTx, StoreError> {
        let mut tx = self.writer.lazy().await?;
        self.dialect.lock_project(&mut tx, lock).await?;
        Ok(WriteTx { dialect: self.dialect, tx })
    }
}

/// A write transaction. Dropped without [`commit`](Self::commit) it leaves no trace.
pub(crate) struct WriteTx {
    dialect: Dialect,
    tx: Tx,
}

impl WriteTx {
    /// Makes it durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit(Box::new(|| ())).await
    }

    /// Takes it back, and waits until what it has read is durable: it may be that of a write whose
    /// commit is still to come.
    pub(crate) async fn give_up(self) -> Result<(), StoreError> {
        self.tx.give_up().await
    }
}
