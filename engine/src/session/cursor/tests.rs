use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{Change, EventId, Timestamp, UserId, event::Unknown};

const LOG: Epoch = Epoch::new(Uuid::from_u128(1));
const OTHER: Epoch = Epoch::new(Uuid::from_u128(2));

fn event(seq: u64) -> Event {
    Event {
        event_id: EventId::new(Uuid::from_u128(u128::from(seq))),
        epoch: LOG,
        seq,
        op_id: None,
        change: Change::Unknown(Unknown { kind: "later".to_owned(), data: serde_json::Value::Null }),
        triggered_by: UserId::new(Uuid::nil()),
        timestamp: Timestamp::from_millis(0),
    }
}

fn drain(cursor: &mut Cursor, now: u64) -> Vec<u64> {
    std::iter::from_fn(|| cursor.next(now)).map(|event| event.seq).collect()
}

#[test]
fn a_gap_is_fetched_after_a_wait() {
    let mut cursor = Cursor::new(LOG, 10, None);
    cursor.offer(event(12), 1_000);
    assert!(drain(&mut cursor, 1_000).is_empty());
    assert_eq!(cursor.need(1_000 + HOLD_MS - 1), None);
    assert_eq!(cursor.need(1_000 + HOLD_MS), Some(Need::Events));
    cursor.offer(event(11), 1_100);
    assert_eq!(drain(&mut cursor, 1_100), [11, 12]);
    assert_eq!(cursor.need(u64::MAX), None);
    assert_eq!(cursor.need_at(), None);
}

#[test]
fn a_snapshot_older_than_the_announced_end_leaves_a_gap() {
    let mut cursor = Cursor::new(LOG, 10, None);
    assert!(!cursor.reached(OTHER, 7, 0));
    assert_eq!(cursor.need(0), Some(Need::Snapshot));
    assert_eq!(cursor.jump(OTHER, 6, None, 50), Jump::Anew);
    assert!(cursor.is_behind());
    assert_eq!(cursor.need(50 + HOLD_MS), Some(Need::Events));
}

#[test]
fn duplicates_are_dropped() {
    let mut cursor = Cursor::new(LOG, 10, None);
    for seq in [10, 11, 11, 9] {
        cursor.offer(event(seq), 0);
    }
    assert_eq!(drain(&mut cursor, 0), [11]);
    cursor.offer(event(11), 0);
    assert!(drain(&mut cursor, 0).is_empty());
}

#[test]
fn a_repeated_event_id_moves_the_cursor_but_is_applied_once() {
    let mut cursor = Cursor::new(LOG, 0, None);
    cursor.offer(event(1), 0);
    cursor.offer(Event { seq: 2, ..event(1) }, 0);
    assert_eq!(drain(&mut cursor, 0), [1]);
    assert_eq!(cursor.seq(), 2);
}

#[test]
fn too_far_behind_needs_the_board() {
    let mut cursor = Cursor::new(LOG, 10, None);
    assert!(cursor.reached(LOG, 10 + TOO_FAR, 0));
    assert_eq!(cursor.need(HOLD_MS), Some(Need::Events));
    assert!(cursor.reached(LOG, 11 + TOO_FAR, 0));
    assert_eq!(cursor.need(0), Some(Need::Snapshot));
}

#[test]
fn another_log_requires_the_board() {
    let mut cursor = Cursor::new(LOG, 10, None);
    cursor.offer(Event { epoch: OTHER, ..event(11) }, 0);
    assert!(drain(&mut cursor, 0).is_empty());
    assert_eq!(cursor.need(0), Some(Need::Snapshot));
    assert_eq!(cursor.jump(OTHER, 11, None, 0), Jump::Anew);
    assert_eq!((cursor.seq(), cursor.is_behind()), (11, false));
}

#[test]
fn news_of_another_log_does_not_admit_an_older_snapshot() {
    let mut cursor = Cursor::new(LOG, 10, None);
    cursor.compare(OTHER, 3, None, 0);
    assert_eq!(cursor.need(0), Some(Need::Snapshot));
    cursor.offer(event(11), 0);
    assert_eq!(drain(&mut cursor, 0), [11]);
    assert_eq!(cursor.jump(LOG, 10, None, 1), Jump::Refused, "it was asked for before the last event came");
    assert_eq!(cursor.need(1), Some(Need::Events), "the server says whether it has the last event");
    assert_eq!(cursor.jump(LOG, 11, None, 2), Jump::Onward);
    assert!(!cursor.is_behind());
}

