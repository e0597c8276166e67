//! The database of a simulated server. A write happens as a whole or not at all.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use engine::{
    ApiError, Category, Change, Epoch, Event, EventId, Member, OpId, Project, ProjectId, Rank, Request, Role, Snapshot,
    Status, Task, TaskId, Timestamp, UserId,
    room::{Located, Page, Place, Rights, Sequenced, Unavailable},
    session::Receipt,
    wire::EventPage,
};

/// Deterministic ids.
pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(kind: u64, n: u64) -> T {
    format!("{kind:08x}-0000-7000-8000-{n:012x}").parse().unwrap()
}

/// Who makes the changes of no session.
pub(crate) fn owner() -> UserId {
    id(5, 999)
}

pub(crate) fn project() -> ProjectId {
    id(1, 1)
}

/// One row of the log, as rooms and sockets share it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Logged {
    pub(crate) seq: u64,
    pub(crate) op_id: Option<OpId>,
    pub(crate) rights: Option<Rights>,
    pub(crate) frame: Rc<str>,
}

impl Sequenced for Logged {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn rights(&self) -> Option<Rights> {
        self.rights
    }
}

/// The tables.
#[derive(Clone)]
pub(crate) struct Rows {
    pub(crate) project: Project,
    pub(crate) statuses: Vec<Status>,
    /// With those that were deleted.
    pub(crate) tasks: BTreeMap<TaskId, (Task, bool)>,
    pub(crate) members: Vec<Member>,
    pub(crate) epoch: Epoch,
    pub(crate) seq: u64,
    pub(crate) log: BTreeMap<u64, Logged>,
    answers: HashMap<(UserId, OpId), (String, Receipt)>,
    /// Every op that was carried out, with those whose events were pruned.
    pub(crate) done: HashMap<OpId, u32>,
}

pub(crate) struct Database {
    pub(crate) rows: Rows,
    backup: Option<Rows>,
    /// It does not answer.
    pub(crate) down: bool,
    /// Logs that there were.
    logs: u64,
    /// Events that there were, in all logs.
    events: u64,
}

impl Rows {
    /// Who has left, and is named by a task, on the board or deleted.
    fn former(&self) -> Vec<Member> {
        let named = self.tasks.values().flat_map(|(task, _)| [Some(task.created_by), task.assignee_id]).flatten();
        let left = |user: &UserId| self.members.iter().all(|member| member.user_id != *user);
        let left: BTreeSet<UserId> = named.filter(left).collect();
        left.into_iter().map(|user| member(user, Role::Viewer).into_former()).collect()
    }
}

impl Database {
    /// A board with three columns and the owner.
    pub(crate) fn new() -> Self {
        let at = Timestamp::from_millis(0);
        let status = |n: usize, category| Status {
            id: id(2, n as u64),
            project_id: project(),
            name: format!("column {n}"),
            color: "#336699".to_owned(),
            rank: Rank::spread(3).remove(n),
            wip_limit: None,
            category,
        };
        let rows = Rows {
            project: Project { id: project(), name: "Sim".to_owned(), role: None, created_at: at, updated_at: at },
            statuses: vec![status(0, Category::Todo), status(1, Category::Doing), status(2, Category::Done)],
            tasks: BTreeMap::new(),
            members: vec![member(owner(), Role::Owner)],
            epoch: id(3, 1),
            seq: 0,
            log: BTreeMap::new(),
            answers: HashMap::new(),
            done: HashMap::new(),
        };
        Self { rows, backup: None, down: false, logs: 1, events: 0 }
    }

    pub(crate) fn place(&self) -> Place {
        Place { epoch: self.rows.epoch, seq: self.rows.seq }
    }

    pub(crate) fn role(&self, user: UserId) -> Option<Role> {
        self.rows.members.iter().find(|member| member.user_id == user).map(|member| member.role)
    }

    /// An op, in one transaction: carried out once, however often it is asked for. With its events, if it was now.
    pub(crate) fn write(
        &mut self,
        by: UserId,
        op_id: OpId,
        request: &Request,
        now: u64,
    ) -> Result<(Receipt, Vec<Logged>), ApiError> {
        let fingerprint = serde_json::to_string(request).unwrap();
        if let Some((asked, receipt)) = self.rows.answers.get(&(by, op_id)) {
            let conflict = || ApiError::new(409, "op_conflict", "");
            return if *asked == fingerprint { Ok((*receipt, Vec::new())) } else { Err(conflict()) };
        }
        match self.role(by) {
            None => return Err(ApiError::new(404, "project_not_found", "")),
            Some(Role::Viewer) => return Err(ApiError::new(403, "forbidden", "")),
            Some(Role::Editor | Role::Owner) => {}
        }
        let changes = self.rows.service(request, by, Timestamp::from_millis(now as i64))?;
        let events = self.append(by, op_id, changes, now);
        let receipt = Receipt { seq: self.rows.seq };
        self.rows.answers.insert((by, op_id), (fingerprint, receipt));
        Ok((receipt, events))
    }

