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

fn at(seq: u64) -> LogCursor<u64> {
    let mut cursor = LogCursor::unknown();
    cursor.start(place(EPOCH, seq), Some(event_id(seq)), &mut Vec::new());
    cursor
}

fn place(epoch: Epoch, seq: u64) -> LogPlace {
    LogPlace { epoch, seq }
}

fn page(epoch: Epoch, seq: u64, min_seq: u64, events: impl IntoIterator<Item = u64>) -> Page<u64> {
    let events: Vec<u64> = events.into_iter().collect();
    let since = events.first().map_or(seq, |first| first - 1);
    Page { epoch, seq, min_seq, since, before: Some(event_id(since)), events }
}

#[test]
fn events_before_the_position_is_known_are_not_lost() {
    let (mut cursor, mut out) = (LogCursor::unknown(), Vec::new());
    for seq in [9, 12, 11, 10] {
        assert_eq!(cursor.offer(EPOCH, seq, &mut out), Offer::Buffered);
    }
    cursor.start(place(EPOCH, 10), Some(event_id(10)), &mut out);
    assert_eq!(out, [11, 12]);
    assert!(!cursor.has_gap());
}

#[test]
fn an_event_of_another_log_makes_the_room_read_the_log() {
    let (mut cursor, mut out) = (at(5), Vec::new());
    assert_eq!(cursor.offer(OTHER, 6, &mut out), Offer::Foreign);
    assert!(cursor.has_gap());
    assert_eq!(
        cursor.fill(page(EPOCH, 5, 1, []), None, &mut out),
        Fill::Whole,
        "it was the event that was out of date"
    );
    assert_eq!(cursor.offer(OTHER, 6, &mut out), Offer::Foreign);
    assert_eq!(cursor.fill(page(OTHER, 6, 1, [6]), None, &mut out), Fill::Anew(ResyncReason::Epoch));
    assert_eq!((cursor.position(), out.len()), (Some(place(EPOCH, 5)), 0));
    cursor.lose();
    assert_eq!(cursor.offer(EPOCH, 6, &mut out), Offer::Buffered);
    assert_eq!(cursor.offer(OTHER, 7, &mut out), Offer::Buffered);
    cursor.start(place(OTHER, 6), Some(event_id(6)), &mut out);
    assert_eq!((cursor.position(), out, cursor.has_gap()), (Some(place(OTHER, 7)), vec![7], false));
}

#[test]
fn announcements_count_in_their_own_log_only() {
    let mut cursor = LogCursor::<u64>::unknown();
    cursor.reaches(place(OTHER, 90));
    cursor.start(place(EPOCH, 5), Some(event_id(5)), &mut Vec::new());
    assert!(!cursor.has_gap());
    cursor.lose();
    cursor.reaches(place(EPOCH, 9));
    cursor.start(place(EPOCH, 5), Some(event_id(5)), &mut Vec::new());
    assert!(cursor.has_gap());
}

#[test]
fn a_pruned_or_distant_log_makes_the_room_start_over() {
    let (mut cursor, mut out) = (at(5), Vec::new());
    assert_eq!(cursor.fill(page(EPOCH, 9, 8, [8, 9]), None, &mut out), Fill::Anew(ResyncReason::LogPruned));
    assert_eq!(cursor.fill(page(EPOCH, 6 + MAX_CATCH_UP, 1, [6]), None, &mut out), Fill::Anew(ResyncReason::Slow));
    assert!(out.is_empty() && cursor.position() == Some(place(EPOCH, 5)));
}

#[test]
fn the_ring_serves_only_the_events_it_has() {
    let (mut cursor, mut out) = (at(10), Vec::new());
    cursor.offer(EPOCH, 11, &mut out);
    let after = |cursor: &LogCursor<u64>, since| cursor.after(since).map(|events| events.copied().collect());
    assert_eq!(after(&cursor, 11), Some(vec![]));
    assert_eq!(after(&cursor, 10), Some(vec![11]));
    assert_eq!(after(&cursor, 9), None);
    assert_eq!(after(&cursor, 12), None);
    cursor.prepend(EPOCH, vec![7, 8, 9, 10, 11]);
    assert_eq!(after(&cursor, 6), Some(vec![7, 8, 9, 10, 11]));
    cursor.trim(2);
    assert_eq!(after(&cursor, 8), None);
    assert_eq!(after(&cursor, 9), Some(vec![10, 11]));
}

/// An event of a log that went back in time, with the id of another seq.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Named {
    seq: u64,
    id: u64,
    prev: u64,
}

impl Sequenced for Named {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn id(&self) -> EventId {
        event_id(self.id)
    }

    fn prev(&self) -> Option<EventId> {
        Some(event_id(self.prev))
    }
}

/// The event at a seq in the original log.
fn old(seq: u64) -> Named {
    Named { seq, id: seq, prev: seq - 1 }
}

/// The same in the log that went back to 5.
fn new(seq: u64) -> Named {
    Named { seq, id: 100 + seq, prev: if seq == 6 { 5 } else { 99 + seq } }
}

