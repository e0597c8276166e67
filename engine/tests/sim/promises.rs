//! Guarantees to users, one for each test.

use engine::{
    ApiError, Op, OpId, Placement, Role, StatusId, TaskDraft, TaskId, UserId,
    room::LogPlace,
    session::{Link, Receipt, Session, SessionEffect, SessionInput},
    wire::{ResyncReason, ServerFrame},
};

use crate::{
    database::Database,
    frames,
    ids::{id, owner, project},
};

struct TestClient {
    database: Database,
    session: Session,
    me: UserId,
    count: u64,
    now: u64,
}

impl TestClient {
    /// A live session on a board with two tasks in its first column.
    fn new() -> Self {
        let mut database = Database::new();
        let (me, somebody) = (id(5, 1), id(5, 2));
        for user in [me, somebody] {
            database.boards[0].membership(user, Some(Role::Editor));
        }
        for n in [1, 2] {
            let draft = TaskDraft {
                id: Some(task(n)),
                title: format!("{n}"),
                status_id: Some(status(0)),
                ..TaskDraft::default()
            };
            let op = Op::CreateTask { project_id: project(0), draft };
            database.write(somebody, id(6, 1_000 + n), &op.request(), 0).unwrap();
        }
        let session = Session::new(database.snapshot(0, me).unwrap(), me, 0);
        let mut client = Self { database, session, me, count: 0, now: 0 };
        client.input(SessionInput::Tick);
        client.sync();
        assert_eq!(client.session.link(), Link::Live);
        client
    }

    fn input(&mut self, input: SessionInput) -> Vec<SessionEffect> {
        self.session.handle(input, self.now, 0)
    }

    /// The socket's first frame without missed events.
    fn sync(&mut self) -> Vec<SessionEffect> {
        let place = self.database.place(0);
        let frame = ServerFrame::parse(&frames::sync(place.epoch, place.seq, None, &[])[0]).unwrap();
        self.input(SessionInput::Frame(frame))
    }

    /// Carries out a user's op.
    fn write(&mut self, by: UserId, op_id: OpId, op: &Op) -> Receipt {
        self.database.write(by, op_id, &op.request(), 0).unwrap().0
    }

    fn submit(&mut self, op: Op) -> (OpId, Vec<SessionEffect>) {
        self.count += 1;
        let op_id = id(6, self.count);
        (op_id, self.input(SessionInput::Submit { op_id, op }))
    }

    fn status_of(&self, n: u64) -> Option<StatusId> {
        self.session.view().task(task(n)).map(|task| task.status_id)
    }

    fn echo(&mut self) {
        let (_, event) = self.database.boards[0].log.last_key_value().unwrap();
        let frame = ServerFrame::parse(&event.frame).unwrap();
        self.input(SessionInput::Frame(frame));
    }
}

fn task(n: u64) -> TaskId {
    id(7, n)
}

fn status(n: u64) -> StatusId {
    id(2, n)
}

fn to(n: u64, column: u64) -> Op {
    let to = Placement { status_id: status(column), after_id: None, before_id: None };
    Op::MoveTask { task_id: task(n), to }
}

fn forbidden() -> Result<Receipt, ApiError> {
    Err(ApiError::new(403, "forbidden", "Viewers change nothing."))
}

#[test]
fn a_second_drag_survives_the_refusal_of_the_first() {
    let mut client = TestClient::new();
    let (first, sent) = client.submit(to(1, 1));
    assert!(matches!(sent.as_slice(), [SessionEffect::Submit { op_id, .. }] if *op_id == first));
    let (second, sent) = client.submit(to(1, 2));
    assert!(sent.is_empty(), "one request at a time");
    assert_eq!(client.status_of(1), Some(status(2)));

    let effects = client.input(SessionInput::Answered { op_id: first, result: forbidden() });
    assert!(matches!(&effects[0], SessionEffect::Refused { op, .. } if *op == to(1, 1)));
    assert!(matches!(&effects[1], SessionEffect::Submit { op_id, .. } if *op_id == second));
    assert_eq!(client.status_of(1), Some(status(2)));

    client.input(SessionInput::Answered { op_id: second, result: forbidden() });
    assert_eq!(client.status_of(1), Some(status(0)), "back where it was");
    assert!(!client.session.is_pending(task(1)));
}

#[test]
fn a_card_stays_put_whichever_of_answer_and_event_comes_first() {
    for echo_first in [true, false] {
        let mut client = TestClient::new();
        let (op_id, _) = client.submit(to(1, 2));
        let receipt = Ok(client.write(client.me, op_id, &to(1, 2)));
        if echo_first {
            client.echo();
            assert_eq!(client.session.unconfirmed(), 0);
        }
        client.input(SessionInput::Answered { op_id, result: receipt });
        assert_eq!(client.status_of(1), Some(status(2)), "no jump back while the log is behind the answer");
        if !echo_first {
            assert_eq!(client.session.unconfirmed(), 1);
            client.echo();
        }
        client.echo();
        assert_eq!((client.session.unconfirmed(), client.status_of(1)), (0, Some(status(2))));
        assert_eq!(client.session.take_changes().remote, [], "one's own change is nobody else's");
    }
}

