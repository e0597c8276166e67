//! A room's cursor in its project's log, with a reorder buffer and the last events, so that most returning sockets need
//! no database.
//!
//! Pure: no clock, no lock, no task. The room around it does what it says.

use std::collections::{BTreeMap, VecDeque};

use super::{LogPlace, Page, Sequenced};
use crate::{Epoch, EventId, wire::ResyncReason};

/// Events kept for returning sockets, and the most that one may have missed.
pub const RING: usize = 512;
/// Capacity of the reorder buffer. Further events are dropped: the log has them.
pub const REORDER_CAPACITY: usize = 1024;
/// The most events that a room catches up on one by one; beyond that it starts over.
pub const MAX_CATCH_UP: u64 = 500;

/// Outcome of offering an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It was next.
    Taken,
    /// It was there already.
    Duplicate,
    /// Earlier events are missing; it waits in the reorder buffer.
    Buffered,
    /// It is of another log, or does not follow the previous event: one of the two is outdated.
    Foreign,
}

/// Outcome of applying a page of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Nothing is missing.
    Whole,
    /// The log continues after the page.
    More,
    /// The room cannot catch up to the log's end and has to start over there.
    Anew(ResyncReason),
    /// The log lacks events taken from it: it went back in time and kept its epoch.
    Diverged,
}

/// A room's cursor in its project's log.
#[derive(Clone, Debug)]
pub struct LogCursor<E> {
    position: Option<LogPlace>,
    /// Ring of the last events, up to the position, without a gap.
    ring: VecDeque<E>,
    /// The id of the event before the ring, where known.
    floor: Option<EventId>,
    /// Early events, by seq.
    reorder_buffer: BTreeMap<u64, (Epoch, E)>,
    /// The last event known to exist, from any source.
    top: Option<LogPlace>,
    /// The log may have been replaced, and was not read since.
    foreign: bool,
}

impl<E: Sequenced> LogCursor<E> {
    /// A cursor whose position has yet to be read: it buffers all events.
    pub fn unknown() -> Self {
        Self {
            position: None,
            ring: VecDeque::new(),
            floor: None,
            reorder_buffer: BTreeMap::new(),
            top: None,
            foreign: false,
        }
    }

    /// The log and the last seq that was taken.
    pub fn position(&self) -> Option<LogPlace> {
        self.position
    }

    /// Whether events are known to be missing.
    pub fn has_gap(&self) -> bool {
        let behind = |at: LogPlace| self.top.is_some_and(|top| top.seq > at.seq);
        self.position.is_some_and(|at| self.foreign || !self.reorder_buffer.is_empty() || behind(at))
    }

    /// Number of events in the reorder buffer.
    pub fn held(&self) -> usize {
        self.reorder_buffer.len()
    }

    /// Offers an event. Appends it and the buffered ones that follow to `out`, in order.
    pub fn offer(&mut self, epoch: Epoch, event: E, out: &mut Vec<E>) -> Offer {
        let seq = event.seq();
        let Some(at) = self.position else {
            self.buffer(epoch, event);
            return Offer::Buffered;
        };
        if epoch != at.epoch {
            self.foreign = true;
            return Offer::Foreign;
        }
        self.reaches(LogPlace { epoch, seq });
        if seq <= at.seq {
            // Another event under a known seq, or one too old to tell.
            if self.id_at(seq) != Some(event.id()) {
                self.doubt();
            }
            return Offer::Duplicate;
        }
        if seq > at.seq + 1 {
            return if self.buffer(epoch, event) { Offer::Buffered } else { Offer::Duplicate };
        }
        if !self.follows(&event) {
            self.doubt();
            return Offer::Foreign;
        }
        self.take(event, out);
        self.release(out);
        Offer::Taken
    }

    /// Learns that a log reaches `top`. [`Self::has_gap`] tells whether events are missing now.
    pub fn reaches(&mut self, top: LogPlace) {
        if self.position.is_some_and(|at| at.epoch != top.epoch) {
            self.foreign = true;
        } else if self.top.is_none_or(|known| known.epoch != top.epoch || known.seq < top.seq) {
            self.top = Some(top);
        }
    }

    /// Compares the cursor with the log's end, which the database was asked for when the position was `asked_at`.
    pub fn compared(&mut self, asked_at: Option<LogPlace>, top: LogPlace, last: Option<EventId>) {
        self.reaches(top);
        let shorter = asked_at.is_some_and(|at| at.epoch == top.epoch && at.seq > top.seq);
        let another = last.zip(self.id_at(top.seq)).is_some_and(|(last, known)| last != known);
        if self.position.is_some_and(|at| at.epoch == top.epoch) && (shorter || another) {
            self.doubt();
        }
    }

    /// The id of the event at a seq, if it is kept here.
    pub fn id_at(&self, seq: u64) -> Option<EventId> {
        let floor = self.position?.seq.checked_sub(self.ring.len() as u64)?;
        match usize::try_from(seq.checked_sub(floor)?).ok()?.checked_sub(1) {
            None => self.floor,
            Some(index) => self.ring.get(index).map(Sequenced::id),
        }
    }

    /// Learns that the log may have been replaced: it has to be read.
    pub fn doubt(&mut self) {
        self.foreign = true;
    }

    /// Stops waiting for announced events that are not in the log.
    pub fn forget(&mut self) {
        self.reorder_buffer.clear();
        self.foreign = false;
        self.top = self.position;
    }

