//! `/api/projects/{project_id}/statuses`.

use axum::{Json, extract::State};
use engine::{ProjectId, Status, StatusId, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::CurrentUser,
    write::{Nothing, Path, Write},
};
use crate::{
    service::{
        OpResponse, ServiceError, Services,
        status::{self, StatusChanged, StatusDraft, StatusPatch},
    },
    store::Store,
};

/// The statuses of a project.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct StatusList {
    /// In order.
    pub(super) statuses: Vec<Status>,
}

/// List the statuses of a project.
#[utoipa::path(
    get, path = "/projects/{project_id}/statuses", tag = "statuses", params(("project_id" = ProjectId, Path)),
    responses((status = 200, body = StatusList), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(project): Path<ProjectId>,
) -> Result<Json<StatusList>, ServiceError> {
    Ok(Json(StatusList { statuses: status::list(&store, &user, project).await? }))
}

/// Create a status.
#[utoipa::path(
    post, path = "/projects/{project_id}/statuses", tag = "statuses", params(("project_id" = ProjectId, Path)),
    request_body = StatusDraft,
    responses((status = 201, body = StatusChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn create(
    State(services): State<Services>,
    Path(project): Path<ProjectId>,
    Write(intent, draft): Write<StatusDraft>,
) -> Result<OpResponse, ServiceError> {
    status::create(&services, intent, project, draft).await
}

/// Change a status, or move it.
#[utoipa::path(
    patch, path = "/projects/{project_id}/statuses/{status_id}", tag = "statuses",
    params(("project_id" = ProjectId, Path), ("status_id" = StatusId, Path)), request_body = StatusPatch,
    responses((status = 200, body = StatusChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn update(
    State(services): State<Services>,
    Path((project, id)): Path<(ProjectId, StatusId)>,
    Write(intent, patch): Write<StatusPatch>,
) -> Result<OpResponse, ServiceError> {
    status::update(&services, intent, project, id, patch).await
}

/// Delete an empty status. It can be restored for ten minutes.
#[utoipa::path(
    delete, path = "/projects/{project_id}/statuses/{status_id}", tag = "statuses",
    params(("project_id" = ProjectId, Path), ("status_id" = StatusId, Path)),
    responses((status = 200, body = StatusChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete(
    State(services): State<Services>,
    Path((project, id)): Path<(ProjectId, StatusId)>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    status::delete(&services, intent, project, id).await
}

/// Restore a deleted status at its former position, for ten minutes.
#[utoipa::path(
    post, path = "/projects/{project_id}/statuses/{status_id}/restore", tag = "statuses",
    params(("project_id" = ProjectId, Path), ("status_id" = StatusId, Path)),
    responses((status = 200, body = StatusChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn restore(
    State(services): State<Services>,
    Path((project, id)): Path<(ProjectId, StatusId)>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    status::restore(&services, intent, project, id).await
}
