//! `/api/ws-token`: tokens for clients that cannot send a cookie to a socket, and for pages of another origin.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State, rejection::BytesRejection},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    realtime::token::{self, TokenUser},
    secret::Secret,
    service::account::CurrentSession,
    state::AppState,
};

/// A token that opens a socket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WsToken {
    /// Send it as `?token=`, or in an `auth` frame.
    token: String,
}

/// Get a token that opens sockets for a minute.
///
/// # Errors
/// When no user is signed in (401 `not_signed_in`).
#[utoipa::path(
    post,
    path = "/ws-token",
    tag = "auth",
    summary = "Get a socket token",
    responses((status = 200, body = WsToken), (status = 401, body = engine::error::ErrorBody))
)]
pub(super) async fn issue(State(secret): State<Secret>, session: CurrentSession, Skipped: Skipped) -> Json<WsToken> {
    let CurrentSession { user, id } = session;
    let user = TokenUser { id: user.id, name: user.name, session: id };
    Json(WsToken { token: token::mint(&secret, user) })
}

/// An ignored body, which is read so that the connection can continue.
pub(super) struct Skipped;

impl FromRequest<AppState> for Skipped {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, BytesRejection> {
        Bytes::from_request(request, state).await.map(|_| Self)
    }
}
