//! `/source`: redirects to the source of the running version, as section 13 of the AGPL requires of modified ones.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{config::Config, state::AppState};

/// The link to the source: a local path, so that pages need not know the target.
pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/source", get(source))
}

async fn source(State(config): State<Arc<Config>>) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, config.source_url.as_str())]).into_response()
}
