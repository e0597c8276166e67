//! `/api/tasks/{task_id}/watch`.

use axum::extract::State;
use engine::{TaskId, comment::Watching, error::ErrorBody};

use super::write::{Nothing, Path, Write};
use crate::{
    service::{Answer, Stop, watch},
    state::AppState,
};

/// Be told of what happens to a task.
#[utoipa::path(
    put, path = "/tasks/{task_id}/watch", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = Watching), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn watch(
    State(state): State<AppState>,
    Path(id): Path<TaskId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<Answer, Stop> {
    watch::set(&state, intent, id, true).await
}

/// Be told no longer, whatever else one does with the task.
#[utoipa::path(
    delete, path = "/tasks/{task_id}/watch", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = Watching), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn unwatch(
    State(state): State<AppState>,
    Path(id): Path<TaskId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<Answer, Stop> {
    watch::set(&state, intent, id, false).await
}
