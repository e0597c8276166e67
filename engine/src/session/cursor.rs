//! The place in a project's log: which event is next, which was there already, and what is missing.

use std::collections::BTreeMap;

use super::recent::{REMEMBERED, Recent};
use crate::{Epoch, Event, EventId, wire::LogPosition};

/// How long an event that came too early waits for the ones before it, in milliseconds.
pub const HOLD_MS: u64 = 250;
/// How long the socket may be behind what a request has brought until the server is asked whether it still has that,
/// in milliseconds. Where all is well, a room hears of it within a second.
pub const AHEAD_MS: u64 = 5_000;
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

/// What became of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// It is of the log that there was.
    Onward,
    /// It is of another log: nothing that was known of the one before it counts.
    Anew,
    /// It is older than what was handed out, or has another event there, and nothing says that the log is another: it
    /// may come from where the log is read late. The server is asked which it is.
    Refused,
}

/// A cursor in one log. It hands each event out once and in order, however they come in.
#[derive(Clone, Debug)]
pub struct Cursor {
    epoch: Epoch,
    seq: u64,
    /// The id of that event, where it is known.
    last: Option<EventId>,
    /// Up to where a snapshot brought it, and the id of the last event in it.
    base: (u64, Option<EventId>),
    /// The last event that is known to exist.
    top: u64,
    /// The last event of another log that is known to exist: the snapshot that comes may be older. A log that went
    /// back in time is another one, and may have the epoch that it had.
    other_log: Option<(Epoch, u64)>,
    /// Whether the log of `epoch` is known to have gone back in time, whatever other log there is word of.
    went_back: bool,
    /// How far the socket has told of this log.
    socket_seq: u64,
    /// Since when it is behind what was handed out.
    ahead_since: Option<u64>,
    /// Whether the log may not have what was handed out: only the server can tell.
    doubted: bool,
    /// How often there was a reason to doubt. What was asked before the last one proves nothing.
    doubts: u64,
    /// Events past a gap. Never more than [`TOO_FAR`].
    buffered: BTreeMap<u64, Event>,
    /// Since when something is missing.
    gap_since: Option<u64>,
    /// Whether events cannot help any more.
    lost: bool,
    seen: Recent<EventId>,
}

