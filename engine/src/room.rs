//! A node's side of one project: its place in the log, its members, and how gaps are filled.
//!
//! ```text
//! writers, bus ─ Offer, Top ───► cursor ────┐          ┌─ Deliver, Resync ─────► every member
//! sockets ────── Join, Leave ──► admission ─┤► members ┤─ Enter, Refuse, Expel ─► one socket
//! database ───── Located, Page ─► both      │          └─ Locate, Read ────────► database
//! clock ──────── Tick ─────────► repair ────┘
//! ```
//!
//! Like a [`Session`](crate::session::Session), a [`Room`] does no I/O: its driver passes in each input with the time
//! and a random number, carries out the [`RoomEffect`]s in order, and ticks it at [`Room::wake_at`]. A server drives it
//! with a database and sockets, the simulation with neither.
//!
//! Guarantees: a member gets every event of the log once and in order, from its `sync` on, or is told to `resync`. It
//! gets no event after the one that ended its user's access.

mod admission;
mod audience;
pub mod backoff;
mod gap_repair;
mod io;
mod log;
pub mod log_cursor;
pub mod queue;

use std::collections::VecDeque;

pub use io::{Join, JoinRefusal, Located, LogPlace, Resume, RoomEffect, RoomInput, SocketId, Unavailable, Welcome};
pub use log::{Page, Rights, Sequenced};
pub use log_cursor::LogCursor;
pub use queue::Queue;

use self::{admission::Waiting, audience::Audience, gap_repair::GapRepair, log_cursor::Offer};
use crate::{Epoch, EventId, UserId, wire::ResyncReason};

/// One project on one node. Times are in milliseconds of a clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct Room<E> {
    cursor: LogCursor<E>,
    audience: Audience,
    joining: VecDeque<Waiting>,
    /// The database read under way.
    reading: Option<Reading>,
    /// Why the members have to resync once the log's end is known.
    restart: Option<ResyncReason>,
    /// The log went back in time and kept its epoch, which has yet to change.
    diverged: Option<Diverged>,
    /// The room's position when the read under way began.
    asked_at: Option<LogPlace>,
    repair: GapRepair,
    /// Whether anything was delivered since the last [`Room::take_quiet`].
    active: bool,
}

/// A log that went back in time.
#[derive(Clone, Copy, Debug)]
struct Diverged {
    /// The epoch that both logs have.
    epoch: Epoch,
    /// The user whose cursor shows it, if it is not the room's own position.
    claimed_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// The end of the log.
    End,
    /// Events that a returning socket has missed.
    For(SocketId),
    /// Events that the room has missed.
    Gap,
}

impl<E: Sequenced> Room<E> {
    /// A room that has yet to read its place in the log. An early event waits `reorder` milliseconds for the ones
    /// before it before they are read from the log: commits of several writers arrive in any order.
    pub fn new(reorder: u64) -> Self {
        Self {
            cursor: LogCursor::unknown(),
            audience: Audience::default(),
            joining: VecDeque::new(),
            reading: None,
            restart: None,
            diverged: None,
            asked_at: None,
            repair: GapRepair::new(reorder),
            active: false,
        }
    }

    /// The log, and the last event delivered. `None` before it is read.
    pub fn position(&self) -> Option<LogPlace> {
        self.cursor.position()
    }

    /// The id of the event at a seq, if the room still has it.
    pub fn id_at(&self, seq: u64) -> Option<EventId> {
        self.cursor.id_at(seq)
    }

    /// Number of events in the reorder buffer.
    pub fn held(&self) -> usize {
        self.cursor.held()
    }

    /// Whether nothing was delivered since the last call. A quiet room drops most of the events that it keeps for
    /// returning sockets.
    pub fn take_quiet(&mut self) -> bool {
        const KEPT: usize = 64;
        let quiet = !std::mem::take(&mut self.active);
        if quiet {
            self.cursor.trim(KEPT);
        }
        quiet
    }

    /// When the next [`RoomInput::Tick`] is due. A late tick does no harm, an early one does nothing.
    pub fn wake_at(&self) -> Option<u64> {
        self.repair.wake_at().filter(|_| self.reading.is_none())
    }

    /// Handles an input and returns the effects to carry out, in order.
    pub fn handle(&mut self, input: RoomInput<E>, now: u64, random: u64) -> Vec<RoomEffect<E>> {
        let mut effects = Vec::new();
        match input {
            RoomInput::Tick => {}
            RoomInput::Offer { epoch, events } => {
                let mut out = Vec::with_capacity(events.len());
                let mut duplicates = 0;
                for event in events {
                    duplicates += u64::from(self.cursor.offer(epoch, event, &mut out) == Offer::Duplicate);
                }
                if duplicates > 0 {
                    effects.push(RoomEffect::Duplicates(duplicates));
                }
                self.deliver(out, &mut effects);
            }
            RoomInput::LogEnd(Some(top)) => self.cursor.reaches(top),
            RoomInput::Compared { asked_at, top, last } => self.cursor.compared(asked_at, top, last),
            // The room may have missed the log's last events.
            RoomInput::LogEnd(None) => self.cursor.doubt(),
            RoomInput::Join(join) => self.joining.push_back(Waiting::new(join)),
            RoomInput::Leave(socket) => {
                self.joining.retain(|waiting| waiting.join.socket != socket);
                self.audience.leave(socket);
            }
            RoomInput::Located(result) => self.located(result, now, random, &mut effects),
            RoomInput::Page(result) => self.page(result, now, random, &mut effects),
        }
        self.admit(&mut effects);
        self.read(now, &mut effects);
        effects
    }

    /// Delivers events, and expels the members whose access they end. Nobody gets an event after that, not even of the
    /// same transaction.
    fn deliver(&mut self, events: Vec<E>, effects: &mut Vec<RoomEffect<E>>) {
        self.active |= !events.is_empty();
        let mut part = Vec::with_capacity(events.len());
        for event in events {
            let (seq, rights) = (event.seq(), event.rights());
            part.push(event);
            if let Some(rights) = rights {
                effects.push(RoomEffect::Deliver(std::mem::take(&mut part)));
                expel(self.audience.lost(rights, seq), effects);
            }
        }
        if !part.is_empty() {
            effects.push(RoomEffect::Deliver(part));
        }
    }
}

fn expel<E: Sequenced>(sockets: Vec<SocketId>, effects: &mut Vec<RoomEffect<E>>) {
    if !sockets.is_empty() {
        effects.push(RoomEffect::Expel(sockets));
    }
}

#[cfg(test)]
mod tests;
