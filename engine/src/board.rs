//! What a project holds, and the board in memory.

mod member;
mod status;
mod task;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Epoch, EventId, LabelId, ProjectId, Rank, StatusId, TaskId, Timestamp, UserId, readable::Readable};
pub use member::{Colleague, Member, Role, User};
pub use status::{Category, Status};
pub use task::{Priority, Task};

/// A board: its name and who reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    /// Which.
    pub id: ProjectId,
    /// The name that the header shows.
    pub name: String,
    /// What the asking user may do in it. In events, which go to every member, it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the project itself (not its tasks) last changed.
    pub updated_at: Timestamp,
}

/// A label of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Label {
    /// Which.
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
    /// Of which log.
    pub epoch: Epoch,
    /// The last event that is contained.
    pub seq: u64,
    /// The id of that event. Absent in an empty log, where the log no longer holds it, and from older servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<EventId>,
    /// The project.
    pub project: Project,
    /// Its columns, in order.
    pub statuses: Vec<Status>,
    /// Its tasks, without descriptions, in order of `(rank, id)`.
    pub tasks: Vec<Task>,
    /// Tasks that are on the board and not in `tasks`, because the server or this reader cannot read them.
    #[serde(skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub unreadable: u32,
    /// Who is in it, in the order in which they joined; then who is not any more, but has, or has made, one of its
    /// tasks, on the board or deleted.
    pub members: Vec<Member>,
    /// Its labels.
    pub labels: Vec<Label>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

// Written by hand: with a derived one, a single task that this build cannot read would cost the whole board.
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
            // Tasks of a column that cannot be shown are not seen either.
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

/// The board in memory: a snapshot that events can be applied to, with its columns in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    pub(crate) epoch: Epoch,
    pub(crate) seq: u64,
    pub(crate) last: Option<EventId>,
    pub(crate) project: Project,
    pub(crate) statuses: Vec<Status>,
    pub(crate) tasks: HashMap<TaskId, Task>,
    pub(crate) columns: BTreeMap<StatusId, BTreeSet<(Rank, TaskId)>>,
    pub(crate) unreadable: u32,
    pub(crate) members: Vec<Member>,
    pub(crate) labels: Vec<Label>,
}

impl Board {
    /// The board that a snapshot describes.
    pub fn new(snapshot: Snapshot) -> Self {
        let Snapshot { epoch, seq, last, project, statuses, tasks, unreadable, members, labels } = snapshot;
        let (of_id, columns) = (HashMap::new(), BTreeMap::new());
        let mut board =
            Self { epoch, seq, last, project, statuses, tasks: of_id, columns, unreadable, members, labels };
        board.sort_statuses();
        for task in tasks {
            board.put(task);
        }
        board
    }

    /// The snapshot of this board, in the order in which the server answers it.
    pub fn snapshot(&self) -> Snapshot {
        let mut tasks: Vec<Task> = self.tasks.values().cloned().collect();
        tasks.sort_by(|a, b| (&a.rank, a.id).cmp(&(&b.rank, b.id)));
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

    /// The members, then those who have left and whom a task names, by name.
    fn named(&self) -> Vec<Member> {
        let (mut former, mut members): (Vec<Member>, Vec<Member>) =
            self.members.iter().cloned().partition(|member| member.former);
        let named: HashSet<UserId> =
            self.tasks.values().flat_map(|task| [Some(task.created_by), task.assignee_id]).flatten().collect();
        former.retain(|member| named.contains(&member.user_id));
        former.sort_by(|a, b| (&a.name, a.user_id).cmp(&(&b.name, b.user_id)));
        members.append(&mut former);
        members
    }

    /// Of which log.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The last event that was applied.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The id of the last event that was applied, where it is known.
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

    /// Who is in the project, and former members that a task names.
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

    /// How many tasks are on the board that cannot be read, and so not be shown.
    pub fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// Every task, in no order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// The tasks of one column, in order.
    pub fn column(&self, status: StatusId) -> impl DoubleEndedIterator<Item = &Task> {
        self.columns.get(&status).into_iter().flatten().filter_map(|(_, id)| self.tasks.get(id))
    }

    /// How many tasks a column has.
    pub fn count(&self, status: StatusId) -> usize {
        self.columns.get(&status).map_or(0, BTreeSet::len)
    }

    /// Puts a task in, or in the place of its older self.
    pub(crate) fn put(&mut self, task: Task) {
        self.take(task.id);
        self.columns.entry(task.status_id).or_default().insert((task.rank.clone(), task.id));
        self.tasks.insert(task.id, task);
    }

    /// Takes a task out.
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
        self.statuses.sort_by(|a, b| (&a.rank, a.id).cmp(&(&b.rank, b.id)));
    }
}
