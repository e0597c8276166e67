//! What happened since the start, for `/health/realtime` and `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

use engine::wire::close;
use serde::{Serialize, Serializer};

use super::bus::{BusState, Proof};

/// Every code that the server closes a socket with.
const CODES: [u16; 10] = [
    close::GOING_AWAY,
    close::TOO_SLOW,
    close::TOO_MANY_FRAMES,
    close::TOO_MANY_SOCKETS,
    close::NO_PONG,
    close::BAD_FRAME,
    close::SIGN_IN,
    close::NO_ACCESS,
    close::CLIENT_TOO_OLD,
    OTHER,
];
/// Stands for a code that is not in the list.
const OTHER: u16 = 0;

/// Counts by close code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closes([u64; CODES.len()]);

impl Closes {
    /// How many sockets were closed with this code.
    pub fn with(&self, code: u16) -> u64 {
        self.0[index(code)]
    }
}

impl Serialize for Closes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(CODES.iter().zip(self.0).filter(|(_, count)| *count > 0))
    }
}

fn index(code: u16) -> usize {
    CODES.iter().position(|known| *known == code).unwrap_or(CODES.len() - 1)
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts since the start of the process, as they are counted.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub(crate) $name: AtomicU64,)*
            closes: [AtomicU64; CODES.len()],
        }

        /// The same counts at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
            /// Sockets that the server closed, by close code.
            pub closes: Closes,
        }

        impl Counters {
            /// The counts now.
            pub fn read(&self) -> Counts {
                Counts {
                    $($name: self.$name.load(Ordering::Relaxed),)*
                    closes: Closes(self.closes.each_ref().map(|count| count.load(Ordering::Relaxed))),
                }
            }
        }
    };
}

counters! {
    /// Sockets that were opened.
    opened,
    /// Events that this process committed.
    events_in,
    /// Events that were queued for a socket, once a socket.
    events_out,
    /// Events that a room had already.
    duplicates_dropped,
    /// Times that a room read missing events from the log.
    gap_repairs,
    /// Times that a room started anew because the log could not bring what was missing.
    rooms_anew,
    /// Sockets whose queue was dropped for a `resync` because they read too slowly.
    queue_drops,
    /// Sockets that were told to fetch the board again, for whatever reason.
    resyncs,
    /// Sockets that came back and got exactly what they had missed.
    recoveries,
    /// Sockets that were closed because they read too slowly (4108).
    closed_slow,
    /// Sockets that were closed because nothing came from them (4201).
    closed_silent,
    /// Sockets that were closed for bad frames or too many of them (4400, 4129).
    closed_abusive,
    /// Sockets that were refused (4401, 4403), or closed because access ended.
    closed_denied,
    /// Sockets that were refused because their user, or their address, had too many (4130, HTTP 429).
    closed_crowded,
    /// Sockets of a page of another build (4410).
    closed_outdated,
    /// Connections that did not send a whole request in time.
    requests_unfinished,
    /// Notes that went to Redis.
    bus_out,
    /// Notes of other processes.
    bus_in,
    /// Notes that did not fit into the queue to Redis; their projects were announced later.
    bus_overflow,
    /// Payloads of another build that this one cannot read.
    unknown_versions,
    /// Payloads that no build writes.
    bus_malformed,
    /// Bells that were told anew because they did not know what the database holds.
    bells_healed,
    /// Times that a task of the rooms or the bus failed, and was started again.
    tasks_restarted,
}

impl Counters {
    /// Counts a socket that is closed with this code.
    pub(crate) fn close(&self, code: u16) {
        Self::add(&self.closes[index(code)], 1);
    }

    /// Adds to a counter.
    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}

/// The state of the sockets and the bus at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Health {
    /// Open sockets, of boards and bells.
    pub connections: usize,
    /// Boards that somebody has open here.
    pub rooms: usize,
    /// How the bus is doing.
    pub bus: BusState,
    /// When delivery through Redis was last proven, and how long that took.
    pub proof: Option<Proof>,
    /// Counts since the start.
    #[serde(flatten)]
    pub counts: Counts,
}
