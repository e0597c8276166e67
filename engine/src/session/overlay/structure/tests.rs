use uuid::Uuid;

use crate::{
    ApiError, Category, Change, Epoch, Event, EventId, Member, Op, OpId, Priority, Project, ProjectId, Rank, Role,
    Snapshot, Status, StatusId, Task, TaskId, Timestamp, UserId,
    session::{Changes, Receipt, Session, SessionEffect, SessionInput},
    wire::{ServerFrame, Sync},
};

const NOW: u64 = 1_000_000;
const PROJECT: ProjectId = ProjectId::new(Uuid::from_u128(1));
const ME: UserId = UserId::new(Uuid::from_u128(51));
const BEN: UserId = UserId::new(Uuid::from_u128(52));
const EPOCH: Epoch = Epoch::new(Uuid::from_u128(9));

fn status(n: usize) -> Status {
    Status {
        id: StatusId::new(Uuid::from_u128(20 + n as u128)),
        project_id: PROJECT,
        name: format!("column {n}"),
        color: "#336699".to_owned(),
        rank: Rank::spread(3).remove(n),
        wip_limit: None,
        category: Category::Todo,
    }
}

fn member(user_id: UserId, role: Role) -> Member {
    Member { user_id, name: "A name".to_owned(), email: "a@b.example".to_owned(), role, former: false, place: None }
}

fn task(column: usize) -> Task {
    let at = Timestamp::from_millis(0);
    Task {
        id: TaskId::new(Uuid::from_u128(70)),
        project_id: PROJECT,
        status_id: status(column).id,
        rank: Rank::spread(1).remove(0),
        title: "A card".to_owned(),
        description: None,
        assignee_id: Some(BEN),
        priority: Priority::default(),
        start_at: None,
        due_at: None,
        estimate_hours: None,
        blocked_reason: None,
        blocked_since: None,
        completed_at: None,
        created_by: ME,
        created_at: at,
        updated_at: at,
        version: 1,
        comment_count: 0,
    }
}

/// A live session of a board with three columns, a card in the first one, and an editor beside its owner.
fn live() -> Session {
    let at = Timestamp::from_millis(0);
    let snapshot = Snapshot {
        epoch: EPOCH,
        seq: 3,
        last: None,
        project: Project { id: PROJECT, name: String::new(), created_at: at, updated_at: at, role: Some(Role::Owner) },
        statuses: (0..3).map(status).collect(),
        tasks: vec![task(0)],
        unreadable: 0,
        members: vec![member(ME, Role::Owner), member(BEN, Role::Editor)],
        labels: Vec::new(),
    };
    let mut session = Session::new(snapshot, ME, NOW);
    session.handle(SessionInput::Tick, NOW, 0);
    let sync = Sync {
        epoch: EPOCH,
        seq: 3,
        last: None,
        after: None,
        recovered: true,
        events: Vec::new(),
        presence: Vec::new(),
    };
    session.handle(SessionInput::Frame(ServerFrame::Sync(sync)), NOW, 0);
    session.take_changes();
    session
}

fn op_id(n: u128) -> OpId {
    OpId::new(Uuid::from_u128(n))
}

fn submit(session: &mut Session, n: u128, op: Op) -> Changes {
    session.handle(SessionInput::Submit { op_id: op_id(n), op }, NOW, 0);
    assert_eq!(*session.view(), session.replayed());
    session.take_changes()
}

fn answer(session: &mut Session, n: u128, result: Result<u64, ApiError>) -> Vec<SessionEffect> {
    let result = result.map(|seq| Receipt { seq, ..Receipt::default() });
    let effects = session.handle(SessionInput::Answered { op_id: op_id(n), result }, NOW, 0);
    assert_eq!(*session.view(), session.replayed());
    effects
}

fn happens(session: &mut Session, seq: u64, op: Option<u128>, change: Change) {
    let event = Event {
        event_id: EventId::new(Uuid::from_u128(1_000 + u128::from(seq))),
        epoch: EPOCH,
        seq,
        op_id: op.map(op_id),
        change,
        triggered_by: ME,
        timestamp: Timestamp::from_millis(0),
    };
    session.handle(SessionInput::Frame(ServerFrame::Event(Box::new(event))), NOW, 0);
    assert_eq!(*session.view(), session.replayed());
}

fn columns(session: &Session) -> Vec<usize> {
    session.view().statuses().iter().map(|shown| (0..3).find(|n| status(*n).id == shown.id).unwrap()).collect()
}

fn role_of(session: &Session, user: UserId) -> Option<Role> {
    session.view().member(user).filter(|member| !member.former).map(|member| member.role)
}

fn delete(n: usize) -> Op {
    Op::DeleteStatus { project_id: PROJECT, status_id: status(n).id }
}

#[test]
fn a_deleted_column_returns_if_the_server_refuses() {
    let mut session = live();
    let changes = submit(&mut session, 1, delete(1));
    assert!(changes.statuses && !changes.members && !changes.all);
    assert_eq!(columns(&session), [0, 2]);
    let effects = answer(&mut session, 1, Err(ApiError::new(409, "status_not_empty", "")));
    assert!(matches!(effects.as_slice(), [SessionEffect::Refused { op: Op::DeleteStatus { .. }, .. }]), "{effects:?}");
    assert_eq!(columns(&session), [0, 1, 2]);
    assert!(session.take_changes().statuses);
    assert_eq!(session.rejected(), [], "it was seen");
}

