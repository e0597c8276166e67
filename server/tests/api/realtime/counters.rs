//! Every counter, as JSON and as a Prometheus metric.

use engine::wire::{ServerFrame, close};
use serde_json::Value;
use server::realtime::Timing;

use super::{board, pair, rename, socket::Socket, until};
use crate::harness::{Client, Db, RedisServer};

/// The names, with their Prometheus types.
const METRICS: [(&str, &str); 35] = [
    ("connections", "lockstep_connections"),
    ("rooms", "lockstep_rooms"),
    ("opened", "lockstep_opened_total"),
    ("events_in", "lockstep_events_in_total"),
    ("events_out", "lockstep_events_out_total"),
    ("events_in_by_type", "lockstep_events_in_by_type_total{type=\"task_updated\"}"),
    ("events_out_by_type", "lockstep_events_out_by_type_total{type=\"task_updated\"}"),
    ("delivery", "lockstep_delivery_seconds_bucket{le=\"+Inf\"}"),
    ("queue_bytes", "lockstep_queue_bytes"),
    ("queue_drops", "lockstep_queue_drops_total"),
    ("resyncs", "lockstep_resyncs_total"),
    ("recoveries", "lockstep_recoveries_total"),
    ("closed_slow", "lockstep_closed_slow_total"),
    ("closed_silent", "lockstep_closed_silent_total"),
    ("closed_abusive", "lockstep_closed_abusive_total"),
    ("closed_denied", "lockstep_closed_denied_total"),
    ("closed_crowded", "lockstep_closed_crowded_total"),
    ("closed_outdated", "lockstep_closed_outdated_total"),
    ("closes", "lockstep_closes_total{code=\"4403\"}"),
    ("requests_unfinished", "lockstep_requests_unfinished_total"),
    ("connections_refused", "lockstep_connections_refused_total"),
    ("gap_repairs", "lockstep_gap_repairs_total"),
    ("rooms_anew", "lockstep_rooms_anew_total"),
    ("duplicates_dropped", "lockstep_duplicates_dropped_total"),
    ("unknown_versions", "lockstep_unknown_versions_total"),
    ("bus", "lockstep_bus{state=\"delivering\"}"),
    ("bus_in", "lockstep_bus_in_total"),
    ("bus_out", "lockstep_bus_out_total"),
    ("bus_malformed", "lockstep_bus_malformed_total"),
    ("delivering", "lockstep_delivering"),
    ("bus_overflow", "lockstep_bus_overflow_total"),
    ("unpublished_ms", "lockstep_unpublished_ms"),
    ("proof", "lockstep_probe_seconds"),
    ("bells_healed", "lockstep_bells_healed_total"),
    ("tasks_restarted", "lockstep_tasks_restarted_total"),
];

/// A metric's number.
async fn metric(client: &Client, name: &str) -> f64 {
    let text = client.get("/metrics").await.expect(200).text;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().expect("a number")
}

#[tokio::test(crate = "crate::harness")]
async fn every_counter_is_in_the_json_and_in_the_metrics() {
    let redis = RedisServer::start().await;
    let (one, two) = pair(Db::Sqlite, &redis, &Timing::default()).await;
    let (ann, bob) = (one.person("ann").await, one.person("bob").await);
    let (project, task) = board(&ann).await;
    let mut here = Socket::board(one.addr(), &ann, project, "").await;
    let mut there = Socket::board(two.addr(), &ann.at(two.addr()), project, "").await;
    for socket in [&mut here, &mut there] {
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
    }
    until("the other node hears of the project", async || {
        rename(&ann, task, "Told").await;
        two.state().services.realtime.health().counts.bus_in > 0
    })
    .await;
    assert!(matches!(there.frame().await, ServerFrame::Event(_)));
    rename(&ann.at(two.addr()), task, "Told by the other one").await;
    for server in [&one, &two] {
        let stranger = Socket::board(server.addr(), &bob.at(server.addr()), project, "").await.closed().await;
        assert_eq!(stranger, close::NO_ACCESS);
        let monitor = server.anonymous();
        until("the stranger no longer counts", async || metric(&monitor, "lockstep_connections").await == 1.0).await;
        until("a delivery is counted", async || metric(&monitor, "lockstep_delivery_seconds_count").await > 0.0).await;
        let health: Value = monitor.get("/health/realtime").await.expect(200).json();
        let known: Vec<_> = METRICS.iter().map(|(name, _)| *name).collect();
        assert_eq!(health.as_object().expect("an object").len(), known.len(), "{known:?} are not all of {health}");
        for (name, as_metric) in METRICS {
            assert!(!health[name].is_null(), "{name} is not in {health}");
            assert!(metric(&monitor, as_metric).await >= 0.0);
        }
        assert_eq!(health["bus"], "delivering");
        assert_eq!(metric(&monitor, "lockstep_bus{state=\"delivering\"}").await, 1.0);
        assert_eq!(health["connections"], 1);
        assert!(metric(&monitor, "lockstep_probe_seconds").await > 0.0);
        for name in ["events_out_by_type_total{type=\"task_updated\"}", "closes_total{code=\"4403\"}"] {
            assert!(metric(&monitor, &format!("lockstep_{name}")).await >= 1.0, "{name}");
        }
    }
    assert!(metric(&one.anonymous(), "lockstep_bus_out_total").await > 0.0, "one spoke");
    assert!(metric(&two.anonymous(), "lockstep_bus_in_total").await > 0.0, "and two heard");
}
