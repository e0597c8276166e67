//! Notifies users when a task changes.
//!
//! Runs within the transaction of the change: [`ProjectWrite`](super::write::ProjectWrite) collects notices beside its
//! events, and writes the notifications before it commits. Only members are notified, never of their own changes, and
//! at most once per event.

use std::collections::{BTreeMap, BTreeSet};

use engine::{
    CommentId, EventId, Notification, NotificationId, ProjectId, Task, TaskId, Timestamp, User, UserId,
    notification::{NotificationKind, ReferenceType},
};
use uuid::Uuid;

use super::channel::{self, Route};
use crate::{
    realtime::Delivery,
    store::{NewNotification, StoreError, Watchers, WriteTx},
};

mod churn;

/// Tasks of one write that are notified one by one.
const MAX_SEPARATE: usize = 3;
/// Most characters of a task's title in a notification.
const TITLE: usize = 120;
/// Most characters of the detail in a notification.
const DETAIL: usize = 140;

/// A change of a task that others are notified of.
#[derive(Clone, Debug)]
pub(super) enum TaskNotice {
    /// The assignee changed.
    Assigned {
        /// The former assignee.
        from: Option<UserId>,
        /// The current assignee.
        to: Option<UserId>,
    },
    /// The task was blocked for a reason, or unblocked (`None`).
    Blocker(Option<String>),
    /// The task was moved to the column of this name.
    Moved(String),
    /// A comment was added.
    Commented(CommentNotice),
    /// A comment was rewritten and mentions further members. Only they are notified.
    Mentioned(CommentNotice),
}

/// A comment in a notice.
#[derive(Clone, Debug)]
pub(super) struct CommentNotice {
    /// Its id.
    pub(super) comment: CommentId,
    /// Its text.
    pub(super) text: String,
    /// The members it mentions.
    pub(super) mentioned: Vec<UserId>,
}

/// A notice with its event, and the followers of the task.
#[derive(Clone, Debug)]
pub(super) struct PendingNotice {
    /// The index of the event among those of the write.
    event: usize,
    task: TaskId,
    title: String,
    /// The watchers and the assignee.
    followers: BTreeSet<UserId>,
    /// The followers who only created the task.
    creators: BTreeSet<UserId>,
    notice: TaskNotice,
}

/// The actor, project and time of a write.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteContext<'a> {
    /// The actor.
    pub(super) actor: &'a User,
    /// The project.
    pub(super) project: ProjectId,
    /// The time.
    pub(super) at: Timestamp,
    /// Whether this server sends e-mail.
    pub(super) mail: bool,
}

/// A notice for one recipient.
#[derive(Debug)]
struct PersonalNotice<'a> {
    pending: &'a PendingNotice,
    reason: NoticeReason<'a>,
    /// The preference that decides its channels.
    preference: NotificationKind,
}

