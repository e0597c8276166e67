//! `/api/projects`.

use axum::{Json, extract::State};
use engine::{Project, ProjectId, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::CurrentUser,
    write::{Nothing, Path, Write},
};
use crate::{
    audit::{AuditEntry, AuditEvent},
    service::{
        OpResponse, ServiceError, Services, board,
        project::{self, ProjectBody, ProjectChanged, ProjectFields},
    },
    store::Store,
};

/// The projects of a user.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct ProjectList {
    /// Oldest first.
    pub(super) projects: Vec<Project>,
}

/// List your projects.
#[utoipa::path(
    get, path = "/projects", tag = "projects",
    responses((status = 200, body = ProjectList), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
) -> Result<Json<ProjectList>, ServiceError> {
    Ok(Json(ProjectList { projects: board::projects(&store, &user).await? }))
}

/// Create a project with three statuses. You become its owner.
#[utoipa::path(
    post, path = "/projects", tag = "projects", request_body = ProjectFields,
    responses((status = 201, body = ProjectBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn create(
    State(services): State<Services>,
    Write(intent, fields): Write<ProjectFields>,
) -> Result<OpResponse, ServiceError> {
    project::create(&services, intent, fields).await
}

/// Get a project.
#[utoipa::path(
    get, path = "/projects/{project_id}", tag = "projects", params(("project_id" = ProjectId, Path)),
    responses((status = 200, body = ProjectBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn get(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(id): Path<ProjectId>,
) -> Result<Json<ProjectBody>, ServiceError> {
    Ok(Json(ProjectBody { project: board::project(&store, &user, id).await? }))
}

/// Rename a project.
#[utoipa::path(
    patch, path = "/projects/{project_id}", tag = "projects", params(("project_id" = ProjectId, Path)),
    request_body = ProjectFields,
    responses((status = 200, body = ProjectChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn update(
    State(services): State<Services>,
    Path(id): Path<ProjectId>,
    Write(intent, fields): Write<ProjectFields>,
) -> Result<OpResponse, ServiceError> {
    project::rename(&services, intent, id, fields).await
}

/// Delete a project.
#[utoipa::path(
    delete, path = "/projects/{project_id}", tag = "projects", params(("project_id" = ProjectId, Path)),
    responses((status = 200, body = ProjectChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete(
    State(services): State<Services>,
    Path(id): Path<ProjectId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    let entry = AuditEntry::new(AuditEvent::ProjectDeleted).user(&intent.user).project(id);
    let answer = project::delete(&services, intent, id).await;
    entry.write_result(&answer);
    answer
}
