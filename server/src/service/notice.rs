//! What is to be told to whom when somebody changes a task.
//!
//! Within the transaction of the change: [`ProjectWrite`](super::write::ProjectWrite) collects notices beside
//! its events, and writes what comes of them before it ends. Nobody is told of what they did themselves,
//! nobody but members is told, and one event tells one person one thing.

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

/// Tasks of one write about which a person is told one by one.
const ONE_BY_ONE: usize = 3;
/// Characters of a task's title in a notification.
const TITLE: usize = 120;
/// Characters of what was said about it.
const DETAIL: usize = 140;

/// What somebody did to a task, as far as others are told of it.
#[derive(Clone, Debug)]
pub(super) enum TaskNotice {
    /// Gave it to somebody, or took it from whoever had it.
    Assigned {
        /// Who had it.
        from: Option<UserId>,
        /// Who has it now.
        to: Option<UserId>,
    },
    /// Blocked it for a reason, or (`None`) unblocked it.
    Blocker(Option<String>),
    /// Moved it into another column, of this name.
    Moved(String),
    /// Wrote about it.
    Commented(CommentNotice),
    /// Rewrote a comment, which now names others too. Only they are told.
    Mentioned(CommentNotice),
}

/// A comment, for those who are told of it.
#[derive(Clone, Debug)]
pub(super) struct CommentNotice {
    /// Which.
    pub(super) comment: CommentId,
    /// What it says.
    pub(super) text: String,
    /// Members whom it names.
    pub(super) mentioned: Vec<UserId>,
}

/// A notice, the event that it belongs to, and who follows the task.
#[derive(Clone, Debug)]
pub(super) struct PendingNotice {
    /// The place of the event among those of the write.
    event: usize,
    task: TaskId,
    title: String,
    /// Watchers and the assignee.
    followers: BTreeSet<UserId>,
    /// Those of them who only created the task.
    creators: BTreeSet<UserId>,
    notice: TaskNotice,
}

/// Who did it, where and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteContext<'a> {
    /// Who.
    pub(super) actor: &'a User,
    /// In which project.
    pub(super) project: ProjectId,
    /// When.
    pub(super) at: Timestamp,
    /// Whether this server sends e-mail.
    pub(super) mail: bool,
}

/// One thing that one person is to be told.
#[derive(Debug)]
struct PersonalNotice<'a> {
    noted: &'a PendingNotice,
    saying: NoticeReason<'a>,
    /// The preference that decides where it goes.
    preference: NotificationKind,
}

/// What was done, in the eyes of one person.
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
    /// A notice about a task as it is after the event at this place. `None` when nobody but the actor could be told.
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
        let noted = Self { event, task: task.id, title: task.title.clone(), followers, creators, notice };
        noted.people().iter().any(|(user, _)| *user != actor).then_some(noted)
    }

    /// Everybody whom it concerns, with what they are told. Of two for one person the first counts.
    fn people(&self) -> Vec<(UserId, NoticeReason<'_>)> {
        let followers = |saying| self.followers.iter().map(move |user| (*user, saying));
        let named = |said: &'_ CommentNotice| said.mentioned.clone();
        match &self.notice {
            TaskNotice::Assigned { from, to } if from == to => Vec::new(),
            TaskNotice::Assigned { from, to } => {
                let given = to.iter().map(|user| (*user, NoticeReason::Given));
                given.chain(from.iter().map(|user| (*user, NoticeReason::Taken))).collect()
            }
            TaskNotice::Blocker(Some(reason)) => followers(NoticeReason::Blocked(reason)).collect(),
            TaskNotice::Blocker(None) => followers(NoticeReason::Unblocked).collect(),
            TaskNotice::Moved(column) => followers(NoticeReason::Moved(column)).collect(),
            TaskNotice::Commented(said) => {
                let mentioned = named(said).into_iter().map(|user| (user, NoticeReason::Mentioned(&said.text)));
                mentioned.chain(followers(NoticeReason::Commented(&said.text))).collect()
            }
            TaskNotice::Mentioned(said) => {
                named(said).into_iter().map(|user| (user, NoticeReason::Mentioned(&said.text))).collect()
            }
        }
    }
}

