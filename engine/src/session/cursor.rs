//! The cursor in a project's log: what is next, a duplicate or missing.

use super::recent::{REMEMBERED, Recent};
use crate::{Epoch, Event, EventId, sorted::SortedMap, wire::LogPosition};

/// How long an early event waits for the ones before it, in milliseconds.
pub const HOLD_MS: u64 = 250;
/// How long the socket may lag behind what requests brought before the server is asked whether its log still has that,
/// in milliseconds. Normally a room learns of it within a second.
pub const AHEAD_MS: u64 = 5_000;
/// Above this many missing events, the whole board is fetched.
pub const TOO_FAR: u64 = 500;

/// What a client fetches to catch up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The events after the cursor.
    Events,
    /// The whole board.
    Snapshot,
}

/// Outcome of applying a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// It is of the same log.
    Onward,
    /// It is of another log: nothing known of the previous one counts.
    Anew,
    /// It is older than the events handed out, or has another last event, and nothing says that the log was replaced:
    /// it may come from a lagging reader. The server is asked which it is.
    Refused,
}

/// A cursor in one log. It hands out each event once and in order, in whatever order they arrive.
#[derive(Clone, Debug)]
pub struct Cursor {
    epoch: Epoch,
    seq: u64,
    /// The id of that event, where it is known.
    last: Option<EventId>,
    /// Seq of the last snapshot, and the id of its last event.
    base: (u64, Option<EventId>),
    /// The last event that is known to exist.
    top: u64,
    /// Another log, and its last event known to exist: the snapshot of it may have a lower seq. A log that went back in
    /// time is another one, and may keep its epoch.
    other_log: Option<(Epoch, u64)>,
    /// Whether the log of `epoch` is known to have gone back in time, even if `other_log` names another one since.
    went_back: bool,
    /// The last seq that the socket has reported.
    socket_seq: u64,
    /// Since when the socket lags behind the events handed out.
    ahead_since: Option<u64>,
    /// Whether the log may have lost events that were handed out: only the server can tell.
    doubted: bool,
    /// Counts the doubts. An answer to a request made before the last doubt proves nothing.
    doubts: u64,
    /// Reorder buffer: events past a gap. Never more than [`TOO_FAR`].
    buffered: SortedMap<u64, Event>,
    /// Since when events are missing.
    gap_since: Option<u64>,
    /// Whether only a snapshot helps: the missing events are gone or unreadable.
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
            buffered: SortedMap::new(),
            gap_since: None,
            lost: false,
            seen: Recent::default(),
        }
    }

    /// The epoch of the log.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Seq of the last event that was handed out, or that the snapshot contained.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The position after the last event that was handed out.
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

    /// Whether the server has to confirm the events that were handed out.
    pub fn is_doubted(&self) -> bool {
        self.doubted
    }

    /// Counts the doubts: answers to requests made before it last changed prove nothing.
    pub fn doubts(&self) -> u64 {
        self.doubts
    }

    /// The epoch that replaced this log, and its last known seq, until a snapshot of it arrives.
    pub fn successor(&self) -> Option<(Epoch, u64)> {
        self.other_log.filter(|(epoch, _)| *epoch != self.epoch)
    }

    /// Whether only a snapshot helps.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Takes an event, in any order. Drops duplicates and events before the cursor.
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
            // Not buffered: the snapshot fetched next contains it, or the log still has it.
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

    /// Clears the reorder buffer for a new socket: events that the old one announced may be of a log that went back
    /// since, and can be fetched if they are not.
    pub fn forget_ahead(&mut self) {
        self.buffered.clear();
    }

    /// Returns the next event, if it is here. An event whose id was seen under another seq is skipped.
    pub fn next(&mut self, now: u64) -> Option<Event> {
        // While in doubt, the event with the next seq may be of another log, so it waits.
        while !self.doubted
            && let Some(event) = self.buffered.remove(&(self.seq + 1))
        {
            self.seq += 1;
            self.last = Some(event.event_id);
            // A gap that remains is a new one, with its own hold time.
            self.gap_since = (self.seq < self.top).then_some(now);
            if self.seen.insert(event.event_id) {
                return Some(event);
            }
        }
        None
    }

    /// Learns, from any source, that the log of `epoch` reaches `seq`. False if it is another log.
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

    /// Records how far the socket has reported the log of `epoch`; `anew`: this is a new socket's start.
    pub fn socket_reached(&mut self, epoch: Epoch, seq: u64, anew: bool) {
        if epoch == self.epoch {
            self.socket_seq = if anew { seq } else { self.socket_seq.max(seq) };
        }
        if anew {
            // The wait for the previous socket does not count.
            self.ahead_since = None;
        }
    }

    /// Raises a doubt if the socket does not confirm, within [`AHEAD_MS`], what requests brought: it may be lost.
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

    /// Learns that the event `id` comes right before `seq`. If this cursor handed out another event there, the events
    /// that follow are of another log.
    pub fn check_predecessor(&mut self, seq: u64, id: Option<EventId>) {
        if seq == self.seq + 1 && self.differs(id) {
            self.doubt();
        }
    }

    /// Gives up on the events after the cursor: they are gone or unreadable.
    pub fn require_snapshot(&mut self) {
        self.lost = true;
    }

    /// Learns that a log of `epoch`, which reaches `seq`, replaced the one handed out so far, even under the same
    /// epoch. The next snapshot is accepted even if it is older.
    pub fn supersede(&mut self, epoch: Epoch, seq: u64) {
        let known = self.other_log.filter(|(of, _)| *of == epoch);
        self.doubts += u64::from(known.is_none());
        self.other_log = Some((epoch, known.map_or(seq, |(_, top)| top.max(seq))));
        self.went_back |= epoch == self.epoch;
        self.lost = true;
    }

    /// The server, asked in the state `asked` ([`doubts`](Self::doubts), top), has the events handed out, and its log
    /// ends at `seq`. False if a newer doubt makes the answer useless.
    pub fn confirm(&mut self, seq: u64, asked: (u64, u64)) -> bool {
        let (doubts, top) = asked;
        if doubts != self.doubts {
            return false;
        }
        self.doubted = false;
        // The higher end was reported of a log that no longer exists.
        if self.top == top && seq < top {
            self.top = seq.max(self.seq);
        }
        self.gap_since = self.gap_since.filter(|_| self.seq < self.top);
        true
    }

    /// What to fetch now.
    pub fn need(&self, now: u64) -> Option<Need> {
        if self.doubted && self.other_log.is_none() {
            return Some(Need::Events);
        }
        if self.lost || self.top.saturating_sub(self.seq) > TOO_FAR {
            return Some(Need::Snapshot);
        }
        self.gap_since.is_some_and(|since| since + HOLD_MS <= now).then_some(Need::Events)
    }

    /// When [`Cursor::need`] next returns something, unless the missing events arrive first.
    pub fn need_at(&self) -> Option<u64> {
        if self.lost || self.doubted {
            return Some(0);
        }
        self.gap_since.map(|since| since + HOLD_MS)
    }

    /// When [`Cursor::watch`] next may raise a doubt, while there is a socket.
    pub fn watch_at(&self) -> Option<u64> {
        self.ahead_since.map(|since| since.saturating_add(AHEAD_MS))
    }

    /// Moves to a snapshot that ends with the event `last`, if it is acceptable.
    pub fn jump(&mut self, epoch: Epoch, seq: u64, last: Option<EventId>, now: u64) -> Jump {
        let onward = seq > self.seq || (seq == self.seq && !self.differs(last));
        let same = epoch == self.epoch && !self.went_back && onward;
        // News of another log from a lagging tab must not take this one back.
        if epoch == self.epoch && !onward && !self.went_back {
            // The server has this log: the other one is gone, if it ever existed. The answer to an event request will
            // tell whether this one went back.
            self.other_log = None;
            self.doubt();
            return Jump::Refused;
        }
        if same {
            self.buffered.remove_before(&(seq + 1));
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

    /// Whether an event may be the one handed out under its seq, or contained in the snapshot.
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
