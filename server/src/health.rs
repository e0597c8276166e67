//! Liveness, readiness and metrics, for load balancers and monitoring.

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
    readiness::Findings,
    realtime::{Health, Realtime},
    state::AppState,
    store,
    supervisor::TaskHealth,
};

/// The endpoints for load balancers. They need no session.
pub fn router() -> Router<AppState> {
    Router::new().route("/health", get(health)).route("/ready", get(ready))
}

/// The metrics, which need permission.
pub(crate) fn counters() -> Router<AppState> {
    Router::new().route("/health/realtime", get(health_realtime)).route("/metrics", get(metrics))
}

/// Liveness: the process responds. Checks nothing else: a broken database is no reason to kill the process.
async fn health() -> impl IntoResponse {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// Readiness: the database answers and accepts writes, events arrive, and no essential task keeps failing. 503 says
/// which of them fails. Failing inessential tasks are listed without making the node unready.
async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let Findings { answers, writable } = state.readiness.database(&state.services.store).await;
    let delivery = state.services.realtime.ready();
    let failing: Vec<_> = state.supervisor.health().into_iter().filter(|task| task.failing).collect();
    let ready = answers && writable && delivery && !failing.iter().any(|task| task.needed);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let names: Vec<_> = failing.iter().map(|task| task.name).collect();
    let mut body = json!({
        "ready": ready, "database": answers, "writable": writable, "delivery": delivery, "failing_tasks": names,
    });
    if let Some(trouble) = state.services.realtime.trouble() {
        body["redis_error"] = trouble.into();
    }
    (status, Json(body))
}

/// The state of the rooms, the sockets and the bus.
async fn health_realtime(State(realtime): State<Realtime>) -> impl IntoResponse {
    Json(realtime.health())
}

/// All metrics in the Prometheus format, including caches, unreadable rows, letters and panics of background tasks.
async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    let cache = numbers(&serde_json::to_value(state.services.oversight.counts()).unwrap_or_default());
    let rows = numbers(&json!({ "unreadable_rows": store::unreadable_rows() }));
    let mail: String =
        state.mail_counts.read().iter().map(|(name, count)| counter(&format!("mail_{name}"), *count)).collect();
    let text =
        exposition(&state.services.realtime.health()) + &cache + &rows + &mail + &tasks(&state.supervisor.health());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

fn counter(name: &str, count: u64) -> String {
    format!("# TYPE lockstep_{name}_total counter\nlockstep_{name}_total {count}\n")
}

fn tasks(health: &[TaskHealth]) -> String {
    let mut text = "# TYPE lockstep_task_panics_total counter\n".to_owned();
    for TaskHealth { name, panics, .. } in health {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "lockstep_task_panics_total{{task=\"{name}\"}} {panics}");
    }
    text.push_str("# TYPE lockstep_task_failing gauge\n");
    for TaskHealth { name, failing, .. } in health {
        let _ = writeln!(text, "lockstep_task_failing{{task=\"{name}\"}} {}", u8::from(*failing));
    }
    text
}

/// Metrics that can decrease.
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

/// One metric per number of an object, and per entry of a table with a label; everything else is skipped.
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
    fn tasks_become_metrics_by_name() {
        let mail = TaskHealth { name: "mail", panics: 2, failing: true, needed: false };
        let text = tasks(&[mail]);
        assert!(text.contains("lockstep_task_panics_total{task=\"mail\"} 2\n"), "{text}");
        assert!(text.contains("lockstep_task_failing{task=\"mail\"} 1\n"), "{text}");
    }

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