/// The change from the recipient's point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum NoticeReason<'a> {
    Mentioned(&'a str),
    Given,
    Taken,
    Commented(&'a str),
    Blocked(&'a str),
    Unblocked,
    Moved(&'a str),
}

impl PendingNotice {
    /// A notice about the state of a task after its event. `None` if only the actor would be notified.
    pub(super) fn new(
        event: usize,
        actor: UserId,
        task: &Task,
        watchers: &Watchers,
        notice: TaskNotice,
    ) -> Option<Self> {
        let followers: BTreeSet<UserId> =
            watchers.iter().chain(task.assignee_id).filter(|user| *user != actor).collect();
        let only_created = |user: &UserId| watchers.only_created(*user) && task.assignee_id != Some(*user);
        let creators = followers.iter().copied().filter(only_created).collect();
        let pending = Self { event, task: task.id, title: task.title.clone(), followers, creators, notice };
        pending.recipients().iter().any(|(user, _)| *user != actor).then_some(pending)
    }

    /// All recipients, with the reason for each. The first reason of a user wins.
    fn recipients(&self) -> Vec<(UserId, NoticeReason<'_>)> {
        let followers = |reason| self.followers.iter().map(move |user| (*user, reason));
        let mentioned = |comment: &'_ CommentNotice| comment.mentioned.clone();
        match &self.notice {
            TaskNotice::Assigned { from, to } if from == to => Vec::new(),
            TaskNotice::Assigned { from, to } => {
                let given = to.iter().map(|user| (*user, NoticeReason::Given));
                given.chain(from.iter().map(|user| (*user, NoticeReason::Taken))).collect()
            }
            TaskNotice::Blocker(Some(blocker)) => followers(NoticeReason::Blocked(blocker)).collect(),
            TaskNotice::Blocker(None) => followers(NoticeReason::Unblocked).collect(),
            TaskNotice::Moved(column) => followers(NoticeReason::Moved(column)).collect(),
            TaskNotice::Commented(comment) => {
                let mentioned =
                    mentioned(comment).into_iter().map(|user| (user, NoticeReason::Mentioned(&comment.text)));
                mentioned.chain(followers(NoticeReason::Commented(&comment.text))).collect()
            }
            TaskNotice::Mentioned(comment) => {
                mentioned(comment).into_iter().map(|user| (user, NoticeReason::Mentioned(&comment.text))).collect()
            }
        }
    }
}

/// Writes the notifications for these notices, each of which belongs to one of `events`. Returns what to send to the
/// users' sockets after the commit.
///
/// # Errors
/// When the database fails.
pub(super) async fn write(
    tx: &mut WriteTx,
    context: WriteContext<'_>,
    events: &[EventId],
    pending: &[PendingNotice],
) -> Result<Vec<Delivery>, StoreError> {
    let notices = notices(pending, context.actor.id);
    if notices.is_empty() {
        return Ok(Vec::new());
    }
    let users: Vec<UserId> = notices.keys().copied().collect();
    let delivery = tx.delivery_preferences(context.project, &users).await?;
    let mut churn = churn::Churn::default();
    for (user, notices) in &notices {
        // Users without preferences are not members.
        let Some(delivery) = delivery.get(user) else { continue };
        for group in grouped(notices) {
            let Some(first) = group.first() else { continue };
            if let Some(route) = channel::route(delivery, first.preference, context.at, context.mail)
                && let Some(event) = events.get(first.pending.event)
            {
                churn.add(row(*user, context, *event, &group, route), first);
            }
        }
    }
    churn.write(tx, context).await
}

/// The notices of each recipient: one per event, in the order of events.
fn notices(pending: &[PendingNotice], actor: UserId) -> BTreeMap<UserId, Vec<PersonalNotice<'_>>> {
    let mut notices: BTreeMap<UserId, Vec<PersonalNotice<'_>>> = BTreeMap::new();
    for pending in pending {
        for (user, reason) in pending.recipients() {
            let of_user = notices.entry(user).or_default();
            if of_user.last().is_none_or(|last| last.pending.event != pending.event) {
                let created = reason.kind() == NotificationKind::Status && pending.creators.contains(&user);
                let preference = if created { NotificationKind::CreatedStatus } else { reason.kind() };
                of_user.push(PersonalNotice { pending, reason, preference });
            }
        }
    }
    notices.remove(&actor);
    notices
}

/// Groups a recipient's notices: one per task, or one for many tasks with the same reason.
fn grouped<'a>(notices: &'a [PersonalNotice<'a>]) -> Vec<Vec<&'a PersonalNotice<'a>>> {
    let mut groups: BTreeMap<(NoticeReason<'_>, NotificationKind), Vec<&PersonalNotice<'_>>> = BTreeMap::new();
    for notice in notices {
        groups.entry((notice.reason, notice.preference)).or_default().push(notice);
    }
    let split = |group: Vec<&'a PersonalNotice<'a>>| match group.len() {
        0..=MAX_SEPARATE => group.into_iter().map(|notice| vec![notice]).collect(),
        _ => vec![group],
    };
    groups.into_values().flat_map(split).collect()
}

fn row(
    user: UserId,
    context: WriteContext<'_>,
    event: EventId,
    group: &[&PersonalNotice<'_>],
    route: Route,
) -> NewNotification {
    let PersonalNotice { pending, reason, .. } = group[0];
    let kind = reason.kind();
    let (reference_type, reference_id) = match &pending.notice {
        TaskNotice::Commented(comment) | TaskNotice::Mentioned(comment) => {
            (ReferenceType::Comment, comment.comment.to_string())
        }
        _ => (ReferenceType::Task, pending.task.to_string()),
    };
    let notification = Notification {
        id: NotificationId::new(Uuid::now_v7()),
        kind,
        title: reason.title(&context.actor.name, group.len()),
        message: reason.message(&pending.title, group.len()),
        reference_type,
        reference_id,
        task_id: Some(pending.task),
        project_id: Some(context.project),
        actor_id: Some(context.actor.id),
        actor_name: Some(context.actor.name.clone()),
        times: 1,
        created_at: context.at,
        read_at: None,
        alert: route.alert,
    };
    let cause = format!("{event}:{}", kind_word(kind));
    // Each mention expects an answer, so mentions are not coalesced.
    let counts = group.len() == 1 && kind != NotificationKind::Mention;
    NewNotification { user, notification, cause, in_bell: route.bell, counts, mail: route.mail }
}

impl NoticeReason<'_> {
    fn kind(self) -> NotificationKind {
        match self {
            Self::Mentioned(_) => NotificationKind::Mention,
            Self::Given | Self::Taken => NotificationKind::Assignment,
            Self::Commented(_) => NotificationKind::Comment,
            Self::Blocked(_) | Self::Unblocked => NotificationKind::Blocker,
            Self::Moved(_) => NotificationKind::Status,
        }
    }

    fn title(self, actor: &str, tasks: usize) -> String {
        let cards = if tasks == 1 { "a card".to_owned() } else { format!("{tasks} cards") };
        match self {
            Self::Mentioned(_) => format!("{actor} mentioned you"),
            Self::Given => format!("{actor} assigned {cards} to you"),
            Self::Taken => format!("{actor} took {cards} from you"),
            Self::Commented(_) => format!("{actor} commented on a card"),
            Self::Blocked(_) => format!("{actor} blocked {cards}"),
            Self::Unblocked => format!("{actor} unblocked {cards}"),
            Self::Moved(column) => format!("{actor} moved {cards} to {column}"),
        }
    }

    /// The title for several repetitions on one card.
    fn title_again(self, actor: &str, times: u32) -> String {
        match self {
            Self::Mentioned(_) => format!("{actor} mentioned you {times} times"),
            Self::Given => format!("{actor} changed a card's assignee {times} times: it's yours now"),
            Self::Taken => format!("{actor} changed a card's assignee {times} times: it's no longer yours"),
            Self::Commented(_) => format!("{actor} commented {times} times on a card"),
            Self::Blocked(_) => format!("{actor} changed a card's blocker {times} times: it's blocked now"),
            Self::Unblocked => format!("{actor} changed a card's blocker {times} times: it's unblocked now"),
            Self::Moved(column) => format!("{actor} moved a card {times} times, now to {column}"),
        }
    }

    fn message(self, first: &str, tasks: usize) -> String {
        match self {
            _ if tasks > 1 => format!("{} and {} more", cut(first, TITLE), tasks - 1),
            Self::Mentioned(detail) | Self::Commented(detail) | Self::Blocked(detail) => quote(first, detail),
            Self::Given | Self::Taken | Self::Unblocked | Self::Moved(_) => cut(first, TITLE),
        }
    }
}

/// A task's title, followed by a detail.
pub(super) fn quote(title: &str, detail: &str) -> String {
    format!("{}: {}", cut(title, TITLE), cut(detail, DETAIL))
}

/// A text on one line, of at most `max` characters.
pub(super) fn cut(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(max) {
        None => line,
        Some(_) => {
            let start: String = line.chars().take(max - 1).collect();
            format!("{}…", start.trim_end())
        }
    }
}

const fn kind_word(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Mention => "mention",
        NotificationKind::Assignment => "assignment",
        NotificationKind::Blocker => "blocker",
        NotificationKind::Comment => "comment",
        NotificationKind::Due => "due",
        NotificationKind::Status => "status",
        NotificationKind::CreatedStatus => "created_status",
        NotificationKind::Report => "report",
    }
}
