//! When a socket is asked whether it is there, and when it is given up. Pure: moments are arguments.

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

/// The signs of life of one socket. What is sent to it is none: couriers do that, and it proves nothing.
#[derive(Debug)]
pub(super) struct Heartbeat {
    /// The last `ping`, or the opening.
    asked: Instant,
    heard: Instant,
    pinged: Option<Instant>,
}

impl Heartbeat {
    /// A socket that just opened.
    pub(super) fn new(now: Instant) -> Self {
        Self { asked: now, heard: now, pinged: None }
    }

    /// A `ping` was sent.
    pub(super) fn pinged(&mut self, now: Instant) {
        self.asked = now;
        self.pinged.get_or_insert(now);
    }

    /// A frame came, whichever.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.pinged = None;
    }

    /// What is due: a `ping` once there was none, or nothing came, for `ping`; the end once
    /// nothing came for `pong` after it.
    pub(super) fn due(&self, now: Instant, ping: Duration, pong: Duration) -> HeartbeatDue {
        let (at, due) = match self.pinged {
            Some(pinged) => (pinged + pong, HeartbeatDue::Silent),
            None => (self.asked.min(self.heard) + ping, HeartbeatDue::Ping),
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
        heartbeat.heard(start + PING + PONG);
        assert_eq!(due(&heartbeat, PING + PONG), HeartbeatDue::At(start + PING + PING));
    }

    #[test]
    fn a_client_that_only_talks_is_asked_too() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(start);
        heartbeat.heard(start + PING);
        assert_eq!(heartbeat.due(start + PING, PING, PONG), HeartbeatDue::Ping);
    }
}
