//! Where a room stands in its project's log: what comes next, what came before its time, and the
//! last events, so that most sockets that come back need no database.
//!
//! Pure: no clock, no lock, no task. The room around it does what it says.

use std::collections::{BTreeMap, VecDeque};

use engine::{Epoch, wire::ResyncReason};

/// Events that a room keeps for sockets that come back, and the most that one may have missed.
pub(super) const RING: usize = 512;
/// Events that are held until the ones before them come. More are dropped: the log has them.
const HELD: usize = 1024;
/// The most that a room catches up on event by event; what is further behind starts anew.
pub(super) const REACH: u64 = 500;

/// Something with a place in a log.
pub(super) trait Sequenced: Clone {
    /// Its place: 1, 2, 3 …
    fn seq(&self) -> u64;
}

/// What became of an event that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// It was next, or closed a gap.
    Taken,
    /// It was there already.
    Duplicate,
    /// The ones before it are missing.
    Held,
    /// It is of another log: one of the two is out of date.
    Foreign,
}

/// What became of a page of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// Nothing is missing any more.
    Whole,
    /// The log goes on behind the page.
    More,
    /// The room starts anew at the log's end, and its members with it.
    Anew(ResyncReason),
}

/// Where a room stands in its project's log.
#[derive(Debug)]
pub(super) struct Sequence<E> {
    position: Option<(Epoch, u64)>,
    /// The last events, up to the position, without a gap.
    ring: VecDeque<E>,
    held: BTreeMap<u64, (Epoch, E)>,
    /// The highest seq that is known to exist.
    top: u64,
    /// An event of another log came, and the log was not read since.
    foreign: bool,
}

impl<E: Sequenced> Sequence<E> {
    /// A position that is yet to be read: all that is offered is held.
    pub(super) fn unknown() -> Self {
        Self { position: None, ring: VecDeque::new(), held: BTreeMap::new(), top: 0, foreign: false }
    }

    /// The log and the last seq that was taken.
    pub(super) fn position(&self) -> Option<(Epoch, u64)> {
        self.position
    }

    /// Whether something is known to be missing.
    pub(super) fn has_gap(&self) -> bool {
        self.position.is_some_and(|(_, seq)| self.foreign || !self.held.is_empty() || self.top > seq)
    }

    /// Offers an event; it and all that it releases are appended to `out`, in order.
    pub(super) fn offer(&mut self, epoch: Epoch, event: E, out: &mut Vec<E>) -> Offer {
        let seq = event.seq();
        let Some((current, last)) = self.position else {
            self.top = self.top.max(seq);
            self.hold(epoch, event);
            return Offer::Held;
        };
        if epoch != current {
            self.foreign = true;
            return Offer::Foreign;
        }
        self.top = self.top.max(seq);
        if seq <= last {
            return Offer::Duplicate;
        }
        if seq > last + 1 {
            return if self.hold(epoch, event) { Offer::Held } else { Offer::Duplicate };
        }
        self.take(event, out);
        self.release(out);
        Offer::Taken
    }

    /// Learns that the log reaches to `seq`. Whether something is missing now says [`Self::has_gap`].
    pub(super) fn reaches(&mut self, epoch: Epoch, seq: u64) {
        match self.position {
            Some((current, _)) if current == epoch => self.top = self.top.max(seq),
            Some(_) => self.foreign = true,
            None => self.top = self.top.max(seq),
        }
    }

    /// Learns that the log may not be the one that it was: only reading it helps.
    pub(super) fn doubt(&mut self) {
        self.foreign = true;
    }

    /// Gives up on what is said to exist, but is not in the log.
    pub(super) fn forget(&mut self) {
        self.held.clear();
        self.foreign = false;
        self.top = self.position.map_or(0, |(_, seq)| seq);
    }

    /// Starts at the end of a log. Events that came early and are next are appended to `out`.
    pub(super) fn start(&mut self, epoch: Epoch, seq: u64, out: &mut Vec<E>) {
        // What was announced before there was a position still counts; of another log it does not.
        self.top = if self.position.is_none() { self.top.max(seq) } else { seq };
        self.position = Some((epoch, seq));
        self.foreign = false;
        self.ring.clear();
        // An early event of another log is older than the position that was just read.
        self.held.retain(|_, (of, _)| *of == epoch);
        self.release(out);
    }

    /// Takes a page that was read after the position; what it brings is appended to `out`.
    pub(super) fn fill(&mut self, epoch: Epoch, top: u64, min: u64, events: Vec<E>, out: &mut Vec<E>) -> Fill {
        let Some((current, last)) = self.position else {
            self.start(epoch, top, out);
            return Fill::Anew(ResyncReason::Epoch);
        };
        let anew = if epoch != current {
            Some(ResyncReason::Epoch)
        } else if top > last && min > last + 1 {
            Some(ResyncReason::LogPruned)
        } else if top > last + REACH {
            Some(ResyncReason::Slow)
        } else {
            None
        };
        if let Some(reason) = anew {
            self.start(epoch, top, out);
            return Fill::Anew(reason);
        }
        self.foreign = false;
        for event in events {
            self.offer(epoch, event, out);
        }
        self.top = self.top.max(top);
        if self.has_gap() { Fill::More } else { Fill::Whole }
    }

    /// The events after `since`, if all of them are still kept here.
    pub(super) fn after(&self, since: u64) -> Option<impl ExactSizeIterator<Item = &E>> {
        let (_, last) = self.position?;
        let missed = usize::try_from(last.checked_sub(since)?).ok()?;
        let from = self.ring.len().checked_sub(missed)?;
        Some(self.ring.range(from..))
    }

