//! Every interval and time-out of the sockets and the bus, so that tests can shorten them.

use std::time::Duration;

/// Every interval and time-out of the sockets and the bus.
#[derive(Clone, Debug)]
pub struct Timing {
    /// A socket that was sent nothing for this long gets a `ping`.
    pub ping: Duration,
    /// A client that sent nothing for this long after a `ping` is gone (4201).
    pub pong: Duration,
    /// How long a socket may take to say who it is (4401).
    pub auth: Duration,
    /// How long one flush to a socket may take (4108).
    pub write: Duration,
    /// How long a reader that fell behind may take to read its `resync` (4108).
    pub slow: Duration,
    /// How long a close frame may take to leave before the connection is dropped.
    pub close: Duration,
    /// How long an event waits for the ones before it until they are read from the log.
    pub reorder: Duration,
    /// How often all rooms compare with the database: what no bus said is delivered this much later.
    pub sweep: Duration,
    /// How often rooms in which nothing happened give back what they keep.
    pub quiet: Duration,
    /// How often all sockets compare with the database whether they may still be open.
    pub access: Duration,
    /// How often all bells compare with the database: what no bus said shows up this much later.
    pub bells: Duration,
    /// How soon a bell compares with the database after its user has read something.
    pub settle: Duration,
    /// How often what is overseen is compared with the database: what other nodes wrote shows up this much later.
    pub pulse: Duration,
    /// How long it rests after that, however much is written here.
    pub pulse_rest: Duration,
    /// How long somebody oversees who does not say so again.
    pub lease: Duration,
    /// How often delivery through the bus is proven. Two probes missed: not ready, and reconnect.
    pub probe: Duration,
    /// How long changes of presence are collected.
    pub presence: Duration,
    /// How long somebody who left is still shown: a reload is no coming and going.
    pub leave: Duration,
    /// How long Redis may take to say how often somebody has tried to sign in.
    pub attempts: Duration,
    /// Over how long the returns of a stopped server's sockets are spread.
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
            settle: Duration::from_millis(200),
            pulse: Duration::from_secs(1),
            pulse_rest: Duration::from_millis(500),
            lease: Duration::from_millis(engine::wire::LEASE_MS),
            probe: Duration::from_secs(15),
            presence: Duration::from_millis(300),
            leave: Duration::from_secs(5),
            attempts: Duration::from_millis(50),
            spread: Duration::from_secs(5),
        }
    }
}
