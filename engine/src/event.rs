//! An event: one row of a project's log.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Value, value::RawValue};

use crate::{
    Epoch, EventId, Member, OpId, Project, Rank, Status, StatusId, Task, TaskId, Timestamp, UserId, comment::Commented,
};

/// An event: one row of a project's log, and one frame on its sockets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Its id.
    pub event_id: EventId,
    /// The epoch of the log.
    pub epoch: Epoch,
    /// Its place in the log: 1, 2, 3 …, without gaps.
    pub seq: u64,
    /// The op that caused it. If an op causes several events, only the last one has its id, so that a client that waits
    /// for the op sees all of them.
    pub op_id: Option<OpId>,
    /// What changed: `type` and `data` on the wire.
    #[serde(flatten)]
    pub change: Change,
    /// The user who caused it.
    pub triggered_by: UserId,
    /// When the server accepted the change.
    pub timestamp: Timestamp,
}

/// A change, given as the complete item after it (a task without its description, unless that changed).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Change {
    /// A task was created.
    TaskCreated(Task),
    /// Fields of a task changed.
    TaskUpdated(Task),
    /// A task moved, within its column or to another.
    TaskStatusChanged(Move),
    /// A task was deleted.
    TaskDeleted(Task),
    /// A task was assigned or unassigned.
    TaskAssigned(Task),
    /// A deleted task was restored.
    TaskRestored(Task),
    /// The ranks of a column had grown long and were replaced, in the same order.
    TasksReranked(Reranked),
    /// A column was created.
    StatusCreated(Status),
    /// A column changed.
    StatusUpdated(Status),
    /// An empty column was deleted.
    StatusDeleted(Status),
    /// The project's own fields changed.
    ProjectUpdated(Project),
    /// The project was deleted, with its log.
    ProjectDeleted(Project),
    /// A member joined.
    MemberAdded(Member),
    /// A member's role changed.
    MemberUpdated(Member),
    /// A member left or was removed.
    MemberRemoved(Member),
    /// A comment was added.
    CommentCreated(Commented),
    /// A comment was edited.
    CommentUpdated(Commented),
    /// A comment was deleted.
    CommentDeleted(Commented),
    /// A kind that this build does not know: it moves the cursor and changes nothing.
    #[serde(untagged)]
    Unknown(Unknown),
    /// A known kind with data that this build cannot read. It moves the cursor; only a snapshot has the board after it.
    #[serde(untagged)]
    Unreadable(Unknown),
}

/// A task after a move, and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// The task, in its new place.
    #[serde(flatten)]
    pub task: Task,
    /// The column that it left or stayed in.
    pub from_status_id: StatusId,
    /// The colour of its column.
    pub status_color: String,
}

/// New ranks for the tasks of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reranked {
    /// The column.
    pub status_id: StatusId,
    /// Each task's new rank.
    pub ranks: Vec<(TaskId, Rank)>,
}

/// A change of a kind from a newer server.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unknown {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its data.
    pub data: Value,
}

impl Move {
    // Read in two passes. A derived flattening would need a second deserialiser for everything in a task, and browsers
    // would download it for this alone.
    fn parse(data: &str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Origin {
            from_status_id: StatusId,
            status_color: String,
        }
        let Origin { from_status_id, status_color } = serde_json::from_str(data)?;
        Ok(Self { task: serde_json::from_str(data)?, from_status_id, status_color })
    }
}

impl Change {
    /// Its name on the wire and in the log.
    pub fn kind(&self) -> &str {
        match self {
            Change::TaskCreated(_) => "task_created",
            Change::TaskUpdated(_) => "task_updated",
            Change::TaskStatusChanged(_) => "task_status_changed",
            Change::TaskDeleted(_) => "task_deleted",
            Change::TaskAssigned(_) => "task_assigned",
            Change::TaskRestored(_) => "task_restored",
            Change::TasksReranked(_) => "tasks_reranked",
            Change::StatusCreated(_) => "status_created",
            Change::StatusUpdated(_) => "status_updated",
            Change::StatusDeleted(_) => "status_deleted",
            Change::ProjectUpdated(_) => "project_updated",
            Change::ProjectDeleted(_) => "project_deleted",
            Change::MemberAdded(_) => "member_added",
            Change::MemberUpdated(_) => "member_updated",
            Change::MemberRemoved(_) => "member_removed",
            Change::CommentCreated(_) => "comment_created",
            Change::CommentUpdated(_) => "comment_updated",
            Change::CommentDeleted(_) => "comment_deleted",
            Change::Unknown(unknown) | Change::Unreadable(unknown) => &unknown.kind,
        }
    }

