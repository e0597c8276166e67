//! Limits of request bodies: their size, and how many large ones are read concurrently.

use std::net::SocketAddr;

use axum::{
    body::HttpBody as _,
    extract::{ConnectInfo, DefaultBodyLimit, Extension, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use engine::ApiError;

use super::write;
use crate::{config::LimitSettings, quota, security, service::ServiceError, state::AppState};

/// Bodies up to this many bytes are not counted: a card, a comment, a move.
const SMALL: u64 = 16 * 1024;

/// Refuses bodies that are too large (413), and large ones while too many are being read (503 `busy`; pages retry).
/// Routes without a session have a lower limit: passwords and addresses are short.
pub(super) async fn limit(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let LimitSettings { body_limit, auth_body_limit, .. } = state.config.limits;
    let is_auth = request.uri().path().trim_start_matches("/api").starts_with("/auth/");
    let limit = match (is_auth, auth_body_limit, body_limit) {
        (true, 1.., 1..) => auth_body_limit.min(body_limit),
        (true, 1.., 0) => auth_body_limit,
        _ => body_limit,
    };
    let (least, most) = (request.body().size_hint().lower(), request.body().size_hint().upper());
    if limit > 0 && least > limit as u64 {
        // The header says so: no need to read the body.
        return ServiceError::from(write::too_large()).into_response();
    }
    let is_large = most.is_none_or(|most| most > SMALL) && (limit == 0 || limit as u64 > SMALL);
    let place = is_large.then(|| {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().copied().map(Extension);
        let address = security::address(&state.config, request.headers(), peer);
        state.large_bodies.take(quota::household(address))
    });
    if let Some(Err(_)) = place {
        let message = "Too much is being sent at once. Try again in a moment.";
        return ServiceError::from(ApiError::new(503, "busy", message)).into_response();
    }
    let limit = if limit == 0 { DefaultBodyLimit::disable() } else { DefaultBodyLimit::max(limit) };
    limit.apply(&mut request);
    // The permit is released with the response.
    next.run(request).await
}
