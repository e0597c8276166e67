//! All SQL: one file per entity, and `dialect` for the differences between the two databases.
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
mod account_letters;
mod account_links;
mod board;
mod bulk;
mod churn;
mod comments;
mod commit_rows;
mod completion;
mod dialect;
mod due;
mod email_key;
mod fault;
mod insertion_points;
mod invitation_mail;
mod invitations;
pub mod log;
mod mail;
mod members;
mod milestones;
mod notifications;
pub mod ops;
mod options;
mod oversight;
mod preferences;
mod probe;
mod profiles;
mod projects;
mod quotas;
mod removals;
pub mod retention;
mod row;
mod search;
mod sessions;
mod statuses;
mod task_projects;
mod tasks;
pub mod threads;
pub mod users;
mod watchers;
mod withdrawn;

pub(crate) use account_letters::{AccountLetter, LetterKind, NewLetter};
pub(crate) use churn::OpenNotification;
pub(crate) use commit_rows::CommitRows;
pub(crate) use completion::Lagging;
use dialect::{Dialect, Tx, Writer};
pub(crate) use due::{Due, DueCursor, DueDay};
pub(crate) use email_key::EmailKey;
pub(crate) use insertion_points::{Anchor, InsertionPoint};
pub(crate) use invitations::{InvitationEnd, InvitationRow, Inviter, NewInvitation};
pub(crate) use mail::Envelope;
pub use milestones::Milestone;
pub use notifications::Tally;
pub(crate) use notifications::{MailKind, NewNotification, WhichNotifications};
pub use options::{Durability, StoreOptions};
pub use oversight::OversightVersion;
pub(crate) use oversight::{
    After, Described, FlowHistory, LoadBuckets, OverseenPerson, OversightReader, ReportedTask, Subscriber, TaskFilter,
    Visible, Week, Weekly,
};
pub(crate) use preferences::DeliveryPreferences;
pub(crate) use profiles::{Profile, SharedAddress};
pub(crate) use projects::Entry;
pub(crate) use removals::{Removal, RemovalKey};
pub(crate) use row::count_unreadable;
pub use row::unreadable_rows;
pub use sessions::Device;
pub(crate) use sessions::OpenSession;
use task_projects::TaskProjects;
pub(crate) use tasks::{TaskRow, history::HistoricState};
pub(crate) use watchers::Watchers;

use crate::supervisor::Supervisor;

/// Longest wait for the last writers when the store closes.
const CLOSE: Duration = Duration::from_secs(5);

/// Why a database call failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database URL names neither SQLite nor PostgreSQL.
    #[error("the database URL has to begin with sqlite: or postgres:")]
    Url,
    /// A migration failed.
    #[error("migration failed: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row with this key exists already.
    #[error("the row exists")]
    Exists,
    /// Another writer changed the project meanwhile, which the project's lock should rule out.
    #[error("another writer was in the project")]
    ConcurrentWriter,
    /// The commit shared with other writes failed.
    #[error(transparent)]
    Commit(Arc<sqlx::Error>),
    /// The database rolled back the transaction shared with other writes, because of one of them.
    #[error("the database took back the transaction that this write was in")]
    RolledBack,
    /// The write queue is full, or the wait in it took too long.
    #[error("too many writes are waiting")]
    Overloaded,
    /// The database is behind a pooler, and the settings don't say so.
    #[error(
        "this is PgBouncer or another pooler, which keeps no settings of a session ({0}): say so with \
         LOCKSTEP_PGBOUNCER=1 (--pgbouncer), or name the port of PostgreSQL itself in DATABASE_URL"
    )]
    Pooler(String),
    /// Any other error of the database or the connection.
    #[error(transparent)]
    Database(sqlx::Error),
    /// A stored value that this build cannot read.
    #[error("unreadable value in the database: {0}")]
    Unreadable(String),
}

impl StoreError {
    /// Whether a text contains a character that PostgreSQL cannot store.
    pub fn is_unstorable(&self) -> bool {
        // character_not_in_repertoire and untranslatable_character.
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| matches!(&*code, "22021" | "22P05"))
    }

    /// Whether the failure is a stored value that this build cannot read.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            // SQLite also stores a text in a number column.
            sqlx::Error::ColumnDecode { index, .. } => Self::Unreadable(index.trim_matches('"').to_owned()),
            // By kind, since SQLite's errors name no constraint.
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Exists,
            error => Self::Database(error),
        }
    }
}

