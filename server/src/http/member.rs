//! `/api/projects/{project_id}/members`.

use axum::{Json, extract::State};
use engine::{Member, ProjectId, UserId, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::CurrentUser,
    write::{Nothing, Path, Write},
};
use crate::{
    audit::{Entry, Event},
    service::{
        Answer, Stop,
        member::{self, MemberChanged, RoleChange},
    },
    state::AppState,
    store::Store,
};

/// Members.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct MemberList {
    /// In the order in which they joined.
    pub(super) members: Vec<Member>,
}

/// Who is in a project.
#[utoipa::path(
    get, path = "/projects/{project_id}/members", tag = "members", params(("project_id" = ProjectId, Path)),
    responses((status = 200, body = MemberList), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(project): Path<ProjectId>,
) -> Result<Json<MemberList>, Stop> {
    Ok(Json(MemberList { members: member::list(&store, &user, project).await? }))
}

/// Give a member another role.
#[utoipa::path(
    patch, path = "/projects/{project_id}/members/{user_id}", tag = "members",
    params(("project_id" = ProjectId, Path), ("user_id" = UserId, Path)), request_body = RoleChange,
    responses((status = 200, body = MemberChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn update(
    State(state): State<AppState>,
    Path((project, user)): Path<(ProjectId, UserId)>,
    Write(intent, change): Write<RoleChange>,
) -> Result<Answer, Stop> {
    let entry = Entry::new(Event::RoleChanged).user(&intent.user).project(project);
    let entry = entry.subject(user).role(change.role);
    let answer = member::set_role(&state, intent, project, user, change.role).await;
    entry.write_result(&answer);
    answer
}

/// Let a member go, or leave. It can be undone for ten minutes.
#[utoipa::path(
    delete, path = "/projects/{project_id}/members/{user_id}", tag = "members",
    params(("project_id" = ProjectId, Path), ("user_id" = UserId, Path)),
    responses((status = 200, body = MemberChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn remove(
    State(state): State<AppState>,
    Path((project, user)): Path<(ProjectId, UserId)>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<Answer, Stop> {
    let entry = Entry::new(Event::MemberRemoved).user(&intent.user).project(project).subject(user);
    let answer = member::remove(&state, intent, project, user).await;
    entry.write_result(&answer);
    answer
}

/// Undo the removal of a member, for ten minutes: by whoever removed them, or has left.
#[utoipa::path(
    post, path = "/projects/{project_id}/members/{user_id}/restore", tag = "members",
    params(("project_id" = ProjectId, Path), ("user_id" = UserId, Path)),
    responses((status = 200, body = MemberChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn restore(
    State(state): State<AppState>,
    Path((project, user)): Path<(ProjectId, UserId)>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<Answer, Stop> {
    let entry = Entry::new(Event::MemberRestored).user(&intent.user).project(project).subject(user);
    let answer = member::restore(&state, intent, project, user).await;
    entry.write_result(&answer);
    answer
}
