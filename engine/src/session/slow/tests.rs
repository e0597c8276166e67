use uuid::Uuid;

use crate::{
    ApiError, Epoch, Op, OpId, Project, ProjectId, Snapshot, TaskId, Timestamp, UserId,
    session::{
        Link, Receipt, Session, SessionEffect, SessionInput,
        connection::{DOUBT_MS, UNANSWERED_MS},
        pending::SLOW_MS,
    },
    wire::{ClientFrame, ServerFrame, Sync},
};

const NOW: u64 = 1_000_000;
const CARD: TaskId = TaskId::new(Uuid::from_u128(7));
const OP: OpId = OpId::new(Uuid::from_u128(8));

/// A live session.
fn live() -> Session {
    let (at, epoch) = (Timestamp::from_millis(0), Epoch::new(Uuid::from_u128(9)));
    let id = ProjectId::new(Uuid::from_u128(1));
    let snapshot = Snapshot {
        epoch,
        seq: 3,
        last: None,
        project: Project { id, name: String::new(), created_at: at, updated_at: at, role: None },
        statuses: Vec::new(),
        tasks: Vec::new(),
        unreadable: 0,
        members: Vec::new(),
        labels: Vec::new(),
    };
    let mut session = Session::new(snapshot, UserId::new(Uuid::from_u128(5)), NOW);
    session.handle(SessionInput::Tick, NOW, 0);
    let sync =
        Sync { epoch, seq: 3, last: None, after: None, recovered: true, events: Vec::new(), presence: Vec::new() };
    session.handle(SessionInput::Frame(ServerFrame::Sync(sync)), NOW, 0);
    assert_eq!(session.link(), Link::Live);
    session.take_changes();
    session
}

fn submit(session: &mut Session, now: u64) {
    let effects = session.handle(SessionInput::Submit { op_id: OP, op: Op::DeleteTask { task_id: CARD } }, now, 0);
    assert!(matches!(effects.as_slice(), [SessionEffect::Submit { op_id: OP, .. }]), "{effects:?}");
}

/// Advances time to `until` as a driver does, and returns the effects.
fn pass(session: &mut Session, until: u64) -> Vec<SessionEffect> {
    let mut effects = Vec::new();
    for _ in 0..1_000 {
        let Some(at) = session.wake_at().filter(|at| *at <= until) else { return effects };
        effects.extend(session.handle(SessionInput::Tick, at.max(NOW), 0));
    }
    panic!("it wants to be woken without end");
}

#[test]
fn a_dead_network_shows_within_three_seconds_of_an_op() {
    let mut session = live();
    submit(&mut session, NOW + 2_000);
    assert_eq!(session.wake_at(), Some(NOW + 2_000 + UNANSWERED_MS));
    let effects = pass(&mut session, NOW + 2_000 + UNANSWERED_MS);
    assert_eq!(effects, [SessionEffect::Send(ClientFrame::Ping)]);
    assert_eq!(session.link(), Link::Live);
    let effects = pass(&mut session, NOW + 2_000 + UNANSWERED_MS + DOUBT_MS);
    assert!(effects.contains(&SessionEffect::Close), "{effects:?}");
    assert_ne!(session.link(), Link::Live);
    assert!(session.is_saving() && session.is_slow(CARD));
}

#[test]
fn a_slow_server_is_live_and_saving() {
    let mut session = live();
    submit(&mut session, NOW + 2_000);
    pass(&mut session, NOW + 2_000 + UNANSWERED_MS);
    session.handle(SessionInput::Frame(ServerFrame::Pong), NOW + 2_000 + UNANSWERED_MS + 30, 0);
    session.take_changes();
    pass(&mut session, NOW + 2_000 + SLOW_MS - 1);
    assert!(!session.is_saving());
    pass(&mut session, NOW + 2_000 + SLOW_MS);
    assert_eq!((session.link(), session.is_saving()), (Link::Live, true));
    assert_eq!(session.take_changes().tasks, [CARD], "its card is drawn again");

    let receipt = Receipt { seq: 3, ..Receipt::default() };
    session.handle(SessionInput::Answered { op_id: OP, result: Ok(receipt) }, NOW + 7_000, 0);
    assert_eq!((session.is_saving(), session.is_slow(CARD)), (false, false));
    assert_eq!(session.take_changes().tasks, [CARD]);
}

#[test]
fn an_op_that_is_answered_in_time_is_never_slow() {
    let mut session = live();
    submit(&mut session, NOW);
    session.handle(
        SessionInput::Answered { op_id: OP, result: Ok(Receipt { seq: 3, ..Receipt::default() }) },
        NOW + 900,
        0,
    );
    assert_eq!(pass(&mut session, NOW + 1_000 + SLOW_MS), []);
    assert!(!session.is_saving());
}

#[test]
fn ops_of_an_earlier_page_wait_from_their_resumption() {
    let mut session = live();
    let op =
        crate::session::PendingOp { op_id: OP, op: Op::DeleteTask { task_id: CARD }, at: Timestamp::from_millis(5) };
    session.resume([op]);
    pass(&mut session, NOW);
    session.handle(SessionInput::Answered { op_id: OP, result: Err(ApiError::network()) }, NOW + 10, 0);
    assert!(!session.is_saving());
    session.handle(SessionInput::Tick, NOW + SLOW_MS, 0);
    assert!(session.is_saving());
}

#[test]
fn an_op_is_dated_by_the_servers_clock() {
    let mut session = live();
    session.handle(SessionInput::Clock { ahead: -86_400_000 }, NOW, 0);
    submit(&mut session, NOW + 5);
    let made: Vec<i64> = session.pending_ops().map(|op| op.at.millis()).collect();
    assert_eq!(made, [NOW as i64 + 5 - 86_400_000]);
    // Except for waiting times, the session's clock counts.
    session.handle(SessionInput::Tick, NOW + 5 + SLOW_MS, 0);
    assert!(session.is_saving());
}

#[test]
fn a_session_in_doubt_shows_what_was_done_before_the_break() {
    let mut session = live();
    let effects = session.handle(SessionInput::Network(false), NOW + 10, 0);
    assert_eq!(effects, [SessionEffect::Send(ClientFrame::Ping)]);
    assert_eq!(session.link(), Link::Offline);
    // A frame that still arrives is applied, and nothing happens twice.
    let effects = session.handle(SessionInput::Frame(ServerFrame::Ping), NOW + 20, 0);
    assert_eq!(effects, [SessionEffect::Send(ClientFrame::Pong)]);
    assert_eq!(session.link(), Link::Offline);
    session.handle(SessionInput::Frame(ServerFrame::Pong), NOW + 30, 0);
    assert_eq!(session.link(), Link::Live);
}