    /// Reads a change from the log or the wire; `data` is JSON. An unknown kind is kept, not refused.
    ///
    /// # Errors
    /// If `data` does not match a known kind.
    pub fn parse(kind: &str, data: &str) -> serde_json::Result<Self> {
        use serde_json::from_str;
        Ok(match kind {
            "task_created" => Change::TaskCreated(from_str(data)?),
            "task_updated" => Change::TaskUpdated(from_str(data)?),
            "task_status_changed" => Change::TaskStatusChanged(Move::parse(data)?),
            "task_deleted" => Change::TaskDeleted(from_str(data)?),
            "task_assigned" => Change::TaskAssigned(from_str(data)?),
            "task_restored" => Change::TaskRestored(from_str(data)?),
            "tasks_reranked" => Change::TasksReranked(from_str(data)?),
            "status_created" => Change::StatusCreated(from_str(data)?),
            "status_updated" => Change::StatusUpdated(from_str(data)?),
            "status_deleted" => Change::StatusDeleted(from_str(data)?),
            "project_updated" => Change::ProjectUpdated(from_str(data)?),
            "project_deleted" => Change::ProjectDeleted(from_str(data)?),
            "member_added" => Change::MemberAdded(from_str(data)?),
            "member_updated" => Change::MemberUpdated(from_str(data)?),
            "member_removed" => Change::MemberRemoved(from_str(data)?),
            "comment_created" => Change::CommentCreated(from_str(data)?),
            "comment_updated" => Change::CommentUpdated(from_str(data)?),
            "comment_deleted" => Change::CommentDeleted(from_str(data)?),
            // Sent in place of a log row that the server cannot read.
            "unreadable" => Change::Unreadable(Unknown { kind: kind.to_owned(), data: from_str(data)? }),
            _ => Change::Unknown(Unknown { kind: kind.to_owned(), data: from_str(data)? }),
        })
    }

    /// The task after the change, if the change is about one.
    pub fn task(&self) -> Option<&Task> {
        match self {
            Change::TaskCreated(task)
            | Change::TaskUpdated(task)
            | Change::TaskDeleted(task)
            | Change::TaskAssigned(task)
            | Change::TaskRestored(task) => Some(task),
            Change::TaskStatusChanged(moved) => Some(&moved.task),
            _ => None,
        }
    }
}

// Not derived: a derived implementation would refuse unknown kinds, and a client that cannot read one event could never
// move past it.
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Envelope {
            #[serde(rename = "type")]
            kind: String,
            event_id: EventId,
            epoch: Epoch,
            seq: u64,
            #[serde(default)]
            op_id: Option<OpId>,
            data: Box<RawValue>,
            triggered_by: UserId,
            timestamp: Timestamp,
        }
        let envelope = Envelope::deserialize(deserializer)?;
        let (kind, data) = (&envelope.kind, envelope.data.get());
        let change = Change::parse(kind, data).or_else(|_| {
            // An unreadable event must not cost the events around it.
            serde_json::from_str(data).map(|data| Change::Unreadable(Unknown { kind: kind.clone(), data }))
        });
        Ok(Event {
            event_id: envelope.event_id,
            epoch: envelope.epoch,
            seq: envelope.seq,
            op_id: envelope.op_id,
            change: change.map_err(D::Error::custom)?,
            triggered_by: envelope.triggered_by,
            timestamp: envelope.timestamp,
        })
    }
}
