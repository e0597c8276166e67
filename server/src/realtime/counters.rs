//! What happened since the start, for `/health/realtime` and `/metrics`.

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
        /// Counts since the start of the process, as they are counted.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub(crate) $name: AtomicU64,)*
            closes: table::Cells<{ Closes::LABELS.len() }>,
            events_in_by_type: table::Cells<{ Kinds::LABELS.len() }>,
            events_out_by_type: table::Cells<{ Kinds::LABELS.len() }>,
            /// From when events were queued for a socket to when they were sent.
            pub(crate) delivery: Histogram,
        }

        /// The same counts at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
            /// Sockets that the server closed, by close code.
            pub closes: Closes,
            /// [`Self::events_in`], by type.
            pub events_in_by_type: Kinds,
            /// [`Self::events_out`], by type.
            pub events_out_by_type: Kinds,
            /// From when events were queued for a socket to when they were sent.
            pub delivery: Durations,
        }

        impl Counters {
            /// The counts now.
            pub fn read(&self) -> Counts {
                Counts {
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
    /// Connections that were refused because there were too many, in all or of an address (HTTP 503, 429).
    connections_refused,
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
}

impl Counters {
    /// Counts a socket that is closed with this code.
    pub(crate) fn close(&self, code: u16) {
        self.closes.add(Closes::index(code), 1);
    }

    /// Counts events that this process committed.
    pub(crate) fn committed(&self, events: &[Logged]) {
        Self::add(&self.events_in, events.len() as u64);
        for event in events {
            self.events_in_by_type.add(Kinds::index(&event.frame), 1);
        }
    }

    /// Counts events that were queued for so many sockets.
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
