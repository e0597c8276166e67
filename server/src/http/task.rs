//! `/api/tasks`, and the tasks of a project.

use axum::{Json, extract::State};
use engine::{Assignment, Placement, ProjectId, Task, TaskDescription, TaskDraft, TaskId, TaskPatch, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::CurrentUser,
    write::{Nothing, Path, Write},
};
use crate::{
    service::{
        OpResponse, ServiceError, Services, description,
        task::{self, TaskChanged},
    },
    store::Store,
};

/// A task.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct TaskBody {
    /// With its description.
    pub(super) task: Task,
}

/// Create a task at the end of its column.
#[utoipa::path(
    post, path = "/projects/{project_id}/tasks", tag = "tasks", params(("project_id" = ProjectId, Path)),
    request_body = TaskDraft,
    responses((status = 201, body = TaskChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn create(
    State(services): State<Services>,
    Path(project): Path<ProjectId>,
    Write(intent, draft): Write<TaskDraft>,
) -> Result<OpResponse, ServiceError> {
    task::create(&services, intent, project, draft).await
}

/// Get a task with its description.
#[utoipa::path(
    get, path = "/tasks/{task_id}", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = TaskBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn get(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(id): Path<TaskId>,
) -> Result<Json<TaskBody>, ServiceError> {
    Ok(Json(TaskBody { task: task::get(&store, &user, id).await? }))
}

/// Get a task's description as Markdown and as HTML.
#[utoipa::path(
    get, path = "/tasks/{task_id}/description", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = TaskDescription), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn description(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(id): Path<TaskId>,
) -> Result<Json<TaskDescription>, ServiceError> {
    Ok(Json(description::read(&store, &user, id).await?))
}

/// Change fields of a task.
#[utoipa::path(
    patch, path = "/tasks/{task_id}", tag = "tasks", params(("task_id" = TaskId, Path)), request_body = TaskPatch,
    responses((status = 200, body = TaskChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn update(
    State(services): State<Services>,
    Path(id): Path<TaskId>,
    Write(intent, patch): Write<TaskPatch>,
) -> Result<OpResponse, ServiceError> {
    task::update(&services, intent, id, patch).await
}

/// Delete a task. It can be restored.
#[utoipa::path(
    delete, path = "/tasks/{task_id}", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = TaskChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete(
    State(services): State<Services>,
    Path(id): Path<TaskId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    task::delete(&services, intent, id).await
}

/// Move a task to a position in a column.
#[utoipa::path(
    patch, path = "/tasks/{task_id}/status", tag = "tasks", params(("task_id" = TaskId, Path)),
    request_body = Placement,
    responses((status = 200, body = TaskChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn move_to(
    State(services): State<Services>,
    Path(id): Path<TaskId>,
    Write(intent, to): Write<Placement>,
) -> Result<OpResponse, ServiceError> {
    task::move_to(&services, intent, id, to).await
}

/// Restore a deleted task.
#[utoipa::path(
    post, path = "/tasks/{task_id}/restore", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = TaskChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn restore(
    State(services): State<Services>,
    Path(id): Path<TaskId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    task::restore(&services, intent, id).await
}

/// Assign a task to a member, or to no one.
#[utoipa::path(
    post, path = "/tasks/{task_id}/assign", tag = "tasks", params(("task_id" = TaskId, Path)),
    request_body = Assignment,
    responses((status = 200, body = TaskChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn assign(
    State(services): State<Services>,
    Path(id): Path<TaskId>,
    Write(intent, to): Write<Assignment>,
) -> Result<OpResponse, ServiceError> {
    task::assign(&services, intent, id, to.assignee_id).await
}
