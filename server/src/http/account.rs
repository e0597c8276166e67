//! `/api/account`: one's own account, and its sessions.

use axum::{Json as Body, extract::State, http::StatusCode};
use engine::{Account, AccountSession, PublicSessionId, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::CurrentUser,
    write::{Nothing, Path, Write},
};
use crate::{
    audit::{AuditEntry, AuditEvent},
    service::{
        ServiceError, Services,
        account::{AccountPatch, CurrentSession, profile},
    },
};

/// One's own account.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct AccountBody {
    /// The account.
    account: Account,
}

/// The sessions of an account.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct SessionsBody {
    /// The sessions: the current one first, then the most recently used.
    sessions: Vec<AccountSession>,
}

/// Get your account.
#[utoipa::path(
    get, path = "/account", tag = "account",
    responses((status = 200, body = AccountBody), (status = 401, body = ErrorBody))
)]
pub(super) async fn get(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
) -> Result<Body<AccountBody>, ServiceError> {
    Ok(Body(AccountBody { account: services.accounts.account(&services.store, user.id).await? }))
}

/// Change your name or address. If the server sends e-mail, a new address takes effect once it is confirmed.
#[utoipa::path(
    patch, path = "/account", tag = "account", request_body = AccountPatch,
    responses((status = 200, body = AccountBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn update(
    State(services): State<Services>,
    session: CurrentSession,
    Write(_intent, patch): Write<AccountPatch>,
) -> Result<Body<AccountBody>, ServiceError> {
    let entry =
        patch.email.as_ref().map(|email| AuditEntry::new(AuditEvent::EmailChanged).user(&session.user).detail(email));
    let changed = profile::change(&services, session, patch).await;
    if let Some(entry) = entry {
        entry.write_result(&changed);
    }
    Ok(Body(AccountBody { account: changed? }))
}

/// Resend the letter that confirms your address.
#[utoipa::path(
    post, path = "/account/verification", tag = "account",
    responses((status = 204), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn ask_again(
    State(services): State<Services>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<StatusCode, ServiceError> {
    services.accounts.resend_verification(&services.store, intent.user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List your sessions.
#[utoipa::path(
    get, path = "/account/sessions", tag = "account",
    responses((status = 200, body = SessionsBody), (status = 401, body = ErrorBody))
)]
pub(super) async fn sessions(
    session: CurrentSession,
    State(services): State<Services>,
) -> Result<Body<SessionsBody>, ServiceError> {
    Ok(Body(SessionsBody { sessions: services.accounts.sessions(&services.store, &session).await? }))
}

/// End all other sessions.
#[utoipa::path(
    delete, path = "/account/sessions", tag = "account",
    responses((status = 204), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn end_other_sessions(
    State(services): State<Services>,
    session: CurrentSession,
    Write(_intent, Nothing {}): Write<Nothing>,
) -> Result<StatusCode, ServiceError> {
    services.accounts.end_other_sessions(&services.store, &services.realtime, &session).await?;
    AuditEntry::new(AuditEvent::SessionsEnded).user(&session.user).detail("all others").write();
    Ok(StatusCode::NO_CONTENT)
}

/// End one of your sessions.
#[utoipa::path(
    delete, path = "/account/sessions/{session_id}", tag = "account", params(("session_id" = PublicSessionId, Path)),
    responses((status = 204), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn end_session(
    State(services): State<Services>,
    session: CurrentSession,
    Path(id): Path<PublicSessionId>,
    Write(_intent, Nothing {}): Write<Nothing>,
) -> Result<StatusCode, ServiceError> {
    services.accounts.end_session(&services.store, &services.realtime, &session, id).await?;
    AuditEntry::new(AuditEvent::SessionsEnded).user(&session.user).detail("one other").write();
    Ok(StatusCode::NO_CONTENT)
}
