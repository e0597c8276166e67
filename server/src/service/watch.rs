//! Watching a task: receiving notifications about it.

use engine::{TaskId, comment::Watching};

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{Right, task_not_found},
    write::ProjectWrite,
};

/// Makes the user watch or stop watching a task; once stopped, none of their own changes makes them watch it again. It
/// is personal: there is no event.
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
