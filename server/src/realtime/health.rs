//! A snapshot of the sockets and the bus, for `/health/realtime`.

use serde::Serialize;

use super::{
    bus::{BusState, Proof},
    counters::CounterValues,
};

/// A snapshot of the sockets and the bus.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Health {
    /// Open sockets, of boards and of notifications.
    pub connections: usize,
    /// Open boards in this process.
    pub rooms: usize,
    /// The state of the bus.
    pub bus: BusState,
    /// Whether events arrive, as `/ready` reports.
    pub delivering: bool,
    /// Queued bytes, counted for every socket they wait for.
    pub queue_bytes: usize,
    /// How long the oldest message has been waiting for Redis, in milliseconds.
    pub unpublished_ms: u64,
    /// When delivery through Redis was last proven, and how long it took.
    pub proof: Option<Proof>,
    /// Panics of background tasks, each of which was restarted.
    pub tasks_restarted: u64,
    /// Counters since the start.
    #[serde(flatten)]
    pub counts: CounterValues,
}