    /// Drops the position until it is read again. Events offered meanwhile are buffered.
    pub fn lose(&mut self) {
        self.position = None;
        self.ring.clear();
        self.floor = None;
        self.top = None;
        self.foreign = false;
    }

    /// Starts at the end of a log, whose last event is `last`. Appends buffered events that are next to `out`.
    pub fn start(&mut self, at: LogPlace, last: Option<EventId>, out: &mut Vec<E>) {
        self.position = Some(at);
        self.floor = last;
        // Announcements from before the position was read still count, if they are of this log.
        let known = self.top.filter(|top| top.epoch == at.epoch && top.seq > at.seq);
        self.top = Some(known.unwrap_or(at));
        self.foreign = false;
        self.ring.clear();
        // Buffered events of another log are older than the position just read.
        self.reorder_buffer.retain(|_, (of, _)| *of == at.epoch);
        self.release(out);
    }

    /// Applies a page whose read began when the position was `asked_at`. Appends its new events to `out`.
    pub fn fill(&mut self, page: Page<E>, asked_at: Option<LogPlace>, out: &mut Vec<E>) -> Fill {
        let Some(at) = self.position else { return Fill::Anew(ResyncReason::Epoch) };
        if page.epoch != at.epoch {
            return Fill::Anew(ResyncReason::Epoch);
        }
        // Events taken before the read began were committed before it.
        if asked_at.is_some_and(|asked| asked.epoch == page.epoch && asked.seq > page.seq) || self.contradicts(&page) {
            return Fill::Diverged;
        }
        let Page { epoch, seq: top, min_seq, events, .. } = page;
        if top > at.seq && min_seq > at.seq + 1 {
            return Fill::Anew(ResyncReason::LogPruned);
        }
        if top > at.seq + MAX_CATCH_UP {
            return Fill::Anew(ResyncReason::Slow);
        }
        self.foreign = false;
        for event in events {
            // Events before the ring are no reason for another read.
            if self.position.is_none_or(|at| event.seq() > at.seq) {
                self.offer(epoch, event, out);
            }
        }
        self.reaches(LogPlace { epoch, seq: top });
        if self.has_gap() { Fill::More } else { Fill::Whole }
    }

    /// The events after `since`, if the ring has all of them.
    pub fn after(&self, since: u64) -> Option<impl ExactSizeIterator<Item = &E>> {
        let missed = usize::try_from(self.position?.seq.checked_sub(since)?).ok()?;
        let from = self.ring.len().checked_sub(missed)?;
        Some(self.ring.range(from..))
    }

    /// Prepends older events to the ring.
    pub fn prepend(&mut self, epoch: Epoch, events: Vec<E>) {
        let Some(at) = self.position.filter(|at| at.epoch == epoch) else { return };
        for event in events.into_iter().rev() {
            let floor = at.seq - self.ring.len() as u64;
            if self.ring.len() < RING && event.seq() == floor {
                self.floor = event.prev();
                self.ring.push_front(event);
            }
        }
    }

    /// Keeps only the newest `keep` events.
    pub fn trim(&mut self, keep: usize) {
        if self.ring.len() > keep {
            self.floor = self.ring.drain(..self.ring.len() - keep).next_back().map(|event| event.id());
            self.ring.shrink_to_fit();
        }
    }

    /// Buffers an early event; false if it was buffered already.
    fn buffer(&mut self, epoch: Epoch, event: E) -> bool {
        let seq = event.seq();
        let known = self.reorder_buffer.get(&seq).map(|(of, _)| *of);
        if known == Some(epoch) {
            return false;
        }
        if known.is_some() || self.reorder_buffer.len() < REORDER_CAPACITY {
            self.reorder_buffer.insert(seq, (epoch, event));
        }
        true
    }

    fn take(&mut self, event: E, out: &mut Vec<E>) {
        if let Some(at) = &mut self.position {
            at.seq = event.seq();
        }
        if self.ring.len() == RING {
            self.floor = self.ring.pop_front().map(|event| event.id());
        }
        self.ring.push_back(event.clone());
        out.push(event);
    }

    fn release(&mut self, out: &mut Vec<E>) {
        while let (Some(at), Some(entry)) = (self.position, self.reorder_buffer.first_entry()) {
            if *entry.key() > at.seq + 1 {
                break;
            }
            let (seq, (_, event)) = entry.remove_entry();
            if seq != at.seq + 1 {
                continue;
            }
            if !self.follows(&event) {
                // It is of a lost part of the log, which has to be read.
                self.doubt();
                break;
            }
            self.take(event, out);
        }
    }

    /// Whether the next event names the last one as its predecessor, if both are known.
    fn follows(&self, event: &E) -> bool {
        let last = self.position.and_then(|at| self.id_at(at.seq));
        event.prev().zip(last).is_none_or(|(prev, last)| prev == last)
    }

    /// Whether a page has another event at a seq that is kept here.
    fn contradicts(&self, page: &Page<E>) -> bool {
        let differs = |seq: u64, id: EventId| self.id_at(seq).is_some_and(|known| known != id);
        page.before.is_some_and(|id| differs(page.since, id))
            || page.events.iter().any(|event| differs(event.seq(), event.id()))
    }
}

#[cfg(test)]
mod tests;