/// Writes what comes of these notices, each of which belongs to one of `events`, and says what is to go to
/// the bells once it is committed.
///
/// # Errors
/// When the database does not do it.
pub(super) async fn write(
    tx: &mut WriteTx,
    scene: WriteContext<'_>,
    events: &[EventId],
    noted: &[PendingNotice],
) -> Result<Vec<Delivery>, StoreError> {
    let tellings = tellings(noted, scene.actor.id);
    if tellings.is_empty() {
        return Ok(Vec::new());
    }
    let users: Vec<UserId> = tellings.keys().copied().collect();
    let wishes = tx.wishes(scene.project, &users).await?;
    let mut churn = churn::Churn::default();
    for (user, tellings) in &tellings {
        // Whoever is not among them is no member.
        let Some(wishes) = wishes.get(user) else { continue };
        for group in grouped(tellings) {
            let Some(first) = group.first() else { continue };
            if let Some(route) = channel::route(wishes, first.preference, scene.at, scene.mail)
                && let Some(event) = events.get(first.noted.event)
            {
                churn.add(row(*user, scene, *event, &group, route), first);
            }
        }
    }
    churn.write(tx, scene).await
}

/// Who is to be told what: one thing an event, in the order of events.
fn tellings(noted: &[PendingNotice], actor: UserId) -> BTreeMap<UserId, Vec<PersonalNotice<'_>>> {
    let mut tellings: BTreeMap<UserId, Vec<PersonalNotice<'_>>> = BTreeMap::new();
    for noted in noted {
        for (user, saying) in noted.people() {
            let told = tellings.entry(user).or_default();
            if told.last().is_none_or(|last| last.noted.event != noted.event) {
                let created = saying.kind() == NotificationKind::Status && noted.creators.contains(&user);
                let preference = if created { NotificationKind::CreatedStatus } else { saying.kind() };
                told.push(PersonalNotice { noted, saying, preference });
            }
        }
    }
    tellings.remove(&actor);
    tellings
}

/// What one person is told of one write: one thing a task, or one for many tasks of which the same is to be said.
fn grouped<'a>(tellings: &'a [PersonalNotice<'a>]) -> Vec<Vec<&'a PersonalNotice<'a>>> {
    let mut alike: BTreeMap<(NoticeReason<'_>, NotificationKind), Vec<&PersonalNotice<'_>>> = BTreeMap::new();
    for telling in tellings {
        alike.entry((telling.saying, telling.preference)).or_default().push(telling);
    }
    let split = |group: Vec<&'a PersonalNotice<'a>>| match group.len() {
        0..=ONE_BY_ONE => group.into_iter().map(|telling| vec![telling]).collect(),
        _ => vec![group],
    };
    alike.into_values().flat_map(split).collect()
}

fn row(
    user: UserId,
    scene: WriteContext<'_>,
    event: EventId,
    group: &[&PersonalNotice<'_>],
    route: Route,
) -> NewNotification {
    let PersonalNotice { noted, saying, .. } = group[0];
    let kind = saying.kind();
    let (reference_type, reference_id) = match &noted.notice {
        TaskNotice::Commented(said) | TaskNotice::Mentioned(said) => (ReferenceType::Comment, said.comment.to_string()),
        _ => (ReferenceType::Task, noted.task.to_string()),
    };
    let notification = Notification {
        id: NotificationId::new(Uuid::now_v7()),
        kind,
        title: saying.title(&scene.actor.name, group.len()),
        message: saying.message(&noted.title, group.len()),
        reference_type,
        reference_id,
        task_id: Some(noted.task),
        project_id: Some(scene.project),
        actor_id: Some(scene.actor.id),
        actor_name: Some(scene.actor.name.clone()),
        times: 1,
        created_at: scene.at,
        read_at: None,
        alert: route.alert,
    };
    let cause = format!("{event}:{}", kind_word(kind));
    // Each mention asks for an answer of its own.
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

    /// The same where it has happened several times to one card.
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

/// A task by its title, and what was said of it.
pub(super) fn quote(title: &str, detail: &str) -> String {
    format!("{}: {}", cut(title, TITLE), cut(detail, DETAIL))
}

/// A text on one line, of at most `max` characters.
pub(super) fn cut(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(max) {
        None => line,
        Some(_) => {
            let kept: String = line.chars().take(max - 1).collect();
            format!("{}…", kept.trim_end())
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
