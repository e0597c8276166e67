//! Access to the metrics: `/metrics` and `/health/realtime` reveal how much a team works, and when.
//!
//! On the public listener they require `LOCKSTEP_METRICS_TOKEN`, and without that setting they don't exist; on a
//! separate listener (`LOCKSTEP_METRICS_ADDR`) anyone who reaches it may read them.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use engine::ApiError;
use sha2::{Digest as _, Sha256};

use crate::{config::Config, headers, health, service::ServiceError, state::AppState, telemetry};

/// The metrics on the public listener.
pub(crate) fn guarded(config: &Arc<Config>) -> Router<AppState> {
    health::counters().route_layer(middleware::from_fn_with_state(Arc::clone(config), guard))
}

/// Everything on the monitoring listener.
pub(crate) fn router(state: AppState) -> Router {
    health::router()
        .merge(health::counters())
        .layer(middleware::from_fn(headers::secure))
        .layer(middleware::from_fn_with_state(Arc::clone(&state.config), telemetry::trace))
        .with_state(state)
}

async fn guard(State(config): State<Arc<Config>>, request: Request, next: Next) -> Response {
    match &config.monitoring.token {
        // As if there was nothing.
        None => ServiceError::from(ApiError::new(404, "not_found", "There's nothing at this address.")).into_response(),
        Some(token) if shows(request.headers(), token) => next.run(request).await,
        Some(_) => {
            let error = ApiError::new(401, "bad_metrics_token", "Send the metrics token of this server.");
            let mut response = ServiceError::from(error).into_response();
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        }
    }
}

fn shows(headers: &HeaderMap, token: &str) -> bool {
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else { return false };
    let Some((scheme, shown)) = value.split_once(' ') else { return false };
    // Compares hashes, so that the duration reveals nothing about the token.
    scheme.eq_ignore_ascii_case("bearer") && Sha256::digest(shown.trim()) == Sha256::digest(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_accepted() {
        let sent = |value: &str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
            shows(&headers, "0123456789abcdef")
        };
        assert!(sent("Bearer 0123456789abcdef") && sent("bearer  0123456789abcdef"));
        for bad in ["Bearer", "Bearer ", "Bearer 0123456789abcde", "Basic 0123456789abcdef", "0123456789abcdef"] {
            assert!(!sent(bad), "{bad}");
        }
        assert!(!shows(&HeaderMap::new(), "0123456789abcdef"));
    }
}
