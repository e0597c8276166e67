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
fn a_gap_is_waited_for_and_then_fetched() {
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
fn a_snapshot_that_is_older_than_what_announced_its_log_leaves_a_gap() {
    let mut cursor = Cursor::new(LOG, 10, None);
    assert!(!cursor.reached(OTHER, 7, 0));
    assert_eq!(cursor.need(0), Some(Need::Snapshot));
    assert_eq!(cursor.jump(OTHER, 6, None, 50), Jump::Anew);
    assert!(cursor.is_behind());
    assert_eq!(cursor.need(50 + HOLD_MS), Some(Need::Events));
}

#[test]
fn what_was_there_is_dropped() {
    let mut cursor = Cursor::new(LOG, 10, None);
    for seq in [10, 11, 11, 9] {
        cursor.offer(event(seq), 0);
    }
    assert_eq!(drain(&mut cursor, 0), [11]);
    cursor.offer(event(11), 0);
    assert!(drain(&mut cursor, 0).is_empty());
}

#[test]
fn an_id_that_comes_again_moves_the_cursor_and_counts_once() {
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
fn another_log_needs_the_board() {
    let mut cursor = Cursor::new(LOG, 10, None);
    cursor.offer(Event { epoch: OTHER, ..event(11) }, 0);
    assert!(drain(&mut cursor, 0).is_empty());
    assert_eq!(cursor.need(0), Some(Need::Snapshot));
    assert_eq!(cursor.jump(OTHER, 11, None, 0), Jump::Anew);
    assert_eq!((cursor.seq(), cursor.is_behind()), (11, false));
}

#[test]
fn a_snapshot_keeps_what_came_after_it() {
    let mut cursor = Cursor::new(LOG, 10, None);
    cursor.lose();
    for seq in [13, 15, 16] {
        cursor.offer(event(seq), 0);
    }
    assert_eq!(cursor.jump(LOG, 14, None, 5), Jump::Onward);
    assert_eq!(drain(&mut cursor, 5), [15, 16]);
    assert_eq!(cursor.jump(LOG, 12, None, 6), Jump::Refused, "older than what is shown");
    assert_eq!(cursor.seq(), 16);
}

proptest! {
    #[test]
    fn each_event_is_handed_out_once_and_in_order(
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
