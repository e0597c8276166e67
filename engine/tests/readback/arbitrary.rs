//! Arbitrary values of the engine's types, including extreme ones.

use engine::{
    Assignment, Bulk, BulkChange, BulkPatch, Category, Change, Comment, CommentId, Day, Epoch, Event, EventId, Label,
    LabelId, Member, Move, Notification, NotificationId, Op, OpId, Placement, Priority, Project, ProjectId, Rank, Role,
    Snapshot, Status, StatusId, Task, TaskDraft, TaskId, TaskPatch, Timestamp, User, UserId,
    comment::{CommentDraft, Commented},
    event::{Reranked, Unknown},
    notification::{NotificationKind, ReferenceType},
    wire::{Presence, PresenceMode},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use uuid::Uuid;

macro_rules! ids {
    ($($name:ident: $id:ident),* $(,)?) => {$(
        pub(crate) fn $name() -> impl Strategy<Value = $id> {
            any::<u128>().prop_map(|id| $id::new(Uuid::from_u128(id)))
        }
    )*};
}

ids! {
    comment_id: CommentId, epoch: Epoch, event_id: EventId, label_id: LabelId, notification_id: NotificationId,
    op_id: OpId, project_id: ProjectId, status_id: StatusId, task_id: TaskId, user_id: UserId,
}

pub(crate) fn moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        any::<i64>().prop_map(Timestamp::from_millis),
        (0_i64..4_000_000_000_000).prop_map(Timestamp::from_millis),
        select(vec![Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX), Timestamp::default()]),
    ]
}

pub(crate) fn day() -> impl Strategy<Value = Day> {
    prop_oneof![any::<i64>(), -1000_i64..400_000].prop_map(Day::from_number)
}

/// A task's date: midnight.
pub(crate) fn date() -> impl Strategy<Value = Timestamp> {
    day().prop_map(Day::timestamp)
}

/// Hours to a millionth, as the server stores them.
pub(crate) fn hours() -> impl Strategy<Value = f64> {
    (0_u64..=10_000_000_000).prop_map(|millionths| millionths as f64 / 1e6)
}

pub(crate) fn text() -> BoxedStrategy<String> {
    prop_oneof![3 => any::<String>(), 1 => "[a-zA-Z 👩‍👧\\u{202e}\\u{0}\"\\\\<>&\n]{0,40}"].boxed()
}

pub(crate) fn rank() -> BoxedStrategy<Rank> {
    vec(any::<bool>(), 0..60)
        .prop_map(|sides| {
            let (mut low, mut high) = (None, None);
            let mut rank = Rank::default();
            for up in sides {
                if up {
                    low = Some(rank.clone())
                } else {
                    high = Some(rank.clone())
                }
                rank = Rank::between(low.as_ref(), high.as_ref()).expect("they are in order");
            }
            rank
        })
        .boxed()
}

pub(crate) fn priority() -> impl Strategy<Value = Priority> {
    select(vec![Priority::None, Priority::Low, Priority::Medium, Priority::High, Priority::Urgent])
}

pub(crate) fn category() -> impl Strategy<Value = Category> {
    select(vec![Category::Todo, Category::Doing, Category::Done])
}

pub(crate) fn role() -> impl Strategy<Value = Role> {
    select(vec![Role::Viewer, Role::Editor, Role::Owner])
}

/// Any value of a plain field, by its type.
trait AnyValue: Sized {
    fn any() -> BoxedStrategy<Self>;
}

impl AnyValue for Priority {
    fn any() -> BoxedStrategy<Self> {
        priority().boxed()
    }
}

impl AnyValue for Option<Timestamp> {
    fn any() -> BoxedStrategy<Self> {
        option::of(date()).boxed()
    }
}

impl AnyValue for Option<f64> {
    fn any() -> BoxedStrategy<Self> {
        option::of(hours()).boxed()
    }
}

impl AnyValue for Option<String> {
    fn any() -> BoxedStrategy<Self> {
        option::of(text()).boxed()
    }
}

