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
mod homes;
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
use homes::Homes;
pub(crate) use insertion_points::{Anchor, InsertionPoint};
pub(crate) use invitations::{InvitationEnd, InvitationRow, Inviter, NewInvitation};
pub(crate) use mail::Envelope;
pub use milestones::Milestone;
pub use notifications::Tally;
pub(crate) use notifications::{MailKind, NewNotification, WhichNotifications};
pub use options::{Durability, StoreOptions};
pub use oversight::OversightVersion;
pub(crate) use oversight::{
    After, Described, FlowPast, LoadBuckets, OverseenPerson, OversightReader, ReportedTask, Subscriber, TaskFilter,
    Visible, Week, Weekly,
};
pub(crate) use preferences::Wishes;
pub(crate) use profiles::{Profile, SharedAddress};
pub(crate) use projects::Entry;
pub(crate) use removals::{Removal, RemovalKey};
pub(crate) use row::count_unreadable;
pub use row::unreadable_rows;
pub use sessions::Device;
pub(crate) use sessions::OpenSession;
pub(crate) use tasks::{TaskRow, history::HistoricState};
pub(crate) use watchers::Watchers;

use crate::supervisor::Supervisor;

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
    /// The database ended the transaction that this write shared with others, because of one of them.
    #[error("the database took back the transaction that this write was in")]
    TakenBack,
    /// More writes wait than can be made in good time.
    #[error("too many writes are waiting")]
    Crowded,
    /// The database is behind a pooler, which was not said.
    #[error(
        "this is PgBouncer or another pooler, which keeps no settings of a session ({0}): say so with \
         LOCKSTEP_PGBOUNCER=1 (--pgbouncer), or name the port of PostgreSQL itself in DATABASE_URL"
    )]
    Pooler(String),
    /// Anything else that the database or the way to it said.
    #[error(transparent)]
    Database(sqlx::Error),
    /// A stored value that this build cannot read.
    #[error("unreadable value in the database: {0}")]
    Unreadable(String),
}

impl StoreError {
    /// Whether a text has a character that PostgreSQL stores nowhere.
    pub fn is_unstorable(&self) -> bool {
        // character_not_in_repertoire and untranslatable_character.
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| matches!(&*code, "22021" | "22P05"))
    }

    /// Whether a stored value is in the way, and not the database.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            // SQLite stores a text also where a number belongs.
            sqlx::Error::ColumnDecode { index, .. } => Self::Unreadable(index.trim_matches('"').to_owned()),
            // By kind, since SQLite names no constraint in its errors.
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Exists,
            error => Self::Database(error),
        }
    }
}

/// Makes all databases known to sqlx's `Any`. [`Store::open`] does so by itself; what opens connections of its own
/// calls this, and not `install_default_drivers`, before.
pub fn install_drivers() {
    dialect::install_drivers();
}

/// The file that a database URL names; `None` for a database in memory, and on PostgreSQL.
pub(crate) fn sqlite_file(url: &str) -> Option<std::path::PathBuf> {
    dialect::sqlite_file(url)
}

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    dialect: Dialect,
    writer: Writer,
    reader: AnyPool,
    homes: Homes,
}

impl Store {
    /// Opens a database (`sqlite:<path>` or `postgres://…`), without touching its schema.
    ///
    /// # Errors
    /// When the URL is of another kind, or the database does not answer.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, &StoreOptions::default()).await
    }

    /// The same with settings.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`StoreError::Pooler`] when PgBouncer answers, and is not expected.
    pub async fn open_with(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        Self::open_supervised(url, options, &Supervisor::default()).await
    }

    /// The same, with the supervisor of the tasks that the store runs in the background.
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
        let ways = dialect.connect(url, options, supervisor).await?;
        Ok(Self { dialect, writer: ways.writer, reader: ways.reader, homes: Homes::default() })
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
        Ok(WriteTx { dialect: self.dialect, tx: self.writer.begin(None).await? })
    }

    /// Begins a write to a project: until it ends, this project has no other writer.
    pub(crate) async fn write_project(&self, project: ProjectId) -> Result<WriteTx, StoreError> {
        Ok(WriteTx { dialect: self.dialect, tx: self.writer.begin(Some(project)).await? })
    }

    /// Makes a write of one statement.
    async fn write_one(&self, query: Query<'_, Any, AnyArguments>) -> Result<AnyQueryResult, StoreError> {
        let mut write = self.write().await?;
        let done = query.execute(&mut *write.tx).await?;
        write.commit().await?;
        Ok(done)
    }

    /// Makes a write of one statement that may take long.
    async fn write_many(&self, query: Query<'_, Any, AnyArguments>) -> Result<AnyQueryResult, StoreError> {
        let mut write = self.write().await?;
        self.dialect.take_time(&mut write.tx).await?;
        let done = query.execute(&mut *write.tx).await?;
        write.commit().await?;
        Ok(done)
    }

    /// The same as [`write_project`](Self::write_project), where the first statement has to say that it begins
    /// ([`Tx::opening`]).
    async fn lazy_write(&self, project: Option<ProjectId>) -> Result<WriteTx, StoreError> {
        Ok(WriteTx { dialect: self.dialect, tx: self.writer.lazy(project).await? })
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