    /// Puts older events in front of those that are kept.
    pub(super) fn prepend(&mut self, epoch: Epoch, events: Vec<E>) {
        let Some((current, last)) = self.position else { return };
        if epoch != current {
            return;
        }
        for event in events.into_iter().rev() {
            let floor = last - self.ring.len() as u64;
            if self.ring.len() < RING && event.seq() == floor {
                self.ring.push_front(event);
            }
        }
    }

    /// Keeps only the newest `keep` events.
    pub(super) fn trim(&mut self, keep: usize) {
        if self.ring.len() > keep {
            self.ring.drain(..self.ring.len() - keep);
            self.ring.shrink_to_fit();
        }
    }

    fn hold(&mut self, epoch: Epoch, event: E) -> bool {
        let seq = event.seq();
        let new = !self.held.contains_key(&seq);
        if new && self.held.len() < HELD {
            self.held.insert(seq, (epoch, event));
        }
        new
    }

    fn take(&mut self, event: E, out: &mut Vec<E>) {
        if let Some((_, last)) = &mut self.position {
            *last = event.seq();
            self.top = self.top.max(*last);
        }
        if self.ring.len() == RING {
            self.ring.pop_front();
        }
        self.ring.push_back(event.clone());
        out.push(event);
    }

    fn release(&mut self, out: &mut Vec<E>) {
        while let (Some((_, last)), Some(entry)) = (self.position, self.held.first_entry()) {
            if *entry.key() > last + 1 {
                break;
            }
            let (seq, (_, event)) = entry.remove_entry();
            if seq == last + 1 {
                self.take(event, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    impl Sequenced for u64 {
        fn seq(&self) -> u64 {
            *self
        }
    }

    const EPOCH: Epoch = Epoch::new(Uuid::from_u128(1));
    const OTHER: Epoch = Epoch::new(Uuid::from_u128(2));

    fn at(seq: u64) -> Sequence<u64> {
        let mut sequence = Sequence::unknown();
        sequence.start(EPOCH, seq, &mut Vec::new());
        sequence
    }

    #[test]
    fn what_came_before_the_position_was_known_is_not_lost() {
        let (mut sequence, mut out) = (Sequence::unknown(), Vec::new());
        for seq in [9, 12, 11, 10] {
            assert_eq!(sequence.offer(EPOCH, seq, &mut out), Offer::Held);
        }
        sequence.start(EPOCH, 10, &mut out);
        assert_eq!(out, [11, 12]);
        assert!(!sequence.has_gap());
    }

    #[test]
    fn an_event_of_another_log_asks_for_the_log() {
        let (mut sequence, mut out) = (at(5), Vec::new());
        assert_eq!(sequence.offer(OTHER, 6, &mut out), Offer::Foreign);
        assert!(sequence.has_gap());
        assert_eq!(sequence.fill(EPOCH, 5, 1, vec![], &mut out), Fill::Whole, "it was the event that was out of date");
        assert_eq!(sequence.offer(OTHER, 6, &mut out), Offer::Foreign);
        assert_eq!(sequence.fill(OTHER, 6, 1, vec![6], &mut out), Fill::Anew(ResyncReason::Epoch));
        assert_eq!((sequence.position(), out.len()), (Some((OTHER, 6)), 0));
    }

    #[test]
    fn a_pruned_log_and_a_far_one_start_anew() {
        let (mut sequence, mut out) = (at(5), Vec::new());
        assert_eq!(sequence.fill(EPOCH, 9, 8, vec![8, 9], &mut out), Fill::Anew(ResyncReason::LogPruned));
        assert_eq!(sequence.position(), Some((EPOCH, 9)));
        assert_eq!(sequence.fill(EPOCH, 10 + REACH, 1, vec![10], &mut out), Fill::Anew(ResyncReason::Slow));
        assert!(out.is_empty());
    }

    #[test]
    fn the_ring_serves_what_it_reaches_and_nothing_else() {
        let (mut sequence, mut out) = (at(10), Vec::new());
        sequence.offer(EPOCH, 11, &mut out);
        let after = |sequence: &Sequence<u64>, since| sequence.after(since).map(|events| events.copied().collect());
        assert_eq!(after(&sequence, 11), Some(vec![]));
        assert_eq!(after(&sequence, 10), Some(vec![11]));
        assert_eq!(after(&sequence, 9), None);
        assert_eq!(after(&sequence, 12), None);
        sequence.prepend(EPOCH, vec![7, 8, 9, 10, 11]);
        assert_eq!(after(&sequence, 6), Some(vec![7, 8, 9, 10, 11]));
        sequence.trim(2);
        assert_eq!(after(&sequence, 8), None);
        assert_eq!(after(&sequence, 9), Some(vec![10, 11]));
    }

    proptest! {
        /// Whatever a bus loses, repeats and reorders: with the log behind it, every event comes once, in order.
        #[test]
        fn delivery_is_contiguous(
            start in 0_u64..5,
            offers in prop::collection::vec((0_u64..60, prop::bool::weighted(0.1)), 0..200),
        ) {
            let (mut sequence, mut out) = (at(start), Vec::new());
            for (seq, repair) in offers {
                sequence.offer(EPOCH, seq, &mut out);
                if repair && sequence.has_gap() {
                    let (_, last) = sequence.position().unwrap();
                    let filled = sequence.fill(EPOCH, 60, 1, (last + 1..=60).collect(), &mut out);
                    prop_assert_eq!(filled, Fill::Whole);
                }
                let (_, last) = sequence.position().unwrap();
                prop_assert_eq!(&out, &(start + 1..=last).collect::<Vec<_>>());
                let kept: Vec<_> = sequence.after(start).unwrap().copied().collect();
                prop_assert_eq!(&out, &kept);
            }
        }
    }
}