    /// Appends what was done to the log.
    pub(crate) fn append(&mut self, by: UserId, op_id: OpId, changes: Vec<Change>, now: u64) -> Vec<Logged> {
        let last = changes.len() - 1;
        *self.rows.done.entry(op_id).or_default() += 1;
        let mut events = Vec::new();
        for (index, change) in changes.into_iter().enumerate() {
            self.rows.seq += 1;
            self.events += 1;
            let rights = match &change {
                Change::MemberRemoved(member) => Some(Rights::Lost(member.user_id)),
                _ => None,
            };
            let event = Event {
                event_id: id::<EventId>(4, self.events),
                epoch: self.rows.epoch,
                seq: self.rows.seq,
                op_id: (index == last).then_some(op_id),
                change,
                triggered_by: by,
                timestamp: Timestamp::from_millis(now as i64),
            };
            let frame = serde_json::to_string(&event).unwrap().into();
            let logged = Logged { seq: event.seq, op_id: event.op_id, rights, frame };
            self.rows.log.insert(event.seq, logged.clone());
            events.push(logged);
        }
        events
    }

    /// The whole board, as a member gets it.
    pub(crate) fn snapshot(&self, user: UserId) -> Option<Snapshot> {
        let role = self.role(user)?;
        let rows = &self.rows;
        let mut tasks: Vec<Task> =
            rows.tasks.values().filter(|(_, gone)| !gone).map(|(task, _)| task.clone()).collect();
        tasks.sort_by(|a, b| (&a.rank, a.id).cmp(&(&b.rank, b.id)));
        Some(Snapshot {
            epoch: rows.epoch,
            seq: rows.seq,
            project: Project { role: Some(role), ..rows.project.clone() },
            statuses: rows.statuses.clone(),
            tasks,
            members: rows.members.iter().cloned().chain(rows.former()).collect(),
            labels: Vec::new(),
        })
    }

    /// A part of the log, for a room.
    pub(crate) fn page(&self, since: u64, limit: usize) -> Result<Page<Logged>, Unavailable> {
        if self.down {
            return Err(Unavailable);
        }
        let Rows { epoch, seq, ref log, .. } = self.rows;
        let min_seq = log.keys().next().copied().unwrap_or(seq + 1);
        let events = log.range(since + 1..).take(limit).map(|(_, event)| event.clone()).collect();
        Ok(Page { epoch, seq, min_seq, events })
    }

    /// A part of the log, for a browser.
    pub(crate) fn events(&self, user: UserId, from: Place, now: u64) -> Result<EventPage, ApiError> {
        self.role(user).ok_or_else(|| ApiError::new(404, "project_not_found", ""))?;
        let Place { epoch, seq: since } = from;
        let page = self.page(since, 7).map_err(|Unavailable| ApiError::new(503, "unavailable", ""))?;
        if page.epoch != epoch || since > page.seq || since + 1 < page.min_seq {
            return Err(ApiError::new(410, "log_pruned", ""));
        }
        let events = page.events.iter().map(|event| serde_json::from_str(&event.frame).unwrap()).collect();
        Ok(EventPage { epoch: page.epoch, seq: page.seq, at: Timestamp::from_millis(now as i64), events })
    }

    /// Where the log ends, and who may read it.
    pub(crate) fn locate(&self) -> Result<Located, Unavailable> {
        let readers = self.rows.members.iter().map(|member| member.user_id).collect();
        if self.down { Err(Unavailable) } else { Ok(Located { place: self.place(), readers }) }
    }

    /// Forgets all events but the last `keep`.
    pub(crate) fn prune(&mut self, keep: u64) {
        let floor = self.rows.seq.saturating_sub(keep);
        self.rows.log = self.rows.log.split_off(&(floor + 1));
    }

    /// Begins another log, with the board as it is.
    pub(crate) fn rotate(&mut self) {
        self.logs += 1;
        self.rows.epoch = id(3, self.logs);
        self.rows.log.clear();
    }

    pub(crate) fn back_up(&mut self) {
        self.backup = Some(self.rows.clone());
    }

    /// Goes back to the backup, if there is one, under another log.
    pub(crate) fn restore(&mut self) {
        if let Some(backup) = &self.backup {
            self.rows = backup.clone();
            self.rotate();
        }
    }
}

pub(crate) fn member(user_id: UserId, role: Role) -> Member {
    Member { user_id, name: format!("{user_id}"), email: format!("{user_id}@example.com"), role, former: false }
}
