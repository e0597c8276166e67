use proptest::prelude::*;
use uuid::Uuid;

use crate::{
    Board, Category, Change, Epoch, Event, EventId, Member, Move, Project, ProjectId, Rank, Role, Snapshot, Status,
    StatusId, Task, TaskId, Timestamp, UserId,
    event::{Reranked, Unknown},
};

const AT: Timestamp = Timestamp::from_millis(0);
const PROJECT: ProjectId = ProjectId::new(Uuid::from_u128(1));

fn task(n: u8, column: u8, place: u8) -> Task {
    let place = (StatusId::new(Uuid::from_u128(column.into())), rank(place));
    let task = Task::new(TaskId::new(Uuid::from_u128(n.into())), PROJECT, place, (UserId::new(Uuid::nil()), AT));
    Task { description: Some("long".to_owned()), ..task }
}

fn rank(place: u8) -> Rank {
    Rank::spread(usize::from(place) + 1).remove(place.into())
}

fn status(n: u8, place: u8) -> Status {
    Status {
        id: StatusId::new(Uuid::from_u128(n.into())),
        project_id: PROJECT,
        name: String::new(),
        color: "#000000".to_owned(),
        rank: rank(place),
        wip_limit: None,
        category: Category::Todo,
    }
}

fn member(n: u8, role: Role) -> Member {
    let user_id = UserId::new(Uuid::from_u128(n.into()));
    Member { user_id, name: format!("Member {n}"), email: format!("{n}@example.org"), role, former: false, place: None }
}

fn project(role: Option<Role>) -> Project {
    Project { id: PROJECT, name: String::new(), role, created_at: AT, updated_at: AT }
}

fn board() -> Board {
    Board::new(Snapshot {
        epoch: Epoch::new(Uuid::nil()),
        seq: 0,
        last: None,
        project: project(Some(Role::Editor)),
        statuses: vec![status(0, 0), status(1, 1)],
        tasks: Vec::new(),
        unreadable: 0,
        members: Vec::new(),
        labels: Vec::new(),
    })
}

fn event(seq: u64, change: Change) -> Event {
    Event {
        event_id: EventId::new(Uuid::from_u128(seq.into())),
        epoch: Epoch::new(Uuid::nil()),
        seq,
        op_id: None,
        change,
        triggered_by: UserId::new(Uuid::nil()),
        timestamp: AT,
    }
}

fn change() -> impl Strategy<Value = Change> {
    let a_task = || (0..6_u8, 0..3_u8, 0..5_u8).prop_map(|(n, column, place)| task(n, column, place));
    let a_status = || (0..4_u8, 0..4_u8).prop_map(|(n, place)| status(n, place));
    let a_member = || (0..3_u8).prop_map(|n| member(n, Role::Viewer));
    prop_oneof![
        a_task().prop_map(Change::TaskCreated),
        a_task().prop_map(Change::TaskUpdated),
        a_task().prop_map(Change::TaskDeleted),
        a_task().prop_map(Change::TaskAssigned),
        a_task().prop_map(Change::TaskRestored),
        a_task().prop_map(|task| {
            let from_status_id = task.status_id;
            Change::TaskStatusChanged(Move { task, from_status_id, status_color: String::new() })
        }),
        (0..3_u8, prop::collection::vec((0..8_u8, 0..8_u8), 0..8)).prop_map(|(column, ranks)| {
            let ranks = ranks.into_iter().map(|(n, place)| (task(n, 0, 0).id, rank(place))).collect();
            Change::TasksReranked(Reranked { status_id: status(column, 0).id, ranks })
        }),
        a_status().prop_map(Change::StatusCreated),
        a_status().prop_map(Change::StatusUpdated),
        a_status().prop_map(Change::StatusDeleted),
        Just(Change::ProjectUpdated(project(None))),
        Just(Change::ProjectDeleted(project(None))),
        a_member().prop_map(Change::MemberAdded),
        a_member().prop_map(Change::MemberUpdated),
        a_member().prop_map(Change::MemberRemoved),
        Just(Change::Unknown(Unknown { kind: "later".to_owned(), data: serde_json::Value::Null })),
    ]
}

