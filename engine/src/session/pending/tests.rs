use uuid::Uuid;

use super::*;

const LONG: u64 = 1_000_000;

fn op_id(n: u128) -> OpId {
    OpId::new(Uuid::from_u128(n))
}

fn queue(count: u128) -> Pending {
    let mut pending = Pending::default();
    for n in 1..=count {
        let op = Op::DeleteTask { task_id: TaskId::new(Uuid::from_u128(n)) };
        pending.push(PendingOp { op_id: op_id(n), op, at: Timestamp::from_millis(0) }, false);
    }
    pending
}

fn sent(pending: &mut Pending, now: u64) -> Option<OpId> {
    pending.send(now).map(|(id, _)| id)
}

#[test]
fn one_at_a_time_and_in_order() {
    let mut pending = queue(2);
    assert_eq!(sent(&mut pending, 0), Some(op_id(1)));
    assert_eq!(sent(&mut pending, LONG), None);
    pending.answered(op_id(1), 5);
    assert_eq!(sent(&mut pending, 0), Some(op_id(2)), "an answered op holds nobody up");
    assert_eq!(pending.len(), 2);
    assert!(pending.settle(4).is_empty());
    assert_eq!(pending.settle(5).len(), 1);
    assert_eq!(pending.len(), 1);
}

#[test]
fn the_event_may_arrive_before_the_answer() {
    let mut pending = queue(2);
    assert_eq!(sent(&mut pending, 0), Some(op_id(1)));
    assert!(pending.confirmed(op_id(1)).is_some());
    assert_eq!(sent(&mut pending, 0), Some(op_id(2)));
    pending.answered(op_id(1), 5);
    assert!(pending.failed(op_id(1), &ApiError::new(404, "task_not_found", ""), 0, 0).is_none());
    assert_eq!(pending.len(), 1);
}

#[test]
fn a_refusal_leaves_the_other_ops_in_the_queue() {
    let mut pending = queue(2);
    assert_eq!(sent(&mut pending, 0), Some(op_id(1)));
    let refused = pending.failed(op_id(1), &ApiError::new(409, "status_not_empty", ""), 0, 0);
    assert_eq!(refused.map(|(op, waited)| (op.op_id, waited)), Some((op_id(1), false)));
    assert_eq!(sent(&mut pending, 0), Some(op_id(2)));
}

#[test]
fn an_op_is_refused_after_four_server_errors() {
    let mut pending = queue(1);
    let error = ApiError::new(500, "internal", "");
    for _ in 1..TRIES {
        assert_eq!(sent(&mut pending, LONG), Some(op_id(1)), "with the same id");
        assert_eq!(pending.failed(op_id(1), &error, 0, 499), None);
        assert_eq!(sent(&mut pending, 0), None, "not at once");
    }
    assert_eq!(sent(&mut pending, LONG), Some(op_id(1)));
    assert!(pending.failed(op_id(1), &error, 0, 0).is_some());
    assert!(pending.is_empty());
}

#[test]
fn unprocessed_ops_are_never_refused() {
    for status in [0, 408, 425, 429, 502, 503, 504, 507, 511, 520, 524] {
        let mut pending = queue(2);
        for _ in 0..50 {
            assert_eq!(sent(&mut pending, LONG), Some(op_id(1)), "{status}");
            assert_eq!(pending.failed(op_id(1), &ApiError::new(status, "failed", ""), 0, 1), None, "{status}");
        }
        assert_eq!(sent(&mut pending, 0), None);
        assert!(pending.is_held_up());
        pending.retry_now();
        assert_eq!(sent(&mut pending, 0), Some(op_id(1)));
        // Attempts that a server processed in between still count towards four.
        for _ in 1..TRIES {
            assert_eq!(pending.failed(op_id(1), &ApiError::new(500, "internal", ""), 0, 0), None);
            assert_eq!(sent(&mut pending, LONG), Some(op_id(1)));
            assert_eq!(pending.failed(op_id(1), &ApiError::new(status, "failed", ""), 0, 0), None);
            assert_eq!(sent(&mut pending, LONG), Some(op_id(1)));
        }
        assert!(pending.failed(op_id(1), &ApiError::new(500, "internal", ""), 0, 0).is_some());
        assert_eq!(sent(&mut pending, 0), Some(op_id(2)));
    }
}