#[test]
fn a_deleted_column_disappears_at_once() {
    let mut session = live();
    submit(&mut session, 1, delete(1));
    answer(&mut session, 1, Ok(4));
    assert_eq!(columns(&session), [0, 2], "the log does not show it yet");
    happens(&mut session, 4, Some(1), Change::StatusDeleted(status(1)));
    assert_eq!(columns(&session), [0, 2]);
    // The undo has only the event to restore from.
    submit(&mut session, 2, Op::RestoreStatus { project_id: PROJECT, status_id: status(1).id });
    assert_eq!(columns(&session), [0, 1, 2], "in its place");
    assert_eq!(*session.view().status(status(1).id).unwrap(), status(1));
}

#[test]
fn an_undo_follows_its_unsent_op() {
    let mut session = live();
    submit(&mut session, 1, delete(1));
    submit(&mut session, 2, Op::RestoreStatus { project_id: PROJECT, status_id: status(1).id });
    assert_eq!(columns(&session), [0, 1, 2]);
    let remove = Op::RemoveMember { project_id: PROJECT, user_id: BEN };
    submit(&mut session, 3, remove);
    let changes = submit(&mut session, 4, Op::RestoreMember { project_id: PROJECT, user_id: BEN });
    assert!(changes.members);
    assert_eq!(role_of(&session, BEN), Some(Role::Editor));
    assert_eq!(session.unconfirmed(), 4, "in order, one after another");
}

#[test]
fn a_column_with_cards_is_not_deleted_in_the_view() {
    let mut session = live();
    assert!(!submit(&mut session, 1, delete(0)).statuses);
    assert_eq!(columns(&session), [0, 1, 2]);
    // The user's earlier move counts, and so does what others change meanwhile.
    let mut session = live();
    let to = crate::Placement { status_id: status(1).id, after_id: None, before_id: None };
    submit(&mut session, 1, Op::MoveTask { task_id: task(0).id, to });
    submit(&mut session, 2, delete(0));
    assert_eq!(columns(&session), [1, 2]);
    happens(&mut session, 4, None, Change::TaskCreated(Task { id: TaskId::new(Uuid::from_u128(71)), ..task(0) }));
    assert_eq!(columns(&session), [0, 1, 2]);
    assert!(session.take_changes().statuses);
}

#[test]
fn the_last_column_stays() {
    let mut session = live();
    submit(&mut session, 1, Op::DeleteTask { task_id: task(0).id });
    (0..3).for_each(|n| drop(submit(&mut session, 2 + n as u128, delete(n))));
    assert_eq!(columns(&session), [2]);
}

#[test]
fn a_removed_member_disappears_at_once_and_can_be_restored() {
    let mut session = live();
    let changes = submit(&mut session, 1, Op::RemoveMember { project_id: PROJECT, user_id: BEN });
    assert!(changes.members && !changes.statuses);
    let shown = session.view().member(BEN).cloned();
    assert_eq!(shown, Some(member(BEN, Role::Editor).into_former()), "their cards go on showing their name");
    let effects = answer(&mut session, 1, Err(ApiError::new(403, "forbidden", "")));
    assert!(matches!(effects.as_slice(), [SessionEffect::Refused { .. }]), "{effects:?}");
    assert_eq!(session.view().member(BEN), Some(&member(BEN, Role::Editor)));

    happens(&mut session, 4, None, Change::MemberRemoved(member(BEN, Role::Editor)));
    submit(&mut session, 2, Op::RestoreMember { project_id: PROJECT, user_id: BEN });
    assert_eq!(session.view().member(BEN), Some(&member(BEN, Role::Editor)), "also after the event");
}

#[test]
fn a_role_changes_at_once() {
    let mut session = live();
    let change = |user_id, role| Op::ChangeRole { project_id: PROJECT, user_id, role };
    assert!(submit(&mut session, 1, change(BEN, Role::Viewer)).members);
    assert_eq!(role_of(&session, BEN), Some(Role::Viewer));
    let changes = submit(&mut session, 2, change(ME, Role::Viewer));
    assert!(changes.members && changes.project);
    assert_eq!(session.view().project().role, Some(Role::Viewer));
    answer(&mut session, 1, Ok(4));
    let effects = answer(&mut session, 2, Err(ApiError::new(409, "last_owner", "")));
    assert!(matches!(effects.as_slice(), [SessionEffect::Refused { .. }]), "{effects:?}");
    assert_eq!(session.view().project().role, Some(Role::Owner));
    assert!(session.take_changes().project);
    assert_eq!(role_of(&session, BEN), Some(Role::Viewer));
}

#[test]
fn a_refusal_after_a_wait_names_its_item() {
    let mut session = live();
    session.handle(SessionInput::Closed { code: 1006 }, NOW, u64::MAX);
    session.handle(SessionInput::Answered { op_id: op_id(0), result: Err(ApiError::network()) }, NOW, 0);
    submit(&mut session, 1, Op::RemoveMember { project_id: PROJECT, user_id: BEN });
    submit(&mut session, 2, delete(1));
    session.leave();
    for n in [1, 2] {
        answer(&mut session, n, Err(ApiError::new(403, "forbidden", "")));
    }
    let titles: Vec<_> = session.rejected().iter().map(|rejected| rejected.title.as_deref().unwrap()).collect();
    assert_eq!(titles, ["A name", "column 1"]);
}
