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

use crate::{
    realtime::{Health, Realtime},
    service::oversight::Oversight,
    state::AppState,
    store::{self, Store},
};

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

/// The same as Prometheus reads it, how much the cache of oversight was of use, and how
/// many rows could not be read.
async fn metrics(State(realtime): State<Realtime>, State(oversight): State<Oversight>) -> impl IntoResponse {
    let cache = numbers(&serde_json::to_value(oversight.counts()).unwrap_or_default());
    let rows = numbers(&json!({ "unreadable_rows": store::unreadable_rows() }));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], exposition(&realtime.health()) + &cache + &rows)
}

/// Metrics that can fall.
const GAUGES: [&str; 6] =
    ["connections", "rooms", "queue_bytes", "delivering", "unpublished_ms", "oversight_cache_bytes"];

fn exposition(health: &Health) -> String {
    let mut text = numbers(&serde_json::to_value(health).unwrap_or_default());
    if let Some(proof) = health.proof {
        let seconds = proof.round_trip_ms / 1000.0;
        // Writing into a String cannot fail.
        let _ = writeln!(text, "# TYPE lockstep_probe_seconds gauge\nlockstep_probe_seconds {seconds}");
    }
    text + &health.counts.delivery.exposition("lockstep_delivery_seconds")
}

/// One metric for each number of an object, and for tables one with a label; the rest is left out.
fn numbers(health: &Value) -> String {
    let mut text = String::new();
    for (name, value) in health.as_object().into_iter().flatten() {
        if let ("bus", Some(state)) = (name.as_str(), value.as_str()) {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "# TYPE lockstep_bus gauge\nlockstep_bus{{state=\"{state}\"}} 1");
            continue;
        }
        let label = match name.as_str() {
            "closes" => Some("code"),
            "events_in_by_type" | "events_out_by_type" => Some("type"),
            _ => None,
        };
        let (metric, kind) = match GAUGES.contains(&name.as_str()) {
            true => (format!("lockstep_{name}"), "gauge"),
            false => (format!("lockstep_{name}_total"), "counter"),
        };
        let number = value.as_u64().or_else(|| value.as_bool().map(u64::from));
        // Writing into a String cannot fail.
        match (label, number) {
            (Some(label), _) => {
                let _ = writeln!(text, "# TYPE {metric} {kind}");
                for (key, count) in value.as_object().into_iter().flatten() {
                    let _ = writeln!(text, "{metric}{{{label}=\"{key}\"}} {count}");
                }
            }
            (None, Some(number)) => {
                let _ = writeln!(text, "# TYPE {metric} {kind}\n{metric} {number}");
            }
            (None, None) => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_metrics() {
        let text = numbers(&json!({
            "bus": "in_process", "closes": { "4101": 2 }, "connections": 3, "delivering": true, "events_out": 12, "proof": {},
        }));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "# TYPE lockstep_bus gauge",
                "lockstep_bus{state=\"in_process\"} 1",
                "# TYPE lockstep_closes_total counter",
                "lockstep_closes_total{code=\"4101\"} 2",
                "# TYPE lockstep_connections gauge",
                "lockstep_connections 3",
                "# TYPE lockstep_delivering gauge",
                "lockstep_delivering 1",
                "# TYPE lockstep_events_out_total counter",
                "lockstep_events_out_total 12"
            ]
        );
    }
}