/// At 10 of the original log, with the events from 9 on.
fn ahead() -> LogCursor<Named> {
    let mut cursor = LogCursor::unknown();
    cursor.start(place(EPOCH, 8), Some(event_id(8)), &mut Vec::new());
    cursor.offer(EPOCH, old(9), &mut Vec::new());
    cursor.offer(EPOCH, old(10), &mut Vec::new());
    cursor
}

fn read(since: u64, before: u64, top: u64) -> Page<Named> {
    let events = (since + 1..=top).map(new).collect();
    Page { epoch: EPOCH, seq: top, min_seq: 1, since, before: Some(event_id(before)), events }
}

#[test]
fn another_event_under_a_known_seq_makes_the_room_read_the_log() {
    for seq in [6, 8, 9, 10] {
        let mut cursor = ahead();
        assert_eq!(cursor.offer(EPOCH, new(seq), &mut Vec::new()), Offer::Duplicate);
        assert!(cursor.has_gap(), "{seq}");
    }
    let mut cursor = ahead();
    assert_eq!(cursor.offer(EPOCH, old(9), &mut Vec::new()), Offer::Duplicate);
    assert!(!cursor.has_gap(), "it came twice");
}

#[test]
fn an_event_with_another_predecessor_is_not_delivered() {
    let (mut cursor, mut out) = (ahead(), Vec::new());
    assert_eq!(cursor.offer(EPOCH, new(11), &mut out), Offer::Foreign);
    assert_eq!((out.len(), cursor.has_gap(), cursor.position()), (0, true, Some(place(EPOCH, 10))));
    // Nor if it waited for the one before it.
    let mut cursor = ahead();
    assert_eq!(cursor.offer(EPOCH, new(12), &mut out), Offer::Buffered);
    assert_eq!(cursor.offer(EPOCH, old(11), &mut out), Offer::Taken);
    assert_eq!((out, cursor.held(), cursor.has_gap()), (vec![old(11)], 0, true));
}

#[test]
fn a_page_of_the_log_confirms_or_denies_the_delivered_events() {
    let at = Some(place(EPOCH, 10));
    let fill = |page| ahead().fill(page, at, &mut Vec::new());
    assert_eq!(fill(read(10, 110, 12)), Fill::Diverged, "another event at the position");
    assert_eq!(fill(read(10, 110, 7)), Fill::Diverged, "none at the position");
    assert_eq!(fill(read(5, 5, 12)), Fill::Diverged, "read for a socket that was away");
    let whole = Page { events: vec![Named { seq: 11, id: 11, prev: 10 }], ..read(10, 10, 11) };
    assert_eq!(fill(whole), Fill::Whole);
    // A page read before the last event was taken is only late.
    let late = Page { events: Vec::new(), ..read(9, 9, 9) };
    assert_eq!(ahead().fill(late, Some(place(EPOCH, 9)), &mut Vec::new()), Fill::Whole);
}

#[test]
fn a_different_last_event_makes_the_room_read_the_log() {
    let compared = |asked_at, top, last| {
        let mut cursor = ahead();
        cursor.compared(Some(place(EPOCH, asked_at)), place(EPOCH, top), Some(event_id(last)));
        cursor.has_gap()
    };
    assert!(!compared(10, 10, 10));
    assert!(compared(10, 10, 110), "another event at its end");
    assert!(compared(10, 7, 107), "shorter than when it was asked");
    assert!(!compared(9, 9, 9), "what was taken since is not in the answer");
    assert!(compared(9, 9, 109));
}

#[test]
fn the_id_before_the_ring_is_kept_where_known() {
    let mut cursor = at(10);
    cursor.offer(EPOCH, 11, &mut Vec::new());
    let ids = |cursor: &LogCursor<u64>| [8, 9, 10, 11, 12].map(|seq| cursor.id_at(seq));
    assert_eq!(ids(&cursor), [None, None, Some(event_id(10)), Some(event_id(11)), None]);
    cursor.prepend(EPOCH, vec![9, 10]);
    assert_eq!(
        ids(&cursor),
        [8, 9, 10, 11].map(|seq| Some(event_id(seq))).into_iter().chain([None]).collect::<Vec<_>>()[..]
    );
    cursor.trim(1);
    assert_eq!(ids(&cursor), [None, None, Some(event_id(10)), Some(event_id(11)), None]);
}

proptest! {
    /// Whatever the bus loses, repeats and reorders: with the log behind it, every event is delivered once, in order.
    #[test]
    fn delivery_is_contiguous(
        start in 0_u64..5,
        offers in prop::collection::vec((0_u64..60, prop::bool::weighted(0.1)), 0..200),
    ) {
        let (mut cursor, mut out) = (at(start), Vec::new());
        for (seq, repair) in offers {
            cursor.offer(EPOCH, seq, &mut out);
            if repair && cursor.has_gap() {
                let last = cursor.position().unwrap().seq;
                let filled = cursor.fill(page(EPOCH, 60, 1, last + 1..=60), None, &mut out);
                prop_assert_eq!(filled, Fill::Whole);
            }
            let last = cursor.position().unwrap().seq;
            prop_assert_eq!(&out, &(start + 1..=last).collect::<Vec<_>>());
            let kept: Vec<_> = cursor.after(start).unwrap().copied().collect();
            prop_assert_eq!(&out, &kept);
        }
    }
}
