//! Every interval and timeout of the sockets and the bus, so that tests can shorten them.

use std::time::Duration;

/// Every interval and timeout of the sockets and the bus.
#[derive(Clone, Debug)]
pub struct Timing {
    /// A socket without output for this long is sent a `ping`.
    pub ping: Duration,
    /// A client without input for this long after a `ping` is gone (4201).
    pub pong: Duration,
    /// How long a socket may take to sign in (4401).
    pub auth: Duration,
    /// How long one flush to a socket may take (4108).
    pub write: Duration,
    /// How long a slow reader may take to read its `resync` (4108).
    pub slow: Duration,
    /// How long a close frame may take to leave before the connection is dropped.
    pub close: Duration,
    /// How long an event waits for its predecessors before they are read from the log.
    pub reorder: Duration,
    /// How often all rooms compare with the database: the delay of events that the bus lost.
    pub sweep: Duration,
    /// How often idle rooms release their buffers.
    pub quiet: Duration,
    /// How often the access of all sockets is checked.
    pub access: Duration,
    /// How often all notification channels compare with the database: the delay of notifications that the bus lost.
    pub bells: Duration,
    /// How soon a channel compares with the database after its user has read something.
    pub bell_recheck: Duration,
    /// How often oversight versions are compared with the database: the delay of other nodes' writes.
    pub oversight: Duration,
    /// Shortest pause between two such comparisons, however many writes there are.
    pub oversight_pause: Duration,
    /// How long an oversight lease lasts without renewal.
    pub lease: Duration,
    /// How often delivery through the bus is probed. After two lost probes: not ready, and reconnect.
    pub probe: Duration,
    /// How long changes of presence are collected.
    pub presence: Duration,
    /// How long a user who left is still shown, so that a reload is invisible.
    pub leave: Duration,
    /// How long Redis may take to return the count of sign-in attempts.
    pub attempts: Duration,
    /// The period over which the clients of a stopped server reconnect.
    pub spread: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ping: Duration::from_millis(engine::wire::PING_INTERVAL_MS),
            pong: Duration::from_millis(engine::wire::DEAD_AFTER_MS - engine::wire::PING_INTERVAL_MS),
            auth: Duration::from_secs(10),
            write: Duration::from_secs(10),
            slow: Duration::from_secs(10),
            close: Duration::from_secs(2),
            reorder: Duration::from_millis(20),
            sweep: Duration::from_secs(1),
            quiet: Duration::from_secs(30),
            access: Duration::from_secs(30),
            bells: Duration::from_secs(30),
            bell_recheck: Duration::from_millis(200),
            oversight: Duration::from_secs(1),
            oversight_pause: Duration::from_millis(500),
            lease: Duration::from_millis(engine::wire::LEASE_MS),
            probe: Duration::from_secs(15),
            presence: Duration::from_millis(300),
            leave: Duration::from_secs(5),
            attempts: Duration::from_millis(50),
            spread: Duration::from_secs(5),
        }
    }
}