proptest! {
    /// Any event on any board: no panic, and the board stays one that its own snapshot describes.
    #[test]
    fn apply_is_total(changes in prop::collection::vec(change(), 0..80)) {
        let mut board = board();
        for (seq, change) in (1..).zip(changes) {
            board.apply(&event(seq, change));
            prop_assert_eq!(board.seq(), seq);
            prop_assert_eq!(Board::new(board.snapshot()).snapshot(), board.snapshot());
            let in_columns: usize = board.columns.values().map(crate::sorted::SortedSet::len).sum();
            prop_assert_eq!(in_columns, board.tasks().count());
            prop_assert!(board.tasks().all(|task| task.description.is_none()));
            prop_assert_eq!(board.project().role, Some(Role::Editor));
        }
    }
}

#[test]
fn a_deleted_task_leaves_its_column_and_returns_when_restored() {
    let mut board = board();
    let touched = board.apply(&event(1, Change::TaskCreated(task(1, 0, 0))));
    assert_eq!(touched.tasks, [task(1, 0, 0).id]);
    assert_eq!(board.count(status(0, 0).id), 1);
    board.apply(&event(2, Change::TaskDeleted(task(1, 0, 0))));
    assert_eq!((board.count(status(0, 0).id), board.task(task(1, 0, 0).id)), (0, None));
    board.apply(&event(3, Change::TaskRestored(task(1, 0, 0))));
    assert_eq!(board.count(status(0, 0).id), 1);
}

#[test]
fn new_ranks_change_the_order_and_only_of_that_column() {
    let mut board = board();
    for (seq, task) in (1..).zip([task(1, 0, 0), task(2, 0, 1), task(3, 1, 0)]) {
        board.apply(&event(seq, Change::TaskCreated(task)));
    }
    let ranks = vec![(task(1, 0, 0).id, rank(9)), (task(3, 0, 0).id, rank(9))];
    let touched = board.apply(&event(4, Change::TasksReranked(Reranked { status_id: status(0, 0).id, ranks })));
    assert_eq!(touched.tasks, [task(1, 0, 0).id]);
    let order: Vec<TaskId> = board.column(status(0, 0).id).map(|task| task.id).collect();
    assert_eq!(order, [task(2, 0, 0).id, task(1, 0, 0).id]);
    assert_eq!(board.task(task(3, 0, 0).id).map(|task| task.rank.clone()), Some(rank(0)));
}

#[test]
fn a_former_member_is_listed_while_a_task_names_them() {
    let mut board = board();
    for (seq, member) in (1..).zip([member(1, Role::Editor), member(2, Role::Owner), member(3, Role::Viewer)]) {
        board.apply(&event(seq, Change::MemberAdded(member)));
    }
    let theirs = Task { assignee_id: Some(member(1, Role::Editor).user_id), ..task(1, 0, 0) };
    let made = Task { created_by: member(2, Role::Owner).user_id, ..task(2, 0, 1) };
    board.apply(&event(4, Change::TaskCreated(theirs)));
    board.apply(&event(5, Change::TaskCreated(made)));
    for (seq, n) in (6..).zip([1, 2, 3]) {
        assert!(board.apply(&event(seq, Change::MemberRemoved(member(n, Role::Owner)))).members);
    }
    let former = |n| Member { role: Role::Viewer, email: String::new(), former: true, ..member(n, Role::Viewer) };
    assert_eq!(board.snapshot().members, [former(1), former(2)]);
    let hers = Task { created_by: member(3, Role::Viewer).user_id, ..task(3, 0, 2) };
    board.apply(&event(9, Change::TaskRestored(hers)));
    assert_eq!(board.snapshot().members, [former(1), former(2), former(3)], "a task that comes back may name anybody");
    board.apply(&event(10, Change::MemberAdded(member(1, Role::Viewer))));
    assert_eq!(board.snapshot().members, [member(1, Role::Viewer), former(2), former(3)]);
    assert_eq!(board.member(former(1).user_id), Some(&member(1, Role::Viewer)), "who comes back is a member as before");
}
