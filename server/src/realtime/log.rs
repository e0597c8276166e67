//! The database queries of the rooms: the log is the truth, the bus only announces that it grew.

use engine::{Comment, CommentId, Epoch, ProjectId, TaskId, room::Located};
use futures_util::future::BoxFuture;

/// The log could not be read. The reader logs the cause.
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

/// Reads projects' logs and members. The store implements it; tests bring their own.
pub trait Log: Send + Sync + 'static {
    /// The ends of logs. Deleted projects are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    fn tops<'a>(&'a self, projects: &'a [ProjectId]) -> BoxFuture<'a, Result<Vec<Top>, LogUnavailable>>;

    /// The first `limit` events after `since`, read in one transaction with the log's end; `None` when the project is
    /// gone.
    ///
    /// # Errors
    /// When the database does not answer.
    fn since(
        &self,
        project: ProjectId,
        since: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<LogPage>, LogUnavailable>>;

    /// The end of a log and its readers, read in one transaction; `None` when the project is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    fn locate(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Located>, LogUnavailable>>;

    /// Gives a project's log a new epoch, unless its epoch is no longer `only`.
    ///
    /// # Errors
    /// When the database does not answer.
    fn rotate_epoch(&self, project: ProjectId, only: Epoch) -> BoxFuture<'_, Result<(), LogUnavailable>>;

    /// The current access of each subscription, with the end of its log.
    ///
    /// # Errors
    /// When the database does not answer.
    fn access<'a>(&'a self, listening: &'a [Listening]) -> BoxFuture<'a, Result<Vec<Access>, LogUnavailable>>;

    /// The changes of a task's comments; `None` when the task is not in this project, or the reader is not a member.
    ///
    /// # Errors
    /// When the database does not answer.
    fn thread(&self, ask: ThreadAsk) -> BoxFuture<'_, Result<Option<ThreadChanges>, LogUnavailable>>;

    /// The given tasks that are on a project's board.
    ///
    /// # Errors
    /// When the database does not answer.
    fn on_board<'a>(
        &'a self,
        project: ProjectId,
        tasks: &'a [TaskId],
    ) -> BoxFuture<'a, Result<Vec<TaskId>, LogUnavailable>>;

    /// The current state of comments, deleted or not, in no particular order.
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
    tracing::warn!(%error, "a room could not read the log");
    LogUnavailable
}
