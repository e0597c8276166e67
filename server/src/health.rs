//! Whether the server lives, whether it can work, and what it counts: for load balancers and monitors.

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::json;

use crate::{realtime::Realtime, state::AppState, store::Store};

/// The routes of this module. They need no session.
pub fn router() -> Router<AppState> {
    Router::new().route("/health", get(health)).route("/ready", get(ready)).route("/health/realtime", get(sockets))
}

/// The process answers. Nothing else is asked: a broken database is no reason to kill the process.
async fn health() -> impl IntoResponse {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// What the sockets and the bus do, in numbers.
async fn sockets(State(realtime): State<Realtime>) -> impl IntoResponse {
    Json(realtime.health())
}

/// The database answers, and events reach this process. 503 says which of them does not.
async fn ready(State(store): State<Store>, State(realtime): State<Realtime>) -> impl IntoResponse {
    let database = store.ping().await;
    if let Err(error) = &database {
        tracing::warn!(%error, "not ready: the database does not answer");
    }
    let (database, delivery) = (database.is_ok(), realtime.ready());
    let ready = database && delivery;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": ready, "database": database, "delivery": delivery });
    (status, Json(body))
}
