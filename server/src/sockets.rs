//! The two WebSocket endpoints.

mod caller;

use std::time::Duration;

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use engine::UserId;

use self::caller::{Caller, identity};
use crate::{
    quota,
    realtime::{OpenerIdentity, SocketOpener, SocketPurpose, SocketQuery, Upgrade},
    service::{ServiceError, Services},
    state::AppState,
};

/// How long an address with too many sockets has to wait.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The socket endpoints.
pub fn router() -> Router<AppState> {
    Router::new().route("/ws/projects/{project_id}", get(project)).route("/ws/notifications", get(notifications))
}

async fn project(
    State(state): State<AppState>,
    Path(project): Path<String>,
    Query(query): Query<SocketQuery>,
    caller: Caller,
    upgrade: Upgrade,
) -> Response {
    open(&state, SocketPurpose::board(&project, &query), query, caller, upgrade).await
}

async fn notifications(
    State(state): State<AppState>,
    Query(query): Query<SocketQuery>,
    caller: Caller,
    upgrade: Upgrade,
) -> Response {
    open(&state, SocketPurpose::Bell, query, caller, upgrade).await
}

async fn open(
    state: &AppState,
    purpose: SocketPurpose,
    query: SocketQuery,
    Caller { address, headers }: Caller,
    upgrade: Upgrade,
) -> Response {
    let SocketQuery { token, build, user, .. } = query;
    let Services { realtime, secret, .. } = &state.services;
    let (purpose, page_user) = match user.as_deref().map(str::parse::<UserId>).transpose() {
        Ok(page_user) => (purpose, page_user),
        Err(_) => (SocketPurpose::with_invalid_user(), None),
    };
    let (purpose, identity) = if realtime.is_outdated(build.as_deref()) {
        (SocketPurpose::Outdated, OpenerIdentity::Pending)
    } else {
        (purpose, identity(state, token, &headers, build.is_some()).await)
    };
    let opener = SocketOpener { identity, page_user, address: quota::household(address) };
    match realtime.open(upgrade, secret.clone(), purpose, opener) {
        Some(response) => response,
        None => ServiceError::TooMany(RETRY_AFTER).into_response(),
    }
}