/// Sets arbitrary plain fields in the values of a strategy.
macro_rules! any_fields {
    ($($(#[$attribute:meta])* $name:ident: $type:ty,)*) => {
        fn any_fields_of_task(task: BoxedStrategy<Task>) -> BoxedStrategy<Task> {
            $(let task = (task, <$type>::any()).prop_map(|(task, $name)| Task { $name, ..task }).boxed();)*
            task
        }

        fn any_fields_of_draft(draft: BoxedStrategy<TaskDraft>) -> BoxedStrategy<TaskDraft> {
            $(let draft = (draft, <$type>::any()).prop_map(|(draft, $name)| TaskDraft { $name, ..draft }).boxed();)*
            draft
        }

        fn any_fields_of_patch(patch: BoxedStrategy<BulkPatch>) -> BoxedStrategy<BulkPatch> {
            $(let patch = (patch, option::of(<$type>::any()))
                .prop_map(|(patch, $name)| BulkPatch { $name, ..patch })
                .boxed();)*
            patch
        }
    };
}
engine::task_fields!(any_fields);

pub(crate) fn task() -> BoxedStrategy<Task> {
    let place = (task_id(), project_id(), status_id(), rank());
    let words = (text(), option::of(text()), option::of(user_id()), option::of(text()));
    let past = (option::of(moment()), option::of(moment()), user_id(), moment(), moment(), any::<i64>(), any::<u32>());
    let task = (place, words, past).prop_map(|(place, words, past)| Task {
        title: words.0,
        description: words.1,
        assignee_id: words.2,
        blocked_reason: words.3,
        blocked_since: past.0,
        completed_at: past.1,
        updated_at: past.4,
        version: past.5,
        comment_count: past.6,
        ..Task::new(place.0, place.1, (place.2, place.3), (past.2, past.3))
    });
    any_fields_of_task(task.boxed())
}

pub(crate) fn project() -> BoxedStrategy<Project> {
    (project_id(), text(), option::of(role()), moment(), moment())
        .prop_map(|(id, name, role, created_at, updated_at)| Project { id, name, role, created_at, updated_at })
        .boxed()
}

pub(crate) fn status() -> BoxedStrategy<Status> {
    (status_id(), project_id(), text(), text(), rank(), option::of(any::<u32>()), category())
        .prop_map(|(id, project_id, name, color, rank, wip_limit, category)| Status {
            id,
            project_id,
            name,
            color,
            rank,
            wip_limit,
            category,
        })
        .boxed()
}

pub(crate) fn member() -> BoxedStrategy<Member> {
    (user_id(), text(), text(), role(), any::<bool>(), option::of(any::<u32>()))
        .prop_map(|(user_id, name, email, role, former, place)| Member { user_id, name, email, role, former, place })
        .boxed()
}

pub(crate) fn user() -> impl Strategy<Value = User> {
    (user_id(), text(), text()).prop_map(|(id, email, name)| User { id, email, name })
}

pub(crate) fn label() -> impl Strategy<Value = Label> {
    (label_id(), text(), text()).prop_map(|(id, name, color)| Label { id, name, color })
}

pub(crate) fn snapshot() -> BoxedStrategy<Snapshot> {
    let head = (epoch(), any::<u64>(), option::of(event_id()), project(), any::<u32>());
    let lists = (vec(status(), 0..4), vec(task(), 0..5), vec(member(), 0..4), vec(label(), 0..3));
    (head, lists)
        .prop_map(|((epoch, seq, last, project, unreadable), (statuses, tasks, members, labels))| Snapshot {
            epoch,
            seq,
            last,
            project,
            statuses,
            tasks,
            unreadable,
            members,
            labels,
        })
        .boxed()
}

pub(crate) fn placement() -> impl Strategy<Value = Placement> {
    (status_id(), option::of(task_id()), option::of(task_id())).prop_map(|(status_id, after_id, before_id)| Placement {
        status_id,
        after_id,
        before_id,
    })
}

pub(crate) fn draft() -> BoxedStrategy<TaskDraft> {
    let draft = (option::of(task_id()), text(), option::of(status_id()), option::of(text()), option::of(user_id()))
        .prop_map(|(id, title, status_id, description, assignee_id)| TaskDraft {
            id,
            title,
            status_id,
            description,
            assignee_id,
            ..TaskDraft::default()
        });
    any_fields_of_draft(draft.boxed())
}

pub(crate) fn bulk_patch() -> BoxedStrategy<BulkPatch> {
    let reason = option::of(option::of(text()));
    let patch = reason.prop_map(|blocked_reason| BulkPatch { blocked_reason, ..BulkPatch::default() });
    any_fields_of_patch(patch.boxed())
}

pub(crate) fn patch() -> BoxedStrategy<TaskPatch> {
    (option::of(text()), option::of(text()), option::of(any::<i64>()), bulk_patch())
        .prop_map(|(title, description, version, patch)| TaskPatch {
            title,
            description,
            version,
            ..TaskPatch::from(patch)
        })
        .boxed()
}

pub(crate) fn comment_draft() -> BoxedStrategy<CommentDraft> {
    (option::of(comment_id()), text(), vec(user_id(), 0..3))
        .prop_map(|(id, body, mentions)| CommentDraft { id, body, mentions })
        .boxed()
}

pub(crate) fn op() -> BoxedStrategy<Op> {
    prop_oneof![
        (project_id(), draft()).prop_map(|(project_id, draft)| Op::CreateTask { project_id, draft }),
        (task_id(), patch()).prop_map(|(task_id, patch)| Op::UpdateTask { task_id, patch }),
        (task_id(), placement()).prop_map(|(task_id, to)| Op::MoveTask { task_id, to }),
        (task_id(), option::of(user_id())).prop_map(|(task_id, assignee_id)| Op::AssignTask { task_id, assignee_id }),
        task_id().prop_map(|task_id| Op::DeleteTask { task_id }),
        task_id().prop_map(|task_id| Op::RestoreTask { task_id }),
        (task_id(), comment_draft()).prop_map(|(task_id, draft)| Op::AddComment { task_id, draft }),
        (task_id(), comment_id(), comment_draft()).prop_map(|(task_id, comment_id, draft)| Op::EditComment {
            task_id,
            comment_id,
            draft
        }),
        (task_id(), comment_id()).prop_map(|(task_id, comment_id)| Op::DeleteComment { task_id, comment_id }),
        (task_id(), comment_id()).prop_map(|(task_id, comment_id)| Op::RestoreComment { task_id, comment_id }),
        (project_id(), status_id()).prop_map(|(project_id, status_id)| Op::DeleteStatus { project_id, status_id }),
        (project_id(), status_id()).prop_map(|(project_id, status_id)| Op::RestoreStatus { project_id, status_id }),
        (project_id(), user_id(), role()).prop_map(|(project_id, user_id, role)| Op::ChangeRole {
            project_id,
            user_id,
            role
        }),
        (project_id(), user_id()).prop_map(|(project_id, user_id)| Op::RemoveMember { project_id, user_id }),
        (project_id(), user_id()).prop_map(|(project_id, user_id)| Op::RestoreMember { project_id, user_id }),
    ]
    .boxed()
}

pub(crate) fn bulk() -> BoxedStrategy<Bulk> {
    let change = prop_oneof![
        placement().prop_map(BulkChange::Move),
        option::of(user_id()).prop_map(|assignee_id| BulkChange::Assign(Assignment { assignee_id })),
        bulk_patch().prop_map(BulkChange::Set),
        Just(BulkChange::Delete),
        Just(BulkChange::Restore),
    ];
    (vec(task_id(), 0..4), change).prop_map(|(ids, change)| Bulk { ids, change }).boxed()
}

pub(crate) fn commented() -> impl Strategy<Value = Commented> {
    (comment_id(), task_id(), user_id(), any::<u32>()).prop_map(|(comment_id, task_id, author_id, comment_count)| {
        Commented { comment_id, task_id, author_id, comment_count }
    })
}

pub(crate) fn change() -> BoxedStrategy<Change> {
    let moved = (task(), status_id(), text()).prop_map(|(task, from_status_id, status_color)| {
        Change::TaskStatusChanged(Move { task, from_status_id, status_color })
    });
    let reranked = (status_id(), vec((task_id(), rank()), 0..4))
        .prop_map(|(status_id, ranks)| Change::TasksReranked(Reranked { status_id, ranks }));
    let later = (text(), text()).prop_map(|(word, data)| {
        Change::Unknown(Unknown { kind: format!("later_{word}"), data: serde_json::Value::String(data) })
    });
    let of_task = prop_oneof![
        task().prop_map(Change::TaskCreated),
        task().prop_map(Change::TaskUpdated),
        moved,
        task().prop_map(Change::TaskDeleted),
        task().prop_map(Change::TaskAssigned),
        task().prop_map(Change::TaskRestored),
        reranked,
    ];
    let of_others = prop_oneof![
        status().prop_map(Change::StatusCreated),
        status().prop_map(Change::StatusUpdated),
        status().prop_map(Change::StatusDeleted),
        project().prop_map(Change::ProjectUpdated),
        project().prop_map(Change::ProjectDeleted),
        member().prop_map(Change::MemberAdded),
        member().prop_map(Change::MemberUpdated),
        member().prop_map(Change::MemberRemoved),
        commented().prop_map(Change::CommentCreated),
        commented().prop_map(Change::CommentUpdated),
        commented().prop_map(Change::CommentDeleted),
        later,
    ];
    prop_oneof![of_task.boxed(), of_others.boxed()].boxed()
}

pub(crate) fn event() -> BoxedStrategy<Event> {
    (event_id(), epoch(), any::<u64>(), option::of(op_id()), change(), user_id(), moment())
        .prop_map(|(event_id, epoch, seq, op_id, change, triggered_by, timestamp)| Event {
            event_id,
            epoch,
            seq,
            op_id,
            change,
            triggered_by,
            timestamp,
        })
        .boxed()
}

pub(crate) fn comment() -> BoxedStrategy<Comment> {
    let who = (comment_id(), task_id(), user_id(), text(), text(), text());
    (who, moment(), option::of(moment()), option::of(moment()), any::<u64>())
        .prop_map(|((id, task_id, author_id, author_name, body, html), created_at, edited_at, deleted_at, seq)| {
            Comment { id, task_id, author_id, author_name, body, html, created_at, edited_at, deleted_at, seq }
        })
        .boxed()
}

pub(crate) fn notification() -> BoxedStrategy<Notification> {
    let reference = select(vec![ReferenceType::Task, ReferenceType::Comment, ReferenceType::Report]);
    let words = (notification_id(), select(NotificationKind::ALL.to_vec()), text(), text(), reference, text());
    let ids = (option::of(task_id()), option::of(project_id()), option::of(user_id()));
    let again = (option::of(text()), any::<u32>());
    (words, ids, again, moment(), option::of(moment()), any::<bool>())
        .prop_map(|(words, ids, again, created_at, read_at, alert)| Notification {
            id: words.0,
            kind: words.1,
            title: words.2,
            message: words.3,
            reference_type: words.4,
            reference_id: words.5,
            task_id: ids.0,
            project_id: ids.1,
            actor_id: ids.2,
            actor_name: again.0,
            times: again.1,
            created_at,
            read_at,
            alert,
        })
        .boxed()
}

pub(crate) fn mode() -> impl Strategy<Value = PresenceMode> {
    select(vec![PresenceMode::View, PresenceMode::Edit, PresenceMode::Drag])
}

pub(crate) fn presence() -> impl Strategy<Value = Presence> {
    (user_id(), text(), option::of(task_id()), mode()).prop_map(|(user_id, name, task_id, mode)| Presence {
        user_id,
        name,
        task_id,
        mode,
    })
}
