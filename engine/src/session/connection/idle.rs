//! Detects a dead network while the user is idle. A network that drops packets silently closes nothing, and the
//! server's next frame may be half a minute away; a visible page must not say Live for so long.
//!
//! ```text
//! silent for IDLE_MS ──► ping ──DOUBT_MS──► not Live ──MISSED_MS──► the socket is given up
//!                          └── any frame: Live, as before
//! ```
//!
//! The bound is 8 s: `IDLE_MS`, up to `IDLE_SPREAD_MS`, and `DOUBT_MS`. A thousand visible pages that receive nothing
//! else send fewer than 200 pings a second, of 15 bytes each, spread over time; hidden pages send none. The socket is
//! kept for `MISSED_MS` longer than the indicator says Live, so that a server that stalls briefly does not make a
//! thousand pages reconnect.

use super::{Connection, DOUBT_MS, State};

/// A visible page pings a socket that has been silent for this long, in milliseconds.
pub const IDLE_MS: u64 = 5_000;
/// Upper bound of the random time added to it for each socket, in milliseconds.
pub const IDLE_SPREAD_MS: u64 = 1_000;

/// Decides when an idle page pings its socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct IdleProbe {
    enabled: bool,
    spread: u64,
}

impl IdleProbe {
    pub(super) fn enable(&mut self) {
        self.enabled = true;
    }

    /// Draws another spread, for a new socket.
    pub(super) fn spread(&mut self, random: u64) {
        self.spread = random % IDLE_SPREAD_MS;
    }
}

impl Connection {
    /// When a silent socket is pinged, or its answer counts as missed.
    pub(super) fn idle_at(&self) -> Option<u64> {
        match self.doubt.asked_at {
            Some(at) => (self.doubt.idle_only && !self.doubt.missed).then_some(at + DOUBT_MS),
            None => {
                let asks = self.idle.enabled && !self.polls.hidden;
                asks.then_some(self.last_frame_at + IDLE_MS + self.idle.spread)
            }
        }
    }

    /// Pings a silent socket, or marks its answer as missed, if that is due.
    pub(super) fn ask_when_idle(&mut self, now: u64) {
        if !matches!(self.state, State::Live { .. }) || self.idle_at().is_none_or(|at| now < at) {
            return;
        }
        match self.doubt.asked_at {
            Some(_) => self.doubt.missed = true,
            None => self.doubt.ask_idle(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::MISSED_MS, *};
    use crate::session::{ConnectionStep, Link};

    /// A live connection of a visible page that received its first frame at 0.
    fn live(random: u64) -> Connection {
        let mut connection = Connection::new(0).asking_when_idle();
        assert_eq!(connection.tick(0, random), ConnectionStep::Connect);
        connection.frame_received(0);
        connection.caught_up(0);
        connection
    }

    #[test]
    fn a_silently_dead_network_is_noticed_within_eight_seconds() {
        for random in [0, 1, IDLE_SPREAD_MS - 1, u64::MAX] {
            let mut connection = live(random);
            let mut steps = Vec::new();
            while connection.link() == Link::Live {
                let now = connection.wake_at().expect("it has something to do");
                assert!(now <= IDLE_MS + IDLE_SPREAD_MS + DOUBT_MS, "{now}");
                steps.push(connection.tick(now, 0));
            }
            assert_eq!(steps, [ConnectionStep::Ping, ConnectionStep::Rest]);
            assert!(connection.has_socket(), "it gets its chance");
            let now = connection.wake_at().expect("it has something to do");
            assert_eq!(connection.tick(now, 0), ConnectionStep::Close);
            assert!(now <= IDLE_MS + IDLE_SPREAD_MS + DOUBT_MS + MISSED_MS, "{now}");
            assert_ne!(connection.link(), Link::Live);
        }
    }

    #[test]
    fn a_late_answer_makes_the_same_socket_live_again() {
        let mut connection = live(0);
        assert_eq!(connection.tick(IDLE_MS, 0), ConnectionStep::Ping);
        assert_eq!(connection.tick(IDLE_MS + DOUBT_MS, 0), ConnectionStep::Rest);
        assert_eq!(connection.link(), Link::Connecting);
        let late = IDLE_MS + DOUBT_MS + MISSED_MS - 1;
        assert_eq!(connection.tick(late, 0), ConnectionStep::Rest);
        connection.frame_received(late);
        connection.pong(late);
        assert_eq!(connection.link(), Link::Live);
        assert_eq!(connection.wake_at(), Some(late + IDLE_MS), "and is asked again");
    }

    #[test]
    fn an_active_socket_is_not_pinged() {
        let mut connection = live(0);
        for second in 1..60 {
            let now = second * (IDLE_MS - 1);
            assert_eq!(connection.tick(now, 0), ConnectionStep::Rest);
            connection.frame_received(now);
        }
    }

    #[test]
    fn hidden_pages_and_bells_do_not_ping() {
        let mut hidden = live(0);
        hidden.set_visible(false);
        assert_eq!(hidden.wake_at(), Some(crate::wire::DEAD_AFTER_MS));
        assert_eq!(hidden.tick(20_000, 0), ConnectionStep::Rest);
        hidden.set_visible(true);
        assert_eq!(hidden.tick(20_000, 0), ConnectionStep::Ping);
        let mut bell = Connection::new(0);
        bell.tick(0, 0);
        bell.frame_received(0);
        bell.caught_up(0);
        assert_eq!(bell.wake_at(), Some(crate::wire::DEAD_AFTER_MS));
    }

    #[test]
    fn an_active_user_waits_no_longer_after_an_idle_ping() {
        let mut connection = live(0);
        assert_eq!(connection.tick(IDLE_MS, 0), ConnectionStep::Ping);
        connection.user_acted(IDLE_MS + 100);
        assert_eq!(connection.tick(IDLE_MS + 100, 0), ConnectionStep::Ping, "the network may be back");
        assert_eq!(connection.tick(IDLE_MS + 200, 0), ConnectionStep::Rest, "once");
        assert_eq!(connection.tick(IDLE_MS + 100 + DOUBT_MS, 0), ConnectionStep::Close);
    }
}
