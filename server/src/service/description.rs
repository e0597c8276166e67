//! Descriptions of tasks, rendered on read so that mentions show current names.

use engine::{TaskDescription, TaskId, User};

use super::{ServiceError, comment, markdown, task};
use crate::store::Store;

/// A task's description, as Markdown and as HTML.
///
/// # Errors
/// `task_not_found`, also for tasks of projects that the user is not a member of.
pub async fn read(store: &Store, user: &User, id: TaskId) -> Result<TaskDescription, ServiceError> {
    let task = task::get(store, user, id).await?;
    let text = task.description.unwrap_or_default();
    let html = match comment::render(store, task.project_id, &text, Vec::new()).await {
        Ok(prose) => Some(prose.html),
        // Too much markup.
        Err(ServiceError::Refused(_)) => None,
        Err(error) => return Err(error),
    };
    let boxes = if html.is_some() { markdown::boxes(&text) } else { Vec::new() };
    Ok(TaskDescription { task_id: id, version: task.version, text, html, boxes })
}
