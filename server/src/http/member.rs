//! `/api/projects/{project_id}/members`.

use axum::{Json, extract::State};
use engine::{Colleague, Member, ProjectId, UserId, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::CurrentUser,
    write::{Nothing, Path, Write},
};
use crate::{
    audit::{AuditEntry, AuditEvent},
    service::{
        OpResponse, ServiceError, Services,
        member::{self, MemberChanged, RoleChange},
    },
    store::Store,
};

/// The members of a project.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct MemberList {
    /// In the order in which they joined.
    pub(super) members: Vec<Member>,
}

/// The colleagues of a user.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct ColleagueList {
    /// In no particular order.
    pub(super) colleagues: Vec<Colleague>,
}

/// List everyone who shares a project with you, and yourself. Pages across projects colour people by it.
#[utoipa::path(
    get, path = "/colleagues", tag = "members",
    responses((status = 200, body = ColleagueList), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn colleagues(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
) -> Result<Json<ColleagueList>, ServiceError> {
    Ok(Json(ColleagueList { colleagues: member::colleagues(&store, &user).await? }))
}

/// List the members of a project.
#[utoipa::path(
    get, path = "/projects/{project_id}/members", tag = "members", params(("project_id" = ProjectId, Path)),
    responses((status = 200, body = MemberList), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(project): Path<ProjectId>,
) -> Result<Json<MemberList>, ServiceError> {
    Ok(Json(MemberList { members: member::list(&store, &user, project).await? }))
}

/// Change a member's role.
#[utoipa::path(
    patch, path = "/projects/{project_id}/members/{user_id}", tag = "members",
    params(("project_id" = ProjectId, Path), ("user_id" = UserId, Path)), request_body = RoleChange,
    responses((status = 200, body = MemberChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn update(
    State(services): State<Services>,
    Path((project, user)): Path<(ProjectId, UserId)>,
    Write(intent, change): Write<RoleChange>,
) -> Result<OpResponse, ServiceError> {
    let entry = AuditEntry::new(AuditEvent::RoleChanged).user(&intent.user).project(project);
    let entry = entry.subject(user).role(change.role);
    let answer = member::set_role(&services, intent, project, user, change.role).await;
    entry.write_result(&answer);
    answer
}

/// Remove a member, or leave. It can be undone for ten minutes.
#[utoipa::path(
    delete, path = "/projects/{project_id}/members/{user_id}", tag = "members",
    params(("project_id" = ProjectId, Path), ("user_id" = UserId, Path)),
    responses((status = 200, body = MemberChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn remove(
    State(services): State<Services>,
    Path((project, user)): Path<(ProjectId, UserId)>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    let entry = AuditEntry::new(AuditEvent::MemberRemoved).user(&intent.user).project(project).subject(user);
    let answer = member::remove(&services, intent, project, user).await;
    entry.write_result(&answer);
    answer
}

/// Undo the removal of a member, for ten minutes: for the owner who removed them, or a member who left.
#[utoipa::path(
    post, path = "/projects/{project_id}/members/{user_id}/restore", tag = "members",
    params(("project_id" = ProjectId, Path), ("user_id" = UserId, Path)),
    responses((status = 200, body = MemberChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn restore(
    State(services): State<Services>,
    Path((project, user)): Path<(ProjectId, UserId)>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    let entry = AuditEntry::new(AuditEvent::MemberRestored).user(&intent.user).project(project).subject(user);
    let answer = member::restore(&services, intent, project, user).await;
    entry.write_result(&answer);
    answer
}
