//! `/api/tasks/{task_id}/watch`.

use axum::extract::State;
use engine::{TaskId, comment::Watching, error::ErrorBody};

use super::write::{Nothing, Path, Write};
use crate::service::{OpResponse, ServiceError, Services, watch};

/// Watch a task.
#[utoipa::path(
    put, path = "/tasks/{task_id}/watch", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = Watching), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn watch(
    State(services): State<Services>,
    Path(id): Path<TaskId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    watch::set(&services, intent, id, true).await
}

/// Stop watching a task.
#[utoipa::path(
    delete, path = "/tasks/{task_id}/watch", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = Watching), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn unwatch(
    State(services): State<Services>,
    Path(id): Path<TaskId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    watch::set(&services, intent, id, false).await
}
