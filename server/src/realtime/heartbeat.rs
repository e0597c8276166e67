//! When a socket is pinged, and when it is given up. Pure: times are arguments.

use std::time::{Duration, Instant};

/// What is due on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeartbeatDue {
    /// Nothing until then.
    At(Instant),
    /// A `ping`.
    Ping,
    /// The end: nothing came since the last `ping`.
    Silent,
}

/// Inbound traffic of one socket. Writes don't count: they succeed even when the peer is gone.
#[derive(Debug)]
pub(super) struct Heartbeat {
    /// When the last `ping` was sent, or the socket opened.
    last_ping: Instant,
    last_input: Instant,
    pinged: Option<Instant>,
}

impl Heartbeat {
    /// A socket that has just opened.
    pub(super) fn new(now: Instant) -> Self {
        Self { last_ping: now, last_input: now, pinged: None }
    }

    /// Records a sent `ping`.
    pub(super) fn pinged(&mut self, now: Instant) {
        self.last_ping = now;
        self.pinged.get_or_insert(now);
    }

    /// Records a received frame of any kind.
    pub(super) fn received(&mut self, now: Instant) {
        self.last_input = now;
        self.pinged = None;
    }

    /// What is due: a `ping` after `ping` without one or without input; the end after a further `pong` without input.
    pub(super) fn due(&self, now: Instant, ping: Duration, pong: Duration) -> HeartbeatDue {
        let (at, due) = match self.pinged {
            Some(pinged) => (pinged + pong, HeartbeatDue::Silent),
            None => (self.last_ping.min(self.last_input) + ping, HeartbeatDue::Ping),
        };
        if now >= at { due } else { HeartbeatDue::At(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: Duration = Duration::from_secs(25);
    const PONG: Duration = Duration::from_secs(10);

    #[test]
    fn a_quiet_socket_is_pinged_and_then_given_up() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(start);
        let due = |heartbeat: &Heartbeat, after| heartbeat.due(start + after, PING, PONG);
        assert_eq!(due(&heartbeat, Duration::ZERO), HeartbeatDue::At(start + PING));
        assert_eq!(due(&heartbeat, PING), HeartbeatDue::Ping);
        heartbeat.pinged(start + PING);
        assert_eq!(due(&heartbeat, PING), HeartbeatDue::At(start + PING + PONG));
        assert_eq!(due(&heartbeat, PING + PONG), HeartbeatDue::Silent);
        heartbeat.received(start + PING + PONG);
        assert_eq!(due(&heartbeat, PING + PONG), HeartbeatDue::At(start + PING + PING));
    }

    #[test]
    fn a_client_that_keeps_sending_is_pinged_too() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(start);
        heartbeat.received(start + PING);
        assert_eq!(heartbeat.due(start + PING, PING, PONG), HeartbeatDue::Ping);
    }
}
