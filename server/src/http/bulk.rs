//! `/api/projects/{project_id}/tasks/bulk`.

use axum::extract::State;
use engine::{Bulk, ProjectId, error::ErrorBody};

use super::write::{Path, Write};
use crate::service::{
    OpResponse, ServiceError, Services,
    bulk::{self, TasksChanged},
};

/// Move, assign, change, delete or restore up to 500 tasks, all or nothing.
#[utoipa::path(
    post, path = "/projects/{project_id}/tasks/bulk", tag = "tasks", params(("project_id" = ProjectId, Path)),
    request_body = Bulk,
    responses((status = 200, body = TasksChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn change(
    State(services): State<Services>,
    Path(project): Path<ProjectId>,
    Write(intent, bulk): Write<Bulk>,
) -> Result<OpResponse, ServiceError> {
    bulk::change(&services, intent, project, bulk).await
}