#[test]
fn a_lost_answer_is_unclear_but_a_rate_limit_is_not() {
    for (status, unclear) in [(0, true), (504, true), (502, true), (429, false), (503, false), (507, false)] {
        let mut pending = queue(1);
        sent(&mut pending, 0);
        pending.failed(op_id(1), &ApiError::new(status, "failed", ""), 0, 0);
        assert_eq!(pending.take_unanswered(|_| true)[0].1, unclear, "{status}");
    }
}

#[test]
fn retry_after_is_honoured_up_to_a_minute() {
    let asked = |seconds| ApiError { retry_after: Some(seconds), ..ApiError::new(429, "too_many_writes", "") };
    for (seconds, wait) in [(7, 7_000), (60, PATIENCE_MS), (u16::MAX, PATIENCE_MS), (0, 3)] {
        let mut pending = queue(1);
        sent(&mut pending, 0);
        assert_eq!(pending.failed(op_id(1), &asked(seconds), 100, 3), None);
        assert_eq!(pending.wake_at(), Some(100 + wait));
        assert_eq!(sent(&mut pending, 99 + wait), None);
        assert_eq!(sent(&mut pending, 100 + wait), Some(op_id(1)));
    }
}

#[test]
fn a_pending_op_survives_serialisation() {
    let pending = queue(1);
    let op = pending.ops().next().unwrap();
    let stored = serde_json::to_string(op).unwrap();
    assert_eq!(&serde_json::from_str::<PendingOp>(&stored).unwrap(), op);
}

#[test]
fn ops_of_an_earlier_page_go_before_newer_ones() {
    let op = |n: u128, at| {
        let op = Op::DeleteTask { task_id: TaskId::new(Uuid::from_u128(n)) };
        PendingOp { op_id: op_id(n), op, at: Timestamp::from_millis(at) }
    };
    let order = |pending: &Pending| pending.ops().map(|op| op.op_id).collect::<Vec<_>>();
    let mut pending = Pending::default();
    pending.push(op(1, 50), false);
    pending.push(op(2, 60), false);
    for n in [3, 4] {
        pending.resume(op(n, 10));
    }
    pending.resume(op(3, 10));
    assert_eq!(order(&pending), [3, 4, 1, 2].map(op_id));

    assert_eq!(sent(&mut pending, 0), Some(op_id(3)));
    pending.resume(op(5, 5));
    assert_eq!(order(&pending), [3, 5, 4, 1, 2].map(op_id), "what is on its way is not overtaken");
}

#[test]
fn ops_answered_by_a_replaced_log_are_sent_again() {
    let mut pending = queue(3);
    assert_eq!(sent(&mut pending, 0), Some(op_id(1)));
    pending.answered(op_id(1), 9);
    assert_eq!(sent(&mut pending, 0), Some(op_id(2)));
    pending.log_replaced();
    assert_eq!((sent(&mut pending, 0), pending.wake_at()), (None, None), "one request at a time");
    // Its answer may be of the previous log.
    pending.answered(op_id(2), 10);
    for n in [1, 2, 3] {
        assert_eq!(sent(&mut pending, 0), Some(op_id(n)));
        pending.answered(op_id(n), 3 + n as u64);
    }
    assert_eq!(pending.settle(6).len(), 3);
}

#[test]
fn ops_answered_past_the_end_of_the_log_are_sent_again() {
    let mut pending = queue(2);
    for (n, seq) in [(1, 5), (2, 9)] {
        assert_eq!(sent(&mut pending, 0), Some(op_id(n)));
        pending.answered(op_id(n), seq);
    }
    pending.log_truncated(9);
    assert_eq!(sent(&mut pending, 0), None);
    pending.log_truncated(7);
    assert_eq!(sent(&mut pending, 0), Some(op_id(2)));
}
