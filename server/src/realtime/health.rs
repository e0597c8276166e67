//! The state of the sockets and the bus at one moment, for `/health/realtime`.

use serde::Serialize;

use super::{
    bus::{BusState, Proof},
    counters::Counts,
};

/// The state of the sockets and the bus at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Health {
    /// Open sockets, of boards and bells.
    pub connections: usize,
    /// Boards that somebody has open here.
    pub rooms: usize,
    /// How the bus is doing.
    pub bus: BusState,
    /// Whether events reach this process, as `/ready` says it.
    pub delivering: bool,
    /// Bytes that wait for sockets, each counted for every socket that it waits for.
    pub queue_bytes: usize,
    /// How long the oldest note has been waiting for Redis, in milliseconds.
    pub unpublished_ms: u64,
    /// When delivery through Redis was last proven, and how long that took.
    pub proof: Option<Proof>,
    /// Times that a background task panicked, and went on.
    pub tasks_restarted: u64,
    /// Counts since the start.
    #[serde(flatten)]
    pub counts: Counts,
}
