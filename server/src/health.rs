//! Whether the server lives, whether it can work, and what it counts: for load balancers and monitors.

use std::fmt::Write as _;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use serde_json::{Value, json};

use crate::{realtime::Realtime, state::AppState, store::Store};

/// The routes of this module. They need no session.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/health/realtime", get(health_realtime))
        .route("/metrics", get(metrics))
}

/// The process answers. Nothing else is asked: a broken database is no reason to kill the process.
async fn health() -> impl IntoResponse {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
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

/// What the rooms, the sockets and the bus do.
async fn health_realtime(State(realtime): State<Realtime>) -> impl IntoResponse {
    Json(realtime.health())
}

/// The same as Prometheus reads it.
async fn metrics(State(realtime): State<Realtime>) -> impl IntoResponse {
    let health = serde_json::to_value(realtime.health()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], exposition(&health))
}

/// One metric for each number of an object; what is no number is left out. What can fall is a gauge.
fn exposition(health: &Value) -> String {
    let mut text = String::new();
    for (name, value) in health.as_object().into_iter().flatten() {
        if name == "closes" {
            closes(&mut text, value);
            continue;
        }
        let Some(value) = value.as_u64() else { continue };
        let (name, kind) = match name.as_str() {
            "connections" | "rooms" => (format!("lockstep_{name}"), "gauge"),
            _ => (format!("lockstep_{name}_total"), "counter"),
        };
        // Writing into a String cannot fail.
        let _ = writeln!(text, "# TYPE {name} {kind}\n{name} {value}");
    }
    text
}

/// One metric with a label for each close code.
fn closes(text: &mut String, by_code: &Value) {
    let name = "lockstep_closes_total";
    // Writing into a String cannot fail.
    let _ = writeln!(text, "# TYPE {name} counter");
    for (code, count) in by_code.as_object().into_iter().flatten() {
        let _ = writeln!(text, "{name}{{code=\"{code}\"}} {count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_metrics() {
        let text = exposition(&json!({ "connections": 3, "events_out": 12, "bus": { "kind": "local" } }));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "# TYPE lockstep_connections gauge",
                "lockstep_connections 3",
                "# TYPE lockstep_events_out_total counter",
                "lockstep_events_out_total 12"
            ]
        );
    }
}