impl Cursor {
    /// A cursor after `seq`, whose event is `last`.
    pub fn new(epoch: Epoch, seq: u64, last: Option<EventId>) -> Self {
        Self {
            epoch,
            seq,
            last,
            base: (seq, last),
            top: seq,
            other_log: None,
            went_back: false,
            socket_seq: 0,
            ahead_since: None,
            doubted: false,
            doubts: 0,
            buffered: BTreeMap::new(),
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

    /// The place of the last event that was handed out.
    pub fn position(&self) -> LogPosition {
        LogPosition { epoch: self.epoch, since: self.seq, last: self.last }
    }

    /// The last event that is known to exist.
    pub fn top(&self) -> u64 {
        self.top
    }

    /// Whether events are known to be missing.
    pub fn is_behind(&self) -> bool {
        self.lost || self.doubted || self.seq < self.top
    }

    /// Whether the server has to say if the log still has what was handed out.
    pub fn is_doubted(&self) -> bool {
        self.doubted
    }

    /// Another number whenever there is a new reason to doubt what was asked until then.
    pub fn doubts(&self) -> u64 {
        self.doubts
    }

    /// The log of another name that took the place of this one, and how far it is known to reach, until a snapshot of
    /// it is here.
    pub fn successor(&self) -> Option<(Epoch, u64)> {
        self.other_log.filter(|(epoch, _)| *epoch != self.epoch)
    }

    /// Whether only a snapshot helps.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Takes an event in, in whatever order. Duplicates and what is older than the cursor are dropped.
    pub fn offer(&mut self, event: Event, now: u64) {
        if !self.reached(event.epoch, event.seq, now) {
            return;
        }
        if event.seq <= self.seq {
            if !self.may_have_been(&event) {
                self.doubt();
            }
            return;
        }
        if event.seq - self.seq > TOO_FAR {
            // Not kept: the snapshot that is fetched now contains it, or the log still has it.
            self.lost = true;
            return;
        }
        match self.buffered.get(&event.seq) {
            Some(buffered) if buffered.event_id != event.event_id => {
                self.buffered.remove(&event.seq);
                self.doubt();
            }
            Some(_) => {}
            None => drop(self.buffered.insert(event.seq, event)),
        }
    }

    /// There is another socket: what the last one told ahead may be of a log that has gone back since, and is in reach
    /// of a request where it is not.
    pub fn forget_ahead(&mut self) {
        self.buffered.clear();
    }

    /// Hands out the next event, when it is here. An event whose id was seen under another seq is passed over.
    pub fn next(&mut self, now: u64) -> Option<Event> {
        // What is next by its number may be next in another log: while this cursor is doubted, it waits.
        while !self.doubted
            && let Some(event) = self.buffered.remove(&(self.seq + 1))
        {
            self.seq += 1;
            self.last = Some(event.event_id);
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
        if epoch != self.epoch || self.went_back {
            self.supersede(epoch, seq);
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

    /// Learns how far a socket has told of the log of `epoch`; `anew` where that says where it begins.
    pub fn socket_reached(&mut self, epoch: Epoch, seq: u64, anew: bool) {
        if epoch == self.epoch {
            self.socket_seq = if anew { seq } else { self.socket_seq.max(seq) };
        }
        if anew {
            // The time before this socket was not its own to tell in.
            self.ahead_since = None;
        }
    }

    /// Notices what only a request has brought, and the socket does not come to tell: it may have got lost since.
    pub fn watch(&mut self, now: u64) {
        if self.seq <= self.socket_seq {
            self.ahead_since = None;
        } else if now >= self.ahead_since.get_or_insert(now).saturating_add(AHEAD_MS) {
            self.ahead_since = Some(now);
            self.doubt();
        }
    }

    /// Compares positions with a new socket's server or with another tab. A position behind this one may only be stale,
    /// so the board stays until the server confirms or denies the last event.
    pub fn compare(&mut self, epoch: Epoch, seq: u64, last: Option<EventId>, now: u64) {
        if self.reached(epoch, seq, now) && (seq < self.seq || (seq == self.seq && self.differs(last))) {
            self.doubt();
        }
    }

    /// Learns that the event `id` comes right before `seq`. Where another one was handed out there, what follows on it
    /// is of another log.
    pub fn check_predecessor(&mut self, seq: u64, id: Option<EventId>) {
        if seq == self.seq + 1 && self.differs(id) {
            self.doubt();
        }
    }

    /// Learns that the events after the cursor cannot be had, or not be read.
    pub fn require_snapshot(&mut self) {
        self.lost = true;
    }

    /// Learns that the log of `epoch`, which reaches `seq`, is not the one of what was handed out, whatever its name:
    /// the next snapshot counts, also one that is older.
    pub fn supersede(&mut self, epoch: Epoch, seq: u64) {
        let known = self.other_log.filter(|(of, _)| *of == epoch);
        self.doubts += u64::from(known.is_none());
        self.other_log = Some((epoch, known.map_or(seq, |(_, top)| top.max(seq))));
        self.went_back |= epoch == self.epoch;
        self.lost = true;
    }

    /// The server, asked when there were so many [`doubts`](Self::doubts), has what was handed out, and its log ends
    /// at `seq`. False when the answer came too late to say so.
    pub fn confirm(&mut self, seq: u64, asked: (u64, u64)) -> bool {
        let (doubts, top) = asked;
        if doubts != self.doubts {
            return false;
        }
        self.doubted = false;
        // What was said to exist when it was asked was in a log that is no more.
        if self.top == top && seq < top {
            self.top = seq.max(self.seq);
        }
        self.gap_since = self.gap_since.filter(|_| self.seq < self.top);
        true
    }

    /// What is to be fetched now.
    pub fn need(&self, now: u64) -> Option<Need> {
        if self.doubted && self.other_log.is_none() {
            return Some(Need::Events);
        }
        if self.lost || self.top.saturating_sub(self.seq) > TOO_FAR {
            return Some(Need::Snapshot);
        }
        self.gap_since.is_some_and(|since| since + HOLD_MS <= now).then_some(Need::Events)
    }

    /// When [`Cursor::need`] has an answer, unless the missing events come first.
    pub fn need_at(&self) -> Option<u64> {
        if self.lost || self.doubted {
            return Some(0);
        }
        self.gap_since.map(|since| since + HOLD_MS)
    }

    /// When [`Cursor::watch`] has something to notice, while there is a socket.
    pub fn watch_at(&self) -> Option<u64> {
        self.ahead_since.map(|since| since.saturating_add(AHEAD_MS))
    }

    /// Moves to a snapshot that ends with the event `last`, if it may.
    pub fn jump(&mut self, epoch: Epoch, seq: u64, last: Option<EventId>, now: u64) -> Jump {
        let onward = seq > self.seq || (seq == self.seq && !self.differs(last));
        let same = epoch == self.epoch && !self.went_back && onward;
        // Word of some other log, from a tab that is behind, does not make this one go back.
        if epoch == self.epoch && !onward && !self.went_back {
            // The server has this one: what there was word of is no more, if it ever was. Whether this one went back,
            // the answer to a request for events says.
            self.other_log = None;
            self.doubt();
            return Jump::Refused;
        }
        if same {
            self.buffered = self.buffered.split_off(&(seq + 1));
            self.top = self.top.max(seq);
        } else {
            let known = self.other_log.filter(|(of, _)| *of == epoch);
            *self = Self { doubts: self.doubts, ..Self::new(epoch, seq, last) };
            self.top = known.map_or(seq, |(_, top)| top.max(seq));
            self.socket_seq = known.map_or(0, |(_, top)| top);
        }
        if seq > self.seq || !same {
            (self.seq, self.last, self.base) = (seq, last, (seq, last));
        }
        self.last = self.last.or(last);
        (self.lost, self.doubted) = (false, false);
        self.other_log = None;
        self.gap_since = (self.seq < self.top).then_some(now);
        if same { Jump::Onward } else { Jump::Anew }
    }

    fn doubt(&mut self) {
        self.doubts += u64::from(!self.doubted);
        self.doubted = true;
    }

    fn differs(&self, last: Option<EventId>) -> bool {
        self.last.zip(last).is_some_and(|(own, other)| own != other)
    }

    /// Whether an event may be the one that was handed out under its seq, or was in the snapshot.
    fn may_have_been(&self, event: &Event) -> bool {
        let (base, last) = self.base;
        if event.seq == base {
            return last.is_none_or(|last| last == event.event_id);
        }
        event.seq < base || event.seq + REMEMBERED as u64 <= self.seq || self.seen.contains(event.event_id)
    }
}

#[cfg(test)]
mod tests;
