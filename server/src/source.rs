//! `/source`: leads to the source of what runs here, as section 13 of the AGPL asks of whoever runs a changed Lockstep.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{config::Config, state::AppState};

/// The way to the source. An address of our own, so that the page need not know where it leads.
pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/source", get(source))
}

async fn source(State(config): State<Arc<Config>>) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, config.source_url.as_str())]).into_response()
}