#[test]
fn a_snapshot_keeps_later_events() {
    let mut cursor = Cursor::new(LOG, 10, None);
    cursor.require_snapshot();
    for seq in [13, 15, 16] {
        cursor.offer(event(seq), 0);
    }
    assert_eq!(cursor.jump(LOG, 14, None, 5), Jump::Onward);
    assert_eq!(drain(&mut cursor, 5), [15, 16]);
    assert_eq!(cursor.jump(LOG, 12, None, 6), Jump::Refused, "older than what is shown");
    assert_eq!(cursor.seq(), 16);
}

fn named(seq: u64) -> Option<EventId> {
    Some(event(seq).event_id)
}

/// A different event than [`event`] under the same seq: of a log that went back in time.
fn another(seq: u64) -> Event {
    Event { event_id: EventId::new(Uuid::from_u128(1_000 + u128::from(seq))), ..event(seq) }
}

/// The state in which a request is made.
fn asked(cursor: &Cursor) -> (u64, u64) {
    (cursor.doubts(), cursor.top())
}

#[test]
fn it_names_its_last_event() {
    let mut cursor = Cursor::new(LOG, 10, named(10));
    assert_eq!(cursor.position().last, named(10));
    cursor.offer(event(11), 0);
    drain(&mut cursor, 0);
    assert_eq!(cursor.position(), LogPosition { epoch: LOG, since: 11, last: named(11) });
    assert_eq!(cursor.jump(LOG, 14, named(14), 0), Jump::Onward);
    assert_eq!(cursor.position().last, named(14));
}

#[test]
fn a_position_behind_the_cursor_raises_a_doubt() {
    let mut late = Cursor::new(LOG, 10, named(10));
    late.compare(LOG, 8, named(8), 0);
    assert_eq!((late.need(0), late.seq()), (Some(Need::Events), 10));
    let question = asked(&late);
    assert!(late.confirm(10, question));
    assert_eq!((late.need(u64::MAX), late.is_behind()), (None, false));
    // The same applies to an older snapshot, or another one at the same seq.
    for (seq, last) in [(8, named(8)), (10, another(10).event_id.into())] {
        assert_eq!(late.jump(LOG, seq, last, 0), Jump::Refused);
        assert_eq!((late.need(0), late.seq()), (Some(Need::Events), 10));
        let question = asked(&late);
        assert!(late.confirm(10, question));
    }
}

#[test]
fn a_log_that_went_back_accepts_an_older_snapshot() {
    let mut cursor = Cursor::new(LOG, 10, named(10));
    cursor.offer(event(12), 0);
    cursor.supersede(LOG, 7);
    cursor.offer(another(11), 0);
    assert!(drain(&mut cursor, 0).is_empty(), "it is of the other log, and what is shown is not");
    assert_eq!(cursor.need(0), Some(Need::Snapshot));
    assert_eq!(cursor.jump(LOG, 7, named(7), 0), Jump::Anew);
    assert_eq!((cursor.seq(), cursor.top()), (7, 11));
    for seq in 8..=11 {
        cursor.offer(another(seq), 0);
    }
    assert_eq!(drain(&mut cursor, 0), [8, 9, 10, 11]);
    assert!(!cursor.is_behind());
}

#[test]
fn news_of_a_third_log_does_not_restore_the_first() {
    let mut cursor = Cursor::new(LOG, 10, named(10));
    cursor.supersede(LOG, 3);
    assert!(!cursor.reached(OTHER, 5, 0));
    assert_eq!(cursor.jump(LOG, 3, named(3), 0), Jump::Anew);
    assert_eq!((cursor.seq(), cursor.is_behind()), (3, false));
}

#[test]
fn another_event_under_a_known_seq_raises_a_doubt() {
    for seq in [10, 11] {
        let mut cursor = Cursor::new(LOG, 10, named(10));
        cursor.offer(event(11), 0);
        drain(&mut cursor, 0);
        cursor.offer(event(seq), 0);
        assert!(!cursor.is_doubted());
        cursor.offer(another(seq), 0);
        assert_eq!(cursor.need(0), Some(Need::Events), "{seq}");
    }
}

