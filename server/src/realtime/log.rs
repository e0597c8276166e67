//! What the rooms need of the database: the log is the truth, the bus only says that it grew.

use engine::{
    Epoch, ProjectId, UserId,
    room::{Located, Place},
};
use futures_util::future::BoxFuture;

/// The log could not be read. The cause is logged by whoever could not read it.
pub use engine::room::Unavailable as LogUnavailable;

pub use crate::store::log::{LogPage, Logged};
use crate::store::{Store, StoreError};

/// Where a project's log ends.
pub type Top = (ProjectId, Epoch, u64);

/// A project's log and members, as the rooms read them. The store is one; tests bring their own.
pub trait Log: Send + Sync + 'static {
    /// Where the logs of these projects end. A project that is gone is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    fn tops<'a>(&'a self, projects: &'a [ProjectId]) -> BoxFuture<'a, Result<Vec<Top>, LogUnavailable>>;

    /// The first `limit` events after `since`, read in one transaction with the log's end; `None`
    /// when the project is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    fn since(
        &self,
        project: ProjectId,
        since: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<LogPage>, LogUnavailable>>;

    /// Where a project's log ends and who may read it, read in one transaction; `None` when the project is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    fn locate(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Located>, LogUnavailable>>;

    /// Where the log ends just when a user may read it; `None` when they have no access or it is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    fn access(&self, project: ProjectId, user: UserId) -> BoxFuture<'_, Result<Option<Place>, LogUnavailable>>;
}

impl Log for Store {
    fn tops<'a>(&'a self, projects: &'a [ProjectId]) -> BoxFuture<'a, Result<Vec<Top>, LogUnavailable>> {
        Box::pin(async move { self.log_tops(projects).await.map_err(unavailable) })
    }

    fn since(
        &self,
        project: ProjectId,
        since: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<LogPage>, LogUnavailable>> {
        Box::pin(async move { self.log_since(project, since, limit).await.map_err(unavailable) })
    }

    fn locate(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Located>, LogUnavailable>> {
        Box::pin(async move { self.log_end(project).await.map_err(unavailable) })
    }

    fn access(&self, project: ProjectId, user: UserId) -> BoxFuture<'_, Result<Option<Place>, LogUnavailable>> {
        Box::pin(async move { self.log_access(project, user).await.map_err(unavailable) })
    }
}

fn unavailable(error: StoreError) -> LogUnavailable {
    tracing::warn!(%error, "a room cannot read the log");
    LogUnavailable
}
