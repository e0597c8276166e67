//! Watching a task: being told of what happens to it.

use engine::{TaskId, comment::Watching};

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{Right, task_not_found},
    write::ProjectWrite,
};

/// Makes whoever asks a watcher of a task, or makes them none, which then nothing that they do to it changes. It is
/// theirs alone: no event tells of it.
///
/// # Errors
/// `task_not_found`.
pub async fn set(
    services: &Services,
    intent: Intent,
    task: TaskId,
    watching: bool,
) -> Result<OpResponse, ServiceError> {
    let (mut write, row) = ProjectWrite::enter_task(services, intent, task, Right::Watch).await?;
    if row.deleted {
        return Err(task_not_found().into());
    }
    write.tx.set_watching(task, write.intent.user.id, watching).await?;
    write.commit(200, &Watching { watching }).await
}