/// Registers the database drivers with sqlx's `Any`. [`Store::open`] does so itself; code that opens its own
/// connections calls this first, instead of `install_default_drivers`.
pub fn install_drivers() {
    dialect::install_drivers();
}

/// The file of a SQLite URL; `None` for an in-memory database and for PostgreSQL.
pub(crate) fn sqlite_file(url: &str) -> Option<std::path::PathBuf> {
    dialect::sqlite_file(url)
}

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    dialect: Dialect,
    writer: Writer,
    reader: AnyPool,
    task_projects: TaskProjects,
}

impl Store {
    /// Opens a database (`sqlite:<path>` or `postgres://…`) without migrating it.
    ///
    /// # Errors
    /// When the URL has another scheme, or the database does not answer.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, &StoreOptions::default()).await
    }

    /// Opens a database with options.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`StoreError::Pooler`] when PgBouncer answers unexpectedly.
    pub async fn open_with(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        Self::open_supervised(url, options, &Supervisor::default()).await
    }

    /// Opens a database with options, and runs the store's background tasks under a supervisor.
    ///
    /// # Errors
    /// As [`open_with`](Self::open_with).
    pub async fn open_supervised(
        url: &str,
        options: &StoreOptions,
        supervisor: &Supervisor,
    ) -> Result<Self, StoreError> {
        install_drivers();
        let dialect = Dialect::of(url)?;
        let pools = dialect.connect(url, options, supervisor).await?;
        Ok(Self { dialect, writer: pools.writer, reader: pools.reader, task_projects: TaskProjects::default() })
    }

    /// Runs the pending migrations. Several processes may call it at once.
    ///
    /// # Errors
    /// When a migration fails, or the schema belongs to a newer build.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.dialect.migrate(&self.writer).await
    }

    /// Checks that the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.reader).await?;
        Ok(())
    }

    /// Closes all connections once the running statements are done.
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
        Ok(WriteTx { dialect: self.dialect, tx: self.writer.begin(None).await? })
    }

    /// Begins a write to a project. Until it ends, the project has no other writer.
    pub(crate) async fn write_project(&self, project: ProjectId) -> Result<WriteTx, StoreError> {
        Ok(WriteTx { dialect: self.dialect, tx: self.writer.begin(Some(project)).await? })
    }

    /// Runs a single statement as a write.
    async fn write_one(&self, query: Query<'_, Any, AnyArguments>) -> Result<AnyQueryResult, StoreError> {
        let mut write = self.write().await?;
        let done = query.execute(&mut *write.tx).await?;
        write.commit().await?;
        Ok(done)
    }

    /// Runs a single statement without a timeout as a write.
    async fn write_many(&self, query: Query<'_, Any, AnyArguments>) -> Result<AnyQueryResult, StoreError> {
        let mut write = self.write().await?;
        self.dialect.lift_statement_timeout(&mut write.tx).await?;
        let done = query.execute(&mut *write.tx).await?;
        write.commit().await?;
        Ok(done)
    }

    /// Like [`write_project`](Self::write_project), for a first statement that begins the transaction itself
    /// ([`Tx::opening`]).
    async fn write_with_first_statement(&self, project: Option<ProjectId>) -> Result<WriteTx, StoreError> {
        Ok(WriteTx { dialect: self.dialect, tx: self.writer.begin_with_first_statement(project).await? })
    }
}

/// A write transaction. Dropped before [`commit`](Self::commit), it rolls back.
pub(crate) struct WriteTx {
    dialect: Dialect,
    tx: Tx,
}

impl WriteTx {
    /// Commits.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit(Box::new(|| ())).await
    }

    /// Rolls back, and waits until everything it has read is durable: it may have read a write that is not committed
    /// yet.
    pub(crate) async fn roll_back(self) -> Result<(), StoreError> {
        self.tx.roll_back().await
    }
}
