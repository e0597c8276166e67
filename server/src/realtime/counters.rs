//! Counters since the start, for `/health/realtime` and `/metrics`.

mod histogram;
mod table;

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

pub use histogram::Durations;
use histogram::Histogram;
pub use table::{Closes, Kinds};

use super::Logged;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counters since the start of the process.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub(crate) $name: AtomicU64,)*
            closes: table::Cells<{ Closes::LABELS.len() }>,
            events_in_by_type: table::Cells<{ Kinds::LABELS.len() }>,
            events_out_by_type: table::Cells<{ Kinds::LABELS.len() }>,
            /// From queueing events for a socket to sending them.
            pub(crate) delivery: Histogram,
        }

        /// The values of the counters at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct CounterValues {
            $($(#[$doc])* pub $name: u64,)*
            /// Sockets closed by the server, by close code.
            pub closes: Closes,
            /// [`Self::events_in`], by type.
            pub events_in_by_type: Kinds,
            /// [`Self::events_out`], by type.
            pub events_out_by_type: Kinds,
            /// From queueing events for a socket to sending them.
            pub delivery: Durations,
        }

        impl Counters {
            /// The current values.
            pub fn read(&self) -> CounterValues {
                CounterValues {
                    $($name: self.$name.load(Ordering::Relaxed),)*
                    closes: Closes(self.closes.read()),
                    events_in_by_type: Kinds(self.events_in_by_type.read()),
                    events_out_by_type: Kinds(self.events_out_by_type.read()),
                    delivery: self.delivery.read(),
                }
            }
        }
    };
}

counters! {
    /// Opened sockets.
    opened,
    /// Events committed by this process.
    events_in,
    /// Events queued for sockets, counted once per socket.
    events_out,
    /// Events that a room had already delivered.
    duplicates_dropped,
    /// Reads of missing events from the log.
    gap_repairs,
    /// Rooms that restarted because the log did not contain the missing events.
    rooms_anew,
    /// Queues replaced by a `resync` because their socket read too slowly.
    queue_drops,
    /// Sockets told to fetch the board again, for any reason.
    resyncs,
    /// Sockets that reconnected and received exactly what they had missed.
    recoveries,
    /// Sockets closed because they read too slowly (4108).
    closed_slow,
    /// Sockets closed because nothing arrived from them (4201).
    closed_silent,
    /// Sockets closed for invalid or too many frames (4400, 4129).
    closed_abusive,
    /// Sockets refused (4401, 4403), or closed because access ended.
    closed_denied,
    /// Sockets refused because their user or address had too many (4130, HTTP 429).
    closed_crowded,
    /// Sockets of pages of another build (4410).
    closed_outdated,
    /// Connections without a complete request in time.
    requests_unfinished,
    /// Connections refused because there were too many, in total or of an address (HTTP 503, 429).
    connections_refused,
    /// Messages published to Redis.
    bus_out,
    /// Messages received from other processes.
    bus_in,
    /// Messages that did not fit into the queue to Redis; their projects were announced later.
    bus_overflow,
    /// Payloads of another build that this one cannot read.
    unknown_versions,
    /// Invalid payloads.
    bus_malformed,
    /// Notification channels that differed from the database and were resent.
    bells_healed,
}

impl Counters {
    /// Counts a socket closed with this code.
    pub(crate) fn close(&self, code: u16) {
        self.closes.add(Closes::index(code), 1);
    }

    /// Counts events committed by this process.
    pub(crate) fn committed(&self, events: &[Logged]) {
        Self::add(&self.events_in, events.len() as u64);
        for event in events {
            self.events_in_by_type.add(Kinds::index(&event.frame), 1);
        }
    }

    /// Counts events queued for this many sockets.
    pub(crate) fn queued(&self, events: &[Logged], sockets: usize) {
        Self::add(&self.events_out, (events.len() * sockets) as u64);
        for event in events {
            self.events_out_by_type.add(Kinds::index(&event.frame), sockets as u64);
        }
    }

    /// Adds to a counter.
    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}
