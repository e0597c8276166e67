//! A node's side of one project: where its log stands, who listens, and how a gap is filled.
//!
//! ```text
//! writers, bus ─ Offer, Top ───► sequence ──┐          ┌─ Deliver, Resync ─────► every member
//! sockets ────── Join, Leave ──► admission ─┤► members ┤─ Enter, Refuse, Expel ─► one socket
//! database ───── Located, Page ─► both      │          └─ Locate, Read ────────► database
//! clock ──────── Tick ─────────► repair ────┘
//! ```
//!
//! A [`Room`] does nothing by itself, as a [`Session`](crate::session::Session) does not: whoever drives it
//! passes in what happened, with the time and a random number, carries out the [`RoomEffect`]s in their order, and
//! ticks it at [`Room::wake_at`]. A server drives it with a database and sockets, a simulation with neither.
//!
//! What it promises: a member gets every event of the log once and in order, from its `sync` on, or it is told
//! to `resync`; and no event that comes after the one that ended its user's access.

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
    /// The read of the database that is under way.
    reading: Option<Reading>,
    /// Why the members start anew as soon as the log's end is known.
    restart: Option<ResyncReason>,
    /// The log went back in time under this epoch, and is yet to get another one.
    diverged: Option<Diverged>,
    /// Where the room was when the read that is under way began.
    asked_at: Option<LogPlace>,
    repair: GapRepair,
    /// Something was delivered since the room was last asked.
    active: bool,
}

/// A log that went back in time.
#[derive(Clone, Copy, Debug)]
struct Diverged {
    /// The epoch of the log that was, and of the one that is.
    epoch: Epoch,
    /// Whose cursor shows it, where it is not the room's own place.
    claimed_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// Where the log ends.
    End,
    /// What a socket that comes back has missed.
    For(SocketId),
    /// What the room has missed.
    Gap,
}

impl<E: Sequenced> Room<E> {
    /// A room whose place in the log is yet to be read. An event waits for `reorder` milliseconds for the
    /// ones before it until they are read from the log: commits of several writers come in any order.
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

    /// The log and its last event that was delivered; `None` while that is yet to be read.
    pub fn position(&self) -> Option<LogPlace> {
        self.cursor.position()
    }

    /// The id of the event at a seq, as far as the room keeps it.
    pub fn id_at(&self, seq: u64) -> Option<EventId> {
        self.cursor.id_at(seq)
    }

    /// How many events wait for the ones before them.
    pub fn held(&self) -> usize {
        self.cursor.held()
    }

    /// Whether nothing was delivered since this was last asked. A quiet room gives back most of what it keeps
    /// for sockets that come back.
    pub fn take_quiet(&mut self) -> bool {
        const KEPT: usize = 64;
        let quiet = !std::mem::take(&mut self.active);
        if quiet {
            self.cursor.trim(KEPT);
        }
        quiet
    }

    /// When the next [`RoomInput::Tick`] is due. A late one does no harm, an early one does nothing.
    pub fn wake_at(&self) -> Option<u64> {
        self.repair.wake_at().filter(|_| self.reading.is_none())
    }

    /// Takes in what happened, and says what to do.
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
            RoomInput::Top(Some(top)) => self.cursor.reaches(top),
            RoomInput::Compared { asked_at, top, last } => self.cursor.compared(asked_at, top, last),
            // Its last event may still be in the log, and may have been missed.
            RoomInput::Top(None) => self.cursor.doubt(),
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

    /// Passes events on that are next, and does what they say about the members. Nobody gets what comes after
    /// the end of their access, not even in the same transaction.
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
