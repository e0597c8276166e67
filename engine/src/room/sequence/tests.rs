use proptest::prelude::*;
use uuid::Uuid;

use super::*;

impl Sequenced for u64 {
    fn seq(&self) -> u64 {
        *self
    }

    fn id(&self) -> EventId {
        event_id(*self)
    }

    fn prev(&self) -> Option<EventId> {
        Some(event_id(*self - 1))
    }
}

const EPOCH: Epoch = Epoch::new(Uuid::from_u128(1));
const OTHER: Epoch = Epoch::new(Uuid::from_u128(2));

fn event_id(seq: u64) -> EventId {
    EventId::new(Uuid::from_u128(u128::from(seq)))
}

fn at(seq: u64) -> Sequence<u64> {
    let mut sequence = Sequence::unknown();
    sequence.start(place(EPOCH, seq), Some(event_id(seq)), &mut Vec::new());
    sequence
}

fn place(epoch: Epoch, seq: u64) -> Place {
    Place { epoch, seq }
}

fn page(epoch: Epoch, seq: u64, min_seq: u64, events: impl IntoIterator<Item = u64>) -> Page<u64> {
    let events: Vec<u64> = events.into_iter().collect();
    let since = events.first().map_or(seq, |first| first - 1);
    Page { epoch, seq, min_seq, since, before: Some(event_id(since)), events }
}

#[test]
fn what_came_before_the_position_was_known_is_not_lost() {
    let (mut sequence, mut out) = (Sequence::unknown(), Vec::new());
    for seq in [9, 12, 11, 10] {
        assert_eq!(sequence.offer(EPOCH, seq, &mut out), Offer::Held);
    }
    sequence.start(place(EPOCH, 10), Some(event_id(10)), &mut out);
    assert_eq!(out, [11, 12]);
    assert!(!sequence.has_gap());
}

#[test]
fn an_event_of_another_log_asks_for_the_log() {
    let (mut sequence, mut out) = (at(5), Vec::new());
    assert_eq!(sequence.offer(OTHER, 6, &mut out), Offer::Foreign);
    assert!(sequence.has_gap());
    assert_eq!(
        sequence.fill(page(EPOCH, 5, 1, []), None, &mut out),
        Fill::Whole,
        "it was the event that was out of date"
    );
    assert_eq!(sequence.offer(OTHER, 6, &mut out), Offer::Foreign);
    assert_eq!(sequence.fill(page(OTHER, 6, 1, [6]), None, &mut out), Fill::Anew(ResyncReason::Epoch));
    assert_eq!((sequence.position(), out.len()), (Some(place(EPOCH, 5)), 0));
    sequence.lose();
    assert_eq!(sequence.offer(EPOCH, 6, &mut out), Offer::Held);
    assert_eq!(sequence.offer(OTHER, 7, &mut out), Offer::Held);
    sequence.start(place(OTHER, 6), Some(event_id(6)), &mut out);
    assert_eq!((sequence.position(), out, sequence.has_gap()), (Some(place(OTHER, 7)), vec![7], false));
}

#[test]
fn what_was_announced_counts_in_its_own_log_only() {
    let mut sequence = Sequence::<u64>::unknown();
    sequence.reaches(place(OTHER, 90));
    sequence.start(place(EPOCH, 5), Some(event_id(5)), &mut Vec::new());
    assert!(!sequence.has_gap());
    sequence.lose();
    sequence.reaches(place(EPOCH, 9));
    sequence.start(place(EPOCH, 5), Some(event_id(5)), &mut Vec::new());
    assert!(sequence.has_gap());
}

#[test]
fn a_pruned_log_and_a_far_one_start_anew() {
    let (mut sequence, mut out) = (at(5), Vec::new());
    assert_eq!(sequence.fill(page(EPOCH, 9, 8, [8, 9]), None, &mut out), Fill::Anew(ResyncReason::LogPruned));
    assert_eq!(sequence.fill(page(EPOCH, 6 + REACH, 1, [6]), None, &mut out), Fill::Anew(ResyncReason::Slow));
    assert!(out.is_empty() && sequence.position() == Some(place(EPOCH, 5)));
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
                let last = sequence.position().unwrap().seq;
                let filled = sequence.fill(page(EPOCH, 60, 1, last + 1..=60), None, &mut out);
                prop_assert_eq!(filled, Fill::Whole);
            }
            let last = sequence.position().unwrap().seq;
            prop_assert_eq!(&out, &(start + 1..=last).collect::<Vec<_>>());
            let kept: Vec<_> = sequence.after(start).unwrap().copied().collect();
            prop_assert_eq!(&out, &kept);
        }
    }
}
