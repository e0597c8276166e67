//! `/api/auth` and `/api/me`.

use std::net::SocketAddr;

use axum::{
    Json as Body,
    extract::{ConnectInfo, Extension, State},
    http::{HeaderMap, StatusCode},
    response::{AppendHeaders, IntoResponse as _, Response},
};
use engine::{User, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::{self, CurrentUser},
    write::{Json, Nothing},
};
use crate::{
    audit::{AuditEntry, AuditEvent},
    security,
    service::{
        ServiceError,
        account::{
            self, Confirmation, Credentials, CurrentSession, Forgotten, KnownDevices, PasswordChange, PasswordReset,
            Registration, SignedIn, profile,
        },
    },
    state::AppState,
};

/// The signed-in user.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct UserBody {
    /// The user.
    pub(super) user: User,
}

/// A confirmed address.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct ConfirmedBody {
    /// The address.
    email: String,
}

/// Create an account and sign in.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", request_body = Registration,
    responses((status = 201, body = UserBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn register(
    State(state): State<AppState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Json(registration): Json<Registration>,
) -> Result<Response, ServiceError> {
    let address = security::address(&state.config, &headers, peer);
    let device = session::device(&headers, Some(address));
    let entry = AuditEntry::new(AuditEvent::Registration).account(&registration.email);
    let registered = state.services.accounts.register(&state.services.store, registration, address, &device).await;
    note(entry, &registered);
    let known = session::known_devices(&state, &headers);
    Ok(welcome(&state, &headers, StatusCode::CREATED, registered?, known))
}

/// Sign in.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", request_body = Credentials,
    responses((status = 200, body = UserBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn login(
    State(state): State<AppState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response, ServiceError> {
    let address = security::address(&state.config, &headers, peer);
    let device = session::device(&headers, Some(address));
    let entry = AuditEntry::new(AuditEvent::SignIn).account(&credentials.email);
    let known = session::known_devices(&state, &headers);
    let signed_in = state.services.accounts.login(&state.services.store, credentials, address, &device, &known).await;
    note(entry, &signed_in);
    Ok(welcome(&state, &headers, StatusCode::OK, signed_in?, known))
}

/// Sign out. Has no effect if you are not signed in.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204)))]
pub(super) async fn logout(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ServiceError> {
    if let Some(token) = session::token(&state, &headers) {
        let session = session::current(&state, &headers).await?;
        account::logout(&state.services.store, &state.services.realtime, &token).await?;
        if let Some(CurrentSession { user, .. }) = session {
            AuditEntry::new(AuditEvent::SignOut).user(&user).write();
        }
    }
    Ok((StatusCode::NO_CONTENT, session::set_cookie(&state, &headers, "")).into_response())
}

/// Change your password. All other sessions of the account end.
#[utoipa::path(
    post, path = "/auth/password", tag = "auth", request_body = PasswordChange,
    responses((status = 204), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn change_password(
    State(state): State<AppState>,
    session: CurrentSession,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, ServiceError> {
    let entry = AuditEntry::new(AuditEvent::PasswordChanged).user(&session.user).detail("ends all other sessions");
    let changed =
        state.services.accounts.change_password(&state.services.store, &state.services.realtime, session, change).await;
    entry.write_result(&changed);
    changed.map(|()| StatusCode::NO_CONTENT)
}

/// Request a letter with a link that resets a forgotten password. The response is the same whether or not the address
/// has an account.
#[utoipa::path(
    post, path = "/auth/forgot-password", tag = "auth", request_body = Forgotten,
    responses((status = 204), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn forgot_password(
    State(state): State<AppState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Json(forgotten): Json<Forgotten>,
) -> Result<StatusCode, ServiceError> {
    let address = security::address(&state.config, &headers, peer);
    let entry = AuditEntry::new(AuditEvent::PasswordResetRequested).account(&forgotten.email);
    let asked = state.services.accounts.forgot(&state.services.store, forgotten, address).await;
    entry.write_result(&asked);
    asked.map(|()| StatusCode::NO_CONTENT)
}

/// Set a new password by the link of a letter, which works once, for 30 minutes. All sessions of the account end.
#[utoipa::path(
    post, path = "/auth/reset-password", tag = "auth", request_body = PasswordReset,
    responses((status = 204), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn reset_password(
    State(state): State<AppState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Json(reset): Json<PasswordReset>,
) -> Result<Response, ServiceError> {
    let address = security::address(&state.config, &headers, peer);
    let entry = AuditEntry::new(AuditEvent::PasswordReset).detail("by a link; ends all sessions");
    let done =
        state.services.accounts.reset_by_link(&state.services.store, &state.services.realtime, reset, address).await;
    entry.write_result(&done);
    // Whoever can read the account's mail may sign in to it, however many strangers try.
    let known = state.services.accounts.remember_device(session::known_devices(&state, &headers), &done?);
    Ok((StatusCode::NO_CONTENT, AppendHeaders(session::set_known_devices(&state, &headers, &known))).into_response())
}

/// Confirm an e-mail address by the link of a letter, which works once, for 24 hours. Needs no session.
#[utoipa::path(
    post, path = "/auth/verify-email", tag = "auth", request_body = Confirmation,
    responses((status = 200, body = ConfirmedBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn verify_email(
    State(state): State<AppState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Json(confirmation): Json<Confirmation>,
) -> Result<Body<ConfirmedBody>, ServiceError> {
    let address = security::address(&state.config, &headers, peer);
    let entry = AuditEntry::new(AuditEvent::EmailVerified);
    let confirmed = profile::confirm(&state.services, confirmation, address).await;
    let entry = match &confirmed {
        Ok(email) => entry.account(email),
        Err(_) => entry,
    };
    entry.write_result(&confirmed);
    Ok(Body(ConfirmedBody { email: confirmed? }))
}

/// Get the signed-in user.
#[utoipa::path(
    get, path = "/me", tag = "auth",
    responses((status = 200, body = UserBody), (status = 401, body = ErrorBody))
)]
pub(super) async fn me(CurrentUser(user): CurrentUser) -> Body<UserBody> {
    Body(UserBody { user })
}

/// Adds the id of the user who signed in to an audit entry.
fn note(entry: AuditEntry, result: &Result<SignedIn, ServiceError>) {
    match result {
        Ok(SignedIn { user, .. }) => entry.user(user).write(),
        Err(_) => entry.write_result(result),
    }
}

fn welcome(
    state: &AppState,
    headers: &HeaderMap,
    status: StatusCode,
    SignedIn { user, token }: SignedIn,
    known: KnownDevices,
) -> Response {
    let cookie = session::set_cookie(state, headers, &token);
    let known =
        session::set_known_devices(state, headers, &state.services.accounts.remember_device(known, &user.email));
    (status, cookie, AppendHeaders(known), Body(UserBody { user })).into_response()
}
