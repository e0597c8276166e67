//! The two socket endpoints.

mod caller;

use std::time::Duration;

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use engine::UserId;

use self::caller::{Caller, who};
use crate::{
    quota,
    realtime::{Asker, SocketPurpose, SocketQuery, Upgrade, Who},
    service::{ServiceError, Services},
    state::AppState,
};

/// When an address that has too many sockets may try again.
const CROWDED: Duration = Duration::from_secs(10);

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
    let (purpose, named) = match user.as_deref().map(str::parse::<UserId>).transpose() {
        Ok(named) => (purpose, named),
        Err(_) => (SocketPurpose::of_nobody(), None),
    };
    let (purpose, who) = if realtime.outdates(build.as_deref()) {
        (SocketPurpose::Outdated, Who::Unsaid)
    } else {
        (purpose, who(state, token, &headers, build.is_some()).await)
    };
    let asker = Asker { who, named, address: quota::household(address) };
    match realtime.open(upgrade, secret.clone(), purpose, asker) {
        Some(response) => response,
        None => ServiceError::TooMany(CROWDED).into_response(),
    }
}