#[test]
fn the_next_event_waits_while_the_log_is_in_doubt() {
    let mut cursor = Cursor::new(LOG, 10, named(10));
    cursor.compare(LOG, 8, named(8), 0);
    for seq in 9..=11 {
        cursor.offer(another(seq), 0);
    }
    assert!(drain(&mut cursor, 0).is_empty(), "11 follows another 10 than the one that is shown");
    assert_eq!((cursor.position().last, cursor.need(0)), (named(10), Some(Need::Events)));
    let question = asked(&cursor);
    assert!(cursor.confirm(11, question), "the server has this 10: 11 follows it");
    assert_eq!(drain(&mut cursor, 0), [11]);
}

#[test]
fn of_two_events_under_one_seq_neither_is_applied() {
    let mut cursor = Cursor::new(LOG, 10, named(10));
    cursor.offer(event(12), 0);
    cursor.offer(another(12), 0);
    assert_eq!(cursor.need(0), Some(Need::Events));
    let question = asked(&cursor);
    assert!(cursor.confirm(12, question));
    cursor.offer(another(11), 0);
    assert_eq!(drain(&mut cursor, 0), [11]);
    // Events buffered from an earlier socket are not applied to a newer snapshot either.
    let mut cursor = Cursor::new(LOG, 10, named(10));
    cursor.offer(event(12), 0);
    cursor.forget_ahead();
    assert_eq!(cursor.jump(LOG, 11, another(11).event_id.into(), 0), Jump::Onward);
    assert!(drain(&mut cursor, 0).is_empty());
}

#[test]
fn an_answer_to_an_earlier_request_does_not_settle_a_doubt() {
    let mut cursor = Cursor::new(LOG, 10, named(10));
    cursor.offer(event(12), 0);
    let question = asked(&cursor);
    cursor.compare(LOG, 9, None, 0);
    assert!(!cursor.confirm(12, question));
    assert!(cursor.is_doubted());
}

#[test]
fn announced_events_missing_from_the_log_are_not_awaited() {
    let mut cursor = Cursor::new(LOG, 10, named(10));
    cursor.reached(LOG, 14, 0);
    let question = asked(&cursor);
    assert!(cursor.confirm(11, question));
    assert_eq!(cursor.top(), 11);
    cursor.reached(LOG, 14, 0);
    assert!(cursor.confirm(11, (cursor.doubts(), 12)), "it was announced after the question");
    assert_eq!(cursor.top(), 14);
}

#[test]
fn events_that_the_socket_never_reports_raise_a_doubt() {
    let mut cursor = Cursor::new(LOG, 10, named(10));
    cursor.socket_reached(LOG, 10, true);
    cursor.offer(event(11), 0);
    drain(&mut cursor, 0);
    cursor.watch(100);
    assert_eq!((cursor.need_at(), cursor.watch_at()), (None, Some(100 + AHEAD_MS)));
    cursor.watch(100 + AHEAD_MS);
    assert_eq!(cursor.need(100 + AHEAD_MS), Some(Need::Events));
    let question = asked(&cursor);
    assert!(cursor.confirm(11, question));
    cursor.socket_reached(LOG, 11, false);
    cursor.watch(u64::MAX);
    assert_eq!((cursor.need(u64::MAX), cursor.need_at(), cursor.watch_at()), (None, None, None));
}

proptest! {
    #[test]
    fn each_event_is_delivered_once_and_in_order(
        order in prop::collection::vec(1..40_u64, 0..200),
        base in 0..5_u64,
    ) {
        let mut cursor = Cursor::new(LOG, base, None);
        let mut out = Vec::new();
        for (now, seq) in (0..).zip(&order) {
            cursor.offer(event(*seq), now);
            out.extend(drain(&mut cursor, now));
        }
        prop_assert_eq!(&out, &(base + 1..base + 1 + out.len() as u64).collect::<Vec<_>>());
        prop_assert!(!order.contains(&(cursor.seq() + 1)), "the next one was here");
        let highest = order.iter().copied().max().unwrap_or(base).max(base);
        prop_assert_eq!(cursor.is_behind(), cursor.seq() < highest);
    }
}
