//! `/api/projects/{project_id}/invitations` and `/api/invitations`.

use axum::{Json, extract::State, http::HeaderMap};
use engine::{Invitation, InvitationId, InvitationOffer, ProjectId, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::{self, CurrentUser},
    write::{Nothing, Path, Write},
};
use crate::{
    audit::{AuditEntry, AuditEvent},
    security,
    service::{
        OpResponse, ServiceError,
        invitation::{self, InvitationDeclined, InvitationDraft, InvitationMade, InvitationRevoked},
        project::ProjectChanged,
    },
    state::AppState,
};

/// Invitations.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct InvitationList {
    /// Oldest first.
    pub(super) invitations: Vec<Invitation>,
}

/// The offer behind an invitation's link.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct InvitationOfferBody {
    /// The invitation.
    pub(super) invitation: InvitationOffer,
}

/// List the open invitations to a project, with their links, and the declined ones.
#[utoipa::path(
    get, path = "/projects/{project_id}/invitations", tag = "members", params(("project_id" = ProjectId, Path)),
    responses((status = 200, body = InvitationList), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    CurrentUser(user): CurrentUser,
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(project): Path<ProjectId>,
) -> Result<Json<InvitationList>, ServiceError> {
    let site = security::site(&state.config, &headers);
    Ok(Json(InvitationList { invitations: invitation::list(&state.services, &user, project, &site).await? }))
}

/// Invite one person: the account of an address, or the first person who uses the link. The invitation expires after 7
/// days.
#[utoipa::path(
    post, path = "/projects/{project_id}/invitations", tag = "members", params(("project_id" = ProjectId, Path)),
    request_body = InvitationDraft,
    responses((status = 201, body = InvitationMade), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn create(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(project): Path<ProjectId>,
    Write(intent, draft): Write<InvitationDraft>,
) -> Result<OpResponse, ServiceError> {
    let site = security::site(&state.config, &headers);
    let entry = AuditEntry::new(AuditEvent::InvitationCreated).user(&intent.user).project(project).role(draft.role);
    let entry = match &draft.email {
        Some(email) => entry.subject(email),
        None => entry,
    };
    let answer = invitation::create(&state.services, intent, project, draft, &site).await;
    entry.write_result(&answer);
    answer
}

/// Get an invitation's inviter and project. Takes the token in the link, and needs no session.
#[utoipa::path(
    get, path = "/invitations/{invitation}", tag = "members",
    params(("invitation" = String, Path, description = "The token in the link")),
    responses((status = 200, body = InvitationOfferBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn offer(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Json<InvitationOfferBody>, ServiceError> {
    let user = session::current(&state, &headers).await?.map(|session| session.user);
    let invitation = invitation::offer(&state.services.store, user.as_ref(), &token).await?;
    Ok(Json(InvitationOfferBody { invitation }))
}

/// Accept an invitation. Has no effect for members.
#[utoipa::path(
    post, path = "/invitations/{invitation}/accept", tag = "members",
    params(("invitation" = String, Path, description = "The token in the link")),
    responses((status = 200, body = ProjectChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn accept(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    let entry = AuditEntry::new(AuditEvent::InvitationAccepted).user(&intent.user);
    let answer = invitation::accept(&state.services, intent, &token).await;
    entry.write_result(&answer);
    answer
}

/// Decline an invitation. It can no longer be accepted, and the owners see that it was declined.
#[utoipa::path(
    post, path = "/invitations/{invitation}/decline", tag = "members",
    params(("invitation" = String, Path, description = "The token in the link")),
    responses((status = 200, body = InvitationDeclined), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn decline(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    let entry = AuditEntry::new(AuditEvent::InvitationDeclined).user(&intent.user);
    let answer = invitation::decline(&state.services, intent, &token).await;
    entry.write_result(&answer);
    answer
}

/// Revoke an invitation.
#[utoipa::path(
    delete, path = "/invitations/{invitation}", tag = "members",
    params(("invitation" = InvitationId, Path, description = "The id of the invitation")),
    responses((status = 200, body = InvitationRevoked), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn revoke(
    State(state): State<AppState>,
    Path(id): Path<InvitationId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    let entry =
        AuditEntry::new(AuditEvent::InvitationRevoked).user(&intent.user).detail(format_args!("invitation {id}"));
    let answer = invitation::revoke(&state.services, intent, id).await;
    entry.write_result(&answer);
    answer
}
