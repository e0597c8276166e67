//! The place in a project's log: which event is next, which was there already, and what is missing.

use std::collections::BTreeMap;

use super::recent::Recent;
use crate::{Epoch, Event, EventId};

/// How long an event that came too early waits for the ones before it, in milliseconds.
pub const HOLD_MS: u64 = 250;
/// With more events missing than this, the whole board is fetched.
pub const TOO_FAR: u64 = 500;

/// What a client has to fetch to catch up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The events after the cursor.
    Events,
    /// The whole board.
    Snapshot,
}

/// A cursor in one log. It hands each event out once and in order, however they come in.
#[derive(Clone, Debug)]
pub struct Cursor {
    epoch: Epoch,
    seq: u64,
    /// The last event that is known to exist.
    top: u64,
    /// The last event of another log that is known to exist: the snapshot that comes may be older.
    elsewhere: Option<(Epoch, u64)>,
    /// Events past a gap. Never more than [`TOO_FAR`].
    held: BTreeMap<u64, Event>,
    /// Since when something is missing.
    gap_since: Option<u64>,
    /// Whether events cannot help any more.
    lost: bool,
    seen: Recent<EventId>,
}

impl Cursor {
    /// A cursor after `seq`.
    pub fn new(epoch: Epoch, seq: u64) -> Self {
        Self {
            epoch,
            seq,
            top: seq,
            elsewhere: None,
            held: BTreeMap::new(),
            gap_since: None,
            lost: false,
            seen: Recent::default(),
        }
    }

    /// Of which log.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The last event that was handed out, or that the snapshot contained.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The last event that is known to exist.
    pub fn top(&self) -> u64 {
        self.top
    }

    /// Whether events are known to be missing.
    pub fn is_behind(&self) -> bool {
        self.lost || self.seq < self.top
    }

    /// Whether only a snapshot helps.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Takes an event in, in whatever order. Duplicates and what is older than the cursor are dropped.
    pub fn offer(&mut self, event: Event, now: u64) {
        if !self.reached(event.epoch, event.seq, now) || event.seq <= self.seq {
            return;
        }
        if event.seq - self.seq > TOO_FAR {
            // Not kept: the snapshot that is fetched now contains it, or the log still has it.
            self.lost = true;
            return;
        }
        self.held.entry(event.seq).or_insert(event);
    }

    /// Hands out the next event, when it is here. An event whose id was seen under another seq is passed over.
    pub fn next(&mut self, now: u64) -> Option<Event> {
        while let Some(event) = self.held.remove(&(self.seq + 1)) {
            self.seq += 1;
            // What is missing now is another gap than the one before it, with a hold of its own.
            self.gap_since = (self.seq < self.top).then_some(now);
            if self.seen.insert(event.event_id) {
                return Some(event);
            }
        }
        None
    }

    /// Learns that the log of `epoch` reaches `seq`, by whatever said so. False when it is another log.
    pub fn reached(&mut self, epoch: Epoch, seq: u64, now: u64) -> bool {
        if epoch != self.epoch {
            self.lost = true;
            let known = self.elsewhere.filter(|(of, _)| *of == epoch).map_or(0, |(_, top)| top);
            self.elsewhere = Some((epoch, known.max(seq)));
            return false;
        }
        if seq > self.top {
            self.top = seq;
        }
        if self.seq < self.top && self.gap_since.is_none() {
            self.gap_since = Some(now);
        }
        true
    }

    /// Learns that the events after the cursor cannot be had, or not be read.
    pub fn lose(&mut self) {
        self.lost = true;
    }

    /// What is to be fetched now.
    pub fn need(&self, now: u64) -> Option<Need> {
        if self.lost || self.top.saturating_sub(self.seq) > TOO_FAR {
            return Some(Need::Snapshot);
        }
        self.need_at().is_some_and(|at| at <= now).then_some(Need::Events)
    }

    /// When [`Cursor::need`] has an answer, unless the missing events come first.
    pub fn need_at(&self) -> Option<u64> {
        if self.lost {
            return Some(0);
        }
        self.gap_since.map(|since| since + HOLD_MS)
    }

    /// Moves to a snapshot. False when it is older than what was handed out already.
    pub fn jump(&mut self, epoch: Epoch, seq: u64, now: u64) -> bool {
        if epoch == self.epoch && seq < self.seq {
            return false;
        }
        if epoch == self.epoch {
            self.held = self.held.split_off(&(seq + 1));
            self.top = self.top.max(seq);
        } else {
            let known = self.elsewhere.filter(|(of, _)| *of == epoch);
            *self = Self::new(epoch, seq);
            self.top = known.map_or(seq, |(_, top)| top.max(seq));
        }
        self.seq = seq;
        self.lost = false;
        self.gap_since = (self.seq < self.top).then_some(now);
        true
    }
}

#[cfg(test)]
mod tests;
