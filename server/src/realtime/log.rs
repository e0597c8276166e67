//! What the rooms need of the database: the log is the truth, the bus only says that it grew.

use engine::{Comment, CommentId, Epoch, ProjectId, TaskId, room::Located};
use futures_util::future::BoxFuture;

/// The log could not be read. The cause is logged by whoever could not read it.
pub use engine::room::Unavailable as LogUnavailable;

pub use crate::store::{
    access::{Access, Listening, SessionId},
    log::{LogPage, Logged, Top},
    threads::{ThreadAsk, ThreadChanges},
};
use crate::{
    clock,
    store::{Store, StoreError},
};

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

    /// Gives the log of a project another epoch, unless it has another one than `only` by now.
    ///
    /// # Errors
    /// When the database does not answer.
    fn rotate_epoch(&self, project: ProjectId, only: Epoch) -> BoxFuture<'_, Result<(), LogUnavailable>>;

    /// Whether each of these may listen just now, and where the log ends that they listen to.
    ///
    /// # Errors
    /// When the database does not answer.
    fn access<'a>(&'a self, listening: &'a [Listening]) -> BoxFuture<'a, Result<Vec<Access>, LogUnavailable>>;

    /// What changed of a task's comments; `None` when the task is not in this project, or its reader is not.
    ///
    /// # Errors
    /// When the database does not answer.
    fn thread(&self, ask: ThreadAsk) -> BoxFuture<'_, Result<Option<ThreadChanges>, LogUnavailable>>;

    /// Those of these tasks that are on a project's board.
    ///
    /// # Errors
    /// When the database does not answer.
    fn on_board<'a>(
        &'a self,
        project: ProjectId,
        tasks: &'a [TaskId],
    ) -> BoxFuture<'a, Result<Vec<TaskId>, LogUnavailable>>;

    /// These comments as they are now, deleted or not, in no order.
    ///
    /// # Errors
    /// When the database does not answer.
    fn comments<'a>(&'a self, ids: &'a [CommentId]) -> BoxFuture<'a, Result<Vec<Comment>, LogUnavailable>>;
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

    fn rotate_epoch(&self, project: ProjectId, only: Epoch) -> BoxFuture<'_, Result<(), LogUnavailable>> {
        Box::pin(async move { Store::rotate_epoch(self, project, Some(only)).await.map(drop).map_err(unavailable) })
    }

    fn access<'a>(&'a self, listening: &'a [Listening]) -> BoxFuture<'a, Result<Vec<Access>, LogUnavailable>> {
        Box::pin(async move { Store::access(self, listening, clock::now()).await.map_err(unavailable) })
    }

    fn thread(&self, ask: ThreadAsk) -> BoxFuture<'_, Result<Option<ThreadChanges>, LogUnavailable>> {
        Box::pin(async move { self.thread_changes(ask).await.map_err(unavailable) })
    }

    fn on_board<'a>(
        &'a self,
        project: ProjectId,
        tasks: &'a [TaskId],
    ) -> BoxFuture<'a, Result<Vec<TaskId>, LogUnavailable>> {
        Box::pin(async move { self.tasks_on_board(project, tasks).await.map_err(unavailable) })
    }

    fn comments<'a>(&'a self, ids: &'a [CommentId]) -> BoxFuture<'a, Result<Vec<Comment>, LogUnavailable>> {
        Box::pin(async move { Store::comments(self, ids).await.map_err(unavailable) })
    }
}

fn unavailable(error: StoreError) -> LogUnavailable {
    tracing::warn!(%error, "a room cannot read the log");
    LogUnavailable
}
