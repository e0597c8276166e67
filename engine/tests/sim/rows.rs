//! One project's rows, and its log.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use engine::{
    Category, Comment, CommentId, Epoch, EventId, Member, OpId, Project, Rank, Role, Snapshot, Status, Task, TaskId,
    Timestamp, UserId,
    room::{Rights, Sequenced},
    session::Receipt,
};

use crate::ids::{id, owner, project};

/// One row of the log, as rooms and sockets share it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Logged {
    pub(crate) seq: u64,
    pub(crate) id: EventId,
    pub(crate) prev: Option<EventId>,
    pub(crate) op_id: Option<OpId>,
    pub(crate) rights: Option<Rights>,
    pub(crate) frame: Rc<str>,
}

impl Sequenced for Logged {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn id(&self) -> EventId {
        self.id
    }

    fn prev(&self) -> Option<EventId> {
        self.prev
    }

    fn rights(&self) -> Option<Rights> {
        self.rights
    }
}

/// The rows of a project.
#[derive(Clone)]
pub(crate) struct Rows {
    pub(crate) project: Project,
    pub(crate) statuses: Vec<Status>,
    pub(crate) deleted_statuses: Vec<Status>,
    /// Including deleted ones (true).
    pub(crate) tasks: BTreeMap<TaskId, (Task, bool)>,
    pub(crate) comments: BTreeMap<CommentId, Comment>,
    /// Deleted comments, for their restoration.
    pub(crate) deleted_comments: BTreeMap<CommentId, Comment>,
    pub(crate) members: Vec<Member>,
    pub(crate) epoch: Epoch,
    pub(crate) seq: u64,
    pub(crate) log: BTreeMap<u64, Logged>,
    /// Stored answers, by user and op.
    pub(crate) answers: HashMap<(UserId, OpId), (String, Receipt)>,
    /// Ops that were carried out, including those whose events were pruned.
    pub(crate) done: HashMap<OpId, u32>,
}

impl Rows {
    /// A board with three columns and the owner.
    pub(crate) fn new(board: usize) -> Self {
        let at = Timestamp::from_millis(0);
        let status = |n: usize, category| Status {
            id: id(2, (10 * board + n) as u64),
            project_id: project(board),
            name: format!("column {n}"),
            color: "#336699".to_owned(),
            rank: Rank::spread(3).remove(n),
            wip_limit: None,
            category,
        };
        let name = format!("board {board}");
        Self {
            project: Project { id: project(board), name, role: None, created_at: at, updated_at: at },
            statuses: vec![status(0, Category::Todo), status(1, Category::Doing), status(2, Category::Done)],
            deleted_statuses: Vec::new(),
            tasks: BTreeMap::new(),
            comments: BTreeMap::new(),
            deleted_comments: BTreeMap::new(),
            members: vec![member(owner(), Role::Owner)],
            epoch: id(3, board as u64),
            seq: 0,
            log: BTreeMap::new(),
            answers: HashMap::new(),
            done: HashMap::new(),
        }
    }

    /// The id of an event, if the log still has it.
    pub(crate) fn id_at(&self, seq: u64) -> Option<EventId> {
        self.log.get(&seq).map(|event| event.id)
    }

    /// The whole board, as a member gets it.
    pub(crate) fn snapshot(&self, role: Role) -> Snapshot {
        let mut tasks: Vec<Task> =
            self.tasks.values().filter(|(_, gone)| !gone).map(|(task, _)| task.clone()).collect();
        tasks.sort_by(|a, b| (&a.rank, a.id).cmp(&(&b.rank, b.id)));
        Snapshot {
            epoch: self.epoch,
            seq: self.seq,
            last: self.id_at(self.seq),
            project: Project { role: Some(role), ..self.project.clone() },
            statuses: self.statuses.clone(),
            tasks,
            unreadable: 0,
            members: self.members.iter().cloned().chain(self.former()).collect(),
            labels: Vec::new(),
        }
    }

    /// Former members that a task names, on the board or deleted.
    fn former(&self) -> Vec<Member> {
        let named = self.tasks.values().flat_map(|(task, _)| [Some(task.created_by), task.assignee_id]).flatten();
        let left = |user: &UserId| self.members.iter().all(|member| member.user_id != *user);
        let left: BTreeSet<UserId> = named.filter(left).collect();
        left.into_iter().map(|user| member(user, Role::Viewer).into_former()).collect()
    }
}

pub(crate) fn member(user_id: UserId, role: Role) -> Member {
    Member {
        user_id,
        name: format!("{user_id}"),
        email: format!("{user_id}@example.com"),
        role,
        former: false,
        place: None,
    }
}
