//! A server in memory: one board, its log, and the answers that it has given.

use std::collections::HashMap;

use engine::{
    ApiError, Board, Category, Change, Epoch, Event, EventId, Move, Op, OpId, Placement, Priority, Project, ProjectId,
    Rank, Role, Snapshot, Status, StatusId, Task, TaskId, Timestamp, UserId,
    session::Receipt,
    wire::{EventPage, ServerFrame, Sync},
};

/// Deterministic ids: uuid is no dependency of the tests' own.
pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(kind: u64, n: u64) -> T {
    format!("{kind:08x}-0000-7000-8000-{n:012x}").parse().unwrap()
}

pub(crate) struct Server {
    pub(crate) board: Board,
    pub(crate) log: Vec<Event>,
    answers: HashMap<OpId, Result<Receipt, ApiError>>,
    deleted: HashMap<TaskId, Task>,
    epoch: Epoch,
}

impl Server {
    pub(crate) fn new() -> Self {
        let project_id: ProjectId = id(1, 1);
        let at = Timestamp::from_millis(0);
        let status = |n: u64, category| Status {
            id: id::<StatusId>(2, n),
            project_id,
            name: format!("column {n}"),
            color: "#336699".to_owned(),
            rank: Rank::spread(3).remove(n as usize),
            wip_limit: None,
            category,
        };
        let epoch = id(3, 1);
        let project =
            Project { id: project_id, name: "Sim".to_owned(), role: Some(Role::Owner), created_at: at, updated_at: at };
        let board = Board::new(Snapshot {
            epoch,
            seq: 0,
            project,
            statuses: vec![status(0, Category::Todo), status(1, Category::Doing), status(2, Category::Done)],
            tasks: Vec::new(),
            members: Vec::new(),
            labels: Vec::new(),
        });
        Self { board, log: Vec::new(), answers: HashMap::new(), deleted: HashMap::new(), epoch }
    }

    pub(crate) fn top(&self) -> u64 {
        self.log.len() as u64
    }

    /// Carries an op out once, however often it is asked.
    pub(crate) fn submit(
        &mut self,
        op_id: OpId,
        op: &Op,
        by: UserId,
        refuse: bool,
        now: u64,
    ) -> Result<Receipt, ApiError> {
        if let Some(answer) = self.answers.get(&op_id) {
            return answer.clone();
        }
        let change = if refuse { Err(ApiError::new(403, "forbidden", "")) } else { self.change(op, by, now) };
        let answer = change.map(|change| {
            let seq = self.top() + 1;
            let event = Event {
                event_id: id::<EventId>(4, seq),
                epoch: self.epoch,
                seq,
                op_id: Some(op_id),
                change,
                triggered_by: by,
                timestamp: Timestamp::from_millis(now as i64),
            };
            self.board.apply(&event);
            self.log.push(event);
            Receipt { seq }
        });
        self.answers.insert(op_id, answer.clone());
        answer
    }

    fn change(&mut self, op: &Op, by: UserId, now: u64) -> Result<Change, ApiError> {
        let at = Timestamp::from_millis(now as i64);
        let gone = || ApiError::new(404, "task_not_found", "");
        let known = |id: TaskId| {
            let task = self.board.task(id).cloned().ok_or_else(gone)?;
            Ok::<Task, ApiError>(Task { version: task.version + 1, updated_at: at, ..task })
        };
        Ok(match op {
            Op::CreateTask { project_id, draft } => {
                let status_id = draft.status_id.unwrap();
                let id = draft.id.unwrap();
                Change::TaskCreated(Task {
                    id,
                    project_id: *project_id,
                    status_id,
                    rank: self.place(id, Placement { status_id, after_id: None, before_id: None }),
                    title: draft.title.clone(),
                    description: None,
                    assignee_id: None,
                    priority: Priority::None,
                    start_at: None,
                    due_at: None,
                    estimate_hours: None,
                    blocked_reason: None,
                    blocked_since: None,
                    completed_at: None,
                    created_by: by,
                    created_at: at,
                    updated_at: at,
                    version: 1,
                })
            }
            Op::UpdateTask { task_id, patch } => {
                let task = known(*task_id)?;
                Change::TaskUpdated(Task { title: patch.title.clone().unwrap_or(task.title.clone()), ..task })
            }
            Op::MoveTask { task_id, to } => {
                let task = known(*task_id)?;
                let from_status_id = task.status_id;
                let task = Task { status_id: to.status_id, rank: self.place(*task_id, *to), ..task };
                Change::TaskStatusChanged(Move { task, from_status_id, status_color: String::new() })
            }
            Op::AssignTask { task_id, assignee_id } => {
                Change::TaskAssigned(Task { assignee_id: *assignee_id, ..known(*task_id)? })
            }
            Op::DeleteTask { task_id } => {
                let task = known(*task_id)?;
                self.deleted.insert(*task_id, task.clone());
                Change::TaskDeleted(task)
            }
            Op::RestoreTask { task_id } => Change::TaskRestored(self.deleted.remove(task_id).ok_or_else(gone)?),
        })
    }

    /// The rank between the neighbours, after `after_id` where the two do not stand together.
    fn place(&self, moved: TaskId, to: Placement) -> Rank {
        let column: Vec<&Task> = self.board.column(to.status_id).filter(|task| task.id != moved).collect();
        let find = |id: Option<TaskId>| column.iter().position(|task| Some(task.id) == id);
        let at = find(to.after_id).map(|at| at + 1).or_else(|| find(to.before_id)).unwrap_or(column.len());
        let above = at.checked_sub(1).map(|at| &column[at].rank);
        Rank::between(above, column.get(at).map(|task| &task.rank)).unwrap_or_else(|_| column[at].rank.clone())
    }

    pub(crate) fn sync(&self, since: u64) -> ServerFrame {
        // Now and then more is missing than the log gives.
        let recovered = self.top() - since <= 40;
        let events = if recovered { self.log[since as usize..].to_vec() } else { Vec::new() };
        ServerFrame::Sync(Sync { epoch: self.epoch, seq: self.top(), recovered, events, presence: Vec::new() })
    }

    pub(crate) fn page(&self, since: u64, now: u64) -> EventPage {
        let events = self.log.iter().skip(since as usize).take(7).cloned().collect();
        EventPage { epoch: self.epoch, seq: self.top(), at: Timestamp::from_millis(now as i64), events }
    }
}
