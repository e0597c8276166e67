//! `/api/auth` and `/api/me`.

use std::net::SocketAddr;

use axum::{
    Json as Body,
    extract::{ConnectInfo, Extension, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use engine::{User, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::{self, CurrentUser},
    write::{Json, Nothing},
};
use crate::{
    audit::{Entry, Event},
    security,
    service::{
        Stop,
        account::{self, Credentials, CurrentSession, PasswordChange, Registration, SignedIn},
    },
    state::AppState,
};

/// Who is signed in.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct UserBody {
    /// Who.
    pub(super) user: User,
}

/// Make an account and sign in.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", request_body = Registration,
    responses((status = 201, body = UserBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn register(
    State(state): State<AppState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Json(registration): Json<Registration>,
) -> Result<Response, Stop> {
    let address = security::address(&state.config, &headers, peer);
    let entry = Entry::new(Event::Registration).account(&registration.email);
    let registered = state.accounts.register(&state.store, registration, address).await;
    note(entry, &registered);
    Ok(welcome(&state, &headers, StatusCode::CREATED, registered?))
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
) -> Result<Response, Stop> {
    let address = security::address(&state.config, &headers, peer);
    let entry = Entry::new(Event::SignIn).account(&credentials.email);
    let signed_in = state.accounts.login(&state.store, credentials, address).await;
    note(entry, &signed_in);
    Ok(welcome(&state, &headers, StatusCode::OK, signed_in?))
}

/// Sign out. Whoever is not signed in already is.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204)))]
pub(super) async fn logout(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, Stop> {
    if let Some(token) = session::token(&state, &headers) {
        let session = session::current(&state, &headers).await?;
        account::logout(&state.store, &state.realtime, &token).await?;
        if let Some(CurrentSession { user, .. }) = session {
            Entry::new(Event::SignOut).user(&user).write();
        }
    }
    Ok((StatusCode::NO_CONTENT, session::set_cookie(&state, &headers, "")).into_response())
}

/// Change one's own password. All other sessions of the account end.
#[utoipa::path(
    post, path = "/auth/password", tag = "auth", request_body = PasswordChange,
    responses((status = 204), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn change_password(
    State(state): State<AppState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    session: CurrentSession,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Stop> {
    let address = security::address(&state.config, &headers, peer);
    let entry = Entry::new(Event::PasswordChanged).user(&session.user).detail("ends all other sessions");
    let changed = state.accounts.change_password(&state.store, &state.realtime, session, change, address).await;
    entry.write_result(&changed);
    changed.map(|()| StatusCode::NO_CONTENT)
}

/// Who is signed in.
#[utoipa::path(
    get, path = "/me", tag = "auth",
    responses((status = 200, body = UserBody), (status = 401, body = ErrorBody))
)]
pub(super) async fn me(CurrentUser(user): CurrentUser) -> Body<UserBody> {
    Body(UserBody { user })
}

/// Whoever signed in is known by their id as well.
fn note(entry: Entry, result: &Result<SignedIn, Stop>) {
    match result {
        Ok(SignedIn { user, .. }) => entry.user(user).write(),
        Err(_) => entry.write_result(result),
    }
}

fn welcome(state: &AppState, headers: &HeaderMap, status: StatusCode, signed_in: SignedIn) -> Response {
    let cookie = session::set_cookie(state, headers, &signed_in.token);
    (status, cookie, Body(UserBody { user: signed_in.user })).into_response()
}