#[test]
fn undo_shows_the_card_before_the_server_has_answered() {
    let mut client = TestClient::new();
    let op = Op::DeleteTask { task_id: task(1) };
    let (op_id, _) = client.submit(op.clone());
    assert_eq!(client.status_of(1), None);
    client.write(client.me, op_id, &op);
    client.echo();
    assert_eq!(client.session.unconfirmed(), 0);
    client.submit(Op::RestoreTask { task_id: task(1) });
    assert_eq!(client.status_of(1), Some(status(0)));
    assert!(client.session.is_pending(task(1)));
}

#[test]
fn another_users_change_is_reported_with_its_author() {
    let mut client = TestClient::new();
    client.session.take_changes();
    let other = id(5, 2);
    client.write(other, id(6, 500), &to(2, 1));
    client.echo();
    let changes = client.session.take_changes();
    assert_eq!((changes.tasks, changes.remote), (vec![task(2)], vec![(task(2), other)]));
    client.echo();
    assert!(client.session.take_changes().is_empty(), "once");
}

#[test]
fn being_signed_out_does_not_refuse_an_op() {
    let mut client = TestClient::new();
    let (op_id, _) = client.submit(to(1, 1));
    let error = ApiError::new(401, "not_signed_in", "Sign in.");
    assert_eq!(client.input(SessionInput::Answered { op_id, result: Err(error) }), [SessionEffect::Close]);
    assert_eq!((client.session.link(), client.session.unconfirmed()), (Link::SignedOut, 1));
}

#[test]
fn a_board_fetch_ended_by_a_sign_out_is_repeated_after_signing_in() {
    let mut client = TestClient::new();
    let LogPlace { epoch, seq } = client.database.place(0);
    let resync = || SessionInput::Frame(ServerFrame::Resync { reason: ResyncReason::Slow, epoch, seq });
    assert_eq!(client.input(resync()), [SessionEffect::FetchSnapshot]);
    let error = ApiError::new(401, "not_signed_in", "Sign in.");
    assert_eq!(client.input(SessionInput::Snapshot(Err(error))), [SessionEffect::Close]);
    assert!(matches!(client.input(SessionInput::Woken).as_slice(), [SessionEffect::Connect { .. }]));
    client.now += 10_000;
    assert_eq!(client.input(resync()), [SessionEffect::FetchSnapshot]);
}

#[test]
fn a_removed_and_readded_member_has_the_new_role() {
    let mut client = TestClient::new();
    for (n, role) in [(901, None), (902, Some(Role::Viewer))] {
        let change = client.database.boards[0].membership(client.me, role).unwrap();
        client.database.append(0, owner(), id(6, n), vec![change], 0);
        client.echo();
    }
    assert_eq!(client.session.view().project().role, Some(Role::Viewer));
}

#[test]
fn resumed_ops_are_shown_and_sent_under_their_ids() {
    let mut client = TestClient::new();
    let (op_id, _) = client.submit(to(1, 2));
    let queue: Vec<_> = client.session.pending_ops().cloned().collect();
    client.session = Session::new(client.database.snapshot(0, client.me).unwrap(), client.me, 0);
    client.session.resume(queue);
    assert_eq!(client.session.view().task(task(1)).map(|task| task.status_id), Some(status(2)));
    let effects = client.input(SessionInput::Tick);
    assert!(
        matches!(effects.as_slice(), [SessionEffect::Connect { .. }, SessionEffect::Submit { op_id: sent, .. }] if *sent == op_id),
        "what requests can do waits for no socket"
    );
    assert_eq!(client.sync(), [], "once");
}

#[test]
fn an_event_before_the_first_frame_waits_for_it() {
    let mut client = TestClient::new();
    client.input(SessionInput::Closed { code: 1006 });
    let socket = (0..100).any(|_| {
        client.now += 100;
        client.input(SessionInput::Tick).iter().any(|effect| matches!(effect, SessionEffect::Connect(_)))
    });
    assert!(socket, "it connects anew");
    // As forwarded by the leading tab, which does not know this one's position yet.
    client.write(id(5, 2), id(6, 900), &to(1, 1));
    client.echo();
    assert_eq!(client.status_of(1), Some(status(0)), "nothing says that the log is still the one it was");
    client.sync();
    assert_eq!(client.status_of(1), Some(status(0)));
    assert_ne!(client.session.link(), Link::Live, "what is missing is fetched first");
}

#[test]
fn a_gap_of_another_tabs_socket_does_not_hide_a_replaced_log() {
    let mut client = TestClient::new();
    let place = client.database.place(0);
    client.write(id(5, 2), id(6, 900), &to(1, 1));
    let (_, event) = client.database.boards[0].log.last_key_value().unwrap();
    // A different event than the known one precedes it: that tab is in the log that exists now.
    let frame = &frames::sync(place.epoch, place.seq, Some(id(4, 900)), std::slice::from_ref(event))[0];
    let effects = client.input(SessionInput::Frame(ServerFrame::parse(frame).unwrap()));
    assert_eq!(client.status_of(1), Some(status(0)), "it waits for the server to say which log there is");
    assert!(effects.iter().any(|effect| matches!(effect, SessionEffect::FetchEvents(_))), "{effects:?}");
}
