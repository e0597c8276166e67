//! Contents of a project, and the board in memory.

mod member;
mod status;
mod task;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Epoch, EventId, LabelId, ProjectId, Rank, StatusId, TaskId, Timestamp, UserId,
    readable::Readable,
    sorted::{SortedMap, SortedSet, sort_by},
};
pub use member::{Colleague, Member, Role, User};
pub use status::{Category, Status};
pub use task::{Priority, Task};

/// A project: its name and the reader's role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// The name that the header shows.
    pub name: String,
    /// The reader's role. Absent in events, which go to every member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the project itself, not its tasks, last changed.
    pub updated_at: Timestamp,
}

/// A label of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// Its text.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
}

/// A project's whole board at one `seq`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// Seq of the last event that it contains.
    pub seq: u64,
    /// The id of that event. Absent in an empty log, if the log no longer has the event, and from older servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<EventId>,
    /// The project.
    pub project: Project,
    /// Its columns, in order.
    pub statuses: Vec<Status>,
    /// Its tasks, without descriptions, in order of `(rank, id)`.
    pub tasks: Vec<Task>,
    /// Number of tasks missing from `tasks` because the server or this reader cannot read them.
    #[serde(skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub unreadable: u32,
    /// Its members, in the order in which they joined; then former members who created or are assigned one of its
    /// tasks, including deleted ones.
    pub members: Vec<Member>,
    /// Its labels.
    pub labels: Vec<Label>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

// Not derived: a single task that this build cannot read must not cost the whole board.
impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Sent {
            epoch: Epoch,
            seq: u64,
            #[serde(default)]
            last: Option<EventId>,
            project: Project,
            statuses: Readable<Status>,
            tasks: Readable<Task>,
            #[serde(default)]
            unreadable: u32,
            members: Readable<Member>,
            labels: Readable<Label>,
        }
        let sent = Sent::deserialize(deserializer)?;
        let (statuses, tasks) = (sent.statuses.entries, sent.tasks.entries);
        let mut unreadable = sent.unreadable + sent.tasks.left_out;
        if sent.statuses.left_out > 0 {
            // Tasks of an unreadable column are not shown either.
            let unseen = tasks.iter().filter(|task| statuses.iter().all(|status| status.id != task.status_id));
            unreadable += unseen.count() as u32;
        }
        Ok(Self {
            epoch: sent.epoch,
            seq: sent.seq,
            last: sent.last,
            project: sent.project,
            statuses,
            tasks,
            unreadable,
            members: sent.members.entries,
            labels: sent.labels.entries,
        })
    }
}

/// The board in memory: a snapshot to which events are applied, with sorted columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    pub(crate) epoch: Epoch,
    pub(crate) seq: u64,
    pub(crate) last: Option<EventId>,
    pub(crate) project: Project,
    pub(crate) statuses: Vec<Status>,
    pub(crate) tasks: HashMap<TaskId, Task>,
    pub(crate) columns: SortedMap<StatusId, SortedSet<(Rank, TaskId)>>,
    pub(crate) unreadable: u32,
    pub(crate) members: Vec<Member>,
    pub(crate) labels: Vec<Label>,
}

impl Board {
    /// The board that a snapshot describes.
    pub fn new(snapshot: Snapshot) -> Self {
        let Snapshot { epoch, seq, last, project, statuses, tasks, unreadable, members, labels } = snapshot;
        let (of_id, columns) = (HashMap::new(), SortedMap::new());
        let mut board =
            Self { epoch, seq, last, project, statuses, tasks: of_id, columns, unreadable, members, labels };
        board.sort_statuses();
        for task in tasks {
            board.put(task);
        }
        board
    }

    /// A snapshot of this board, in the server's order.
    pub fn snapshot(&self) -> Snapshot {
        let mut tasks: Vec<Task> = self.tasks.values().cloned().collect();
        sort_by(&mut tasks, &|a, b| (&a.rank, a.id).cmp(&(&b.rank, b.id)));
        Snapshot {
            epoch: self.epoch,
            seq: self.seq,
            last: self.last,
            project: self.project.clone(),
            statuses: self.statuses.clone(),
            tasks,
            unreadable: self.unreadable,
            members: self.named(),
            labels: self.labels.clone(),
        }
    }

    /// The members, then by name the former members that a task names.
    fn named(&self) -> Vec<Member> {
        let (mut former, mut members): (Vec<Member>, Vec<Member>) =
            self.members.iter().cloned().partition(|member| member.former);
        let named: HashSet<UserId> =
            self.tasks.values().flat_map(|task| [Some(task.created_by), task.assignee_id]).flatten().collect();
        former.retain(|member| named.contains(&member.user_id));
        sort_by(&mut former, &|a, b| (&a.name, a.user_id).cmp(&(&b.name, b.user_id)));
        members.append(&mut former);
        members
    }

    /// The epoch of the log.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Seq of the last event applied.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The id of the last event applied, where known.
    pub fn last(&self) -> Option<EventId> {
        self.last
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The columns, in order.
    pub fn statuses(&self) -> &[Status] {
        &self.statuses
    }

    /// One column.
    pub fn status(&self, id: StatusId) -> Option<&Status> {
        self.statuses.iter().find(|status| status.id == id)
    }

    /// The members, and former members that a task names.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// One member, or former member.
    pub fn member(&self, id: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.user_id == id)
    }

    /// The labels.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// One task.
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)
    }

    /// Number of tasks that cannot be read, and so are not shown.
    pub fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// All tasks, in no particular order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// The tasks of one column, in order.
    pub fn column(&self, status: StatusId) -> impl DoubleEndedIterator<Item = &Task> {
        self.columns.get(&status).into_iter().flatten().filter_map(|(_, id)| self.tasks.get(id))
    }

    /// Number of tasks in a column.
    pub fn count(&self, status: StatusId) -> usize {
        self.columns.get(&status).map_or(0, SortedSet::len)
    }

    /// Adds or replaces a task.
    pub(crate) fn put(&mut self, task: Task) {
        self.take(task.id);
        self.columns.get_or_insert_with(task.status_id, SortedSet::new).insert((task.rank.clone(), task.id));
        self.tasks.insert(task.id, task);
    }

    /// Removes a task.
    pub(crate) fn take(&mut self, id: TaskId) -> Option<Task> {
        let task = self.tasks.remove(&id)?;
        if let Some(column) = self.columns.get_mut(&task.status_id) {
            column.remove(&(task.rank.clone(), id));
            if column.is_empty() {
                self.columns.remove(&task.status_id);
            }
        }
        Some(task)
    }

    pub(crate) fn sort_statuses(&mut self) {
        sort_by(&mut self.statuses, &|a, b| (&a.rank, a.id).cmp(&(&b.rank, b.id)));
    }
}
