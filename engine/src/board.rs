//! What a project holds, and the board in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::{Epoch, LabelId, ProjectId, Rank, StatusId, TaskId, Timestamp, UserId};

/// A person with an account, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Who.
    pub id: UserId,
    /// The sign-in address.
    pub email: String,
    /// The name that the board shows.
    pub name: String,
}

/// What a member may do. The order is that of the rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, and changes tasks and statuses.
    Editor,
    /// All of it, with members and the project itself.
    Owner,
}

/// A member of a project, or somebody who was one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// The name that the board shows.
    pub name: String,
    /// The sign-in address, which members of one project may see of each other; empty for a former one.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they have left. A board names them for as long as one of its tasks does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub former: bool,
}

impl Member {
    /// What remains of somebody who has left: a name, and no rights.
    #[must_use]
    pub fn into_former(self) -> Self {
        Self { email: String::new(), role: Role::Viewer, former: true, ..self }
    }
}

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

/// What a status means for the work in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Not begun.
    Todo,
    /// Being worked on.
    Doing,
    /// Finished: a task in it has a `completed_at`.
    Done,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    /// Which.
    pub id: StatusId,
    /// On which board.
    pub project_id: ProjectId,
    /// The column's name.
    pub name: String,
    /// `#rrggbb`: a dot and a thin edge, chosen by the users.
    pub color: String,
    /// Where the column stands among the others.
    pub rank: Rank,
    /// How many tasks should be in it at the most. Shown, never enforced.
    pub wip_limit: Option<u32>,
    /// What the column means.
    pub category: Category,
}

/// How urgent a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Nobody has said.
    #[default]
    None,
    /// Some day.
    Low,
    /// In its turn.
    Medium,
    /// Soon.
    High,
    /// Now.
    Urgent,
}

/// A card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// On which board.
    pub project_id: ProjectId,
    /// In which column.
    pub status_id: StatusId,
    /// Where in the column, which is sorted by `(rank, id)`.
    pub rank: Rank,
    /// One line of plain text.
    pub title: String,
    /// Plain text. Present where one task is asked for, and in an event that changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who does it.
    pub assignee_id: Option<UserId>,
    /// How urgent it is.
    pub priority: Priority,
    /// First day of work: midnight UTC stands for the date, wherever the reader is.
    pub start_at: Option<Timestamp>,
    /// Last day of work: midnight UTC stands for the date, wherever the reader is.
    pub due_at: Option<Timestamp>,
    /// Expected work, in hours.
    pub estimate_hours: Option<f64>,
    /// Why nobody can go on with it. A task with a reason is blocked.
    pub blocked_reason: Option<String>,
    /// Since when it is blocked.
    pub blocked_since: Option<Timestamp>,
    /// When it came into a status of category `done`.
    pub completed_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes of this task, from 1.
    pub version: i64,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// Of which log.
    pub epoch: Epoch,
    /// The last event that is contained.
    pub seq: u64,
    /// The project.
    pub project: Project,
    /// Its columns, in order.
    pub statuses: Vec<Status>,
    /// Its tasks, without descriptions, in order of `(rank, id)`.
    pub tasks: Vec<Task>,
    /// Who is in it, in the order in which they joined; then who is not any more, but has, or has made, one of its tasks.
    pub members: Vec<Member>,
    /// Its labels.
    pub labels: Vec<Label>,
}

/// The board in memory: a snapshot that events can be applied to, with its columns in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    pub(crate) epoch: Epoch,
    pub(crate) seq: u64,
    pub(crate) project: Project,
    pub(crate) statuses: Vec<Status>,
    pub(crate) tasks: HashMap<TaskId, Task>,
    pub(crate) columns: BTreeMap<StatusId, BTreeSet<(Rank, TaskId)>>,
    pub(crate) members: Vec<Member>,
    pub(crate) labels: Vec<Label>,
}

impl Board {
    /// The board that a snapshot describes.
    pub fn new(snapshot: Snapshot) -> Self {
        let Snapshot { epoch, seq, project, statuses, tasks, members, labels } = snapshot;
        let mut board =
            Self { epoch, seq, project, statuses, tasks: HashMap::new(), columns: BTreeMap::new(), members, labels };
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
            project: self.project.clone(),
            statuses: self.statuses.clone(),
            tasks,
            members: self.members.clone(),
            labels: self.labels.clone(),
        }
    }

    /// Of which log.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The last event that was applied.
    pub fn seq(&self) -> u64 {
        self.seq
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
