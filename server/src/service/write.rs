//! A write to a project: one transaction from entry to event, and what follows its commit.

use engine::{
    ApiError, Change, Epoch, Event, EventId, Placement, Project, ProjectId, Role, Task, TaskId, Timestamp, UserId,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{self, Right, project_not_found, task_not_found},
    notice::{self, PendingNotice, TaskNotice, WriteContext},
    quota,
};
use crate::{
    clock,
    config::QuotaSettings,
    realtime::{Committed, Delivery, Realtime},
    store::{
        CommitRows, Entry, InsertionPoint, RemovalKey, Store, StoreError, TaskRow, Watchers, WriteTx, log::Logged,
        ops::StoredResponse,
    },
};

/// A write to a project that may go on: nobody else writes to it until this ends. Dropped before
/// [`commit`](Self::commit), it leaves no trace and no gap in the log.
pub(super) struct ProjectWrite {
    /// Where the rows go.
    pub(super) tx: WriteTx,
    /// The project as it was, without a role.
    pub(super) project: Project,
    /// What the writer may do in it.
    pub(super) role: Role,
    /// Who writes, and by which op.
    pub(super) intent: Intent,
    /// The one moment at which all of it happens.
    pub(super) at: Timestamp,
    epoch: Epoch,
    seq: u64,
    last: Option<EventId>,
    changes: Vec<Change>,
    notices: Vec<PendingNotice>,
    told: Vec<Delivery>,
    task: Option<TaskRow>,
    /// Tasks that were ever made in the project, before this write and in it.
    task_count: u64,
    made: usize,
    /// Whether this server sends e-mail.
    mail: bool,
    store: Store,
    realtime: Realtime,
}

impl ProjectWrite {
    /// Enters a project.
    ///
    /// # Errors
    /// The stored answer of an op that was carried out before; `project_not_found`; `forbidden`.
    pub(super) async fn enter(
        services: &Services,
        intent: Intent,
        id: ProjectId,
        right: Right,
    ) -> Result<Self, ServiceError> {
        let (tx, entry) = services.store.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.ok_or_else(project_not_found)?;
        Self::open(services, intent, tx, entry, right).await
    }

    /// Enters a project to go on with what a write to it has begun. Whether its user may do that was decided
    /// [there](Self::enter): they may have left the project by now.
    ///
    /// # Errors
    /// `project_not_found`.
    pub(super) async fn resume(services: &Services, intent: Intent, id: ProjectId) -> Result<Self, ServiceError> {
        let (tx, entry) = services.store.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.filter(|entry| !entry.deleted).ok_or_else(project_not_found)?;
        let entry = Entry { role: Some(Role::Owner), ..entry };
        Self::open(services, intent, tx, entry, Right::EditStatuses).await
    }

    /// Enters a project as somebody who is invited, and says what they are in it already. Whether the project is still there
    /// is for the caller to look at.
    ///
    /// # Errors
    /// The stored answer of an op that was carried out before; `project_not_found`.
    pub(super) async fn enter_invited(
        services: &Services,
        intent: Intent,
        id: ProjectId,
    ) -> Result<(Self, Option<Role>), ServiceError> {
        let (tx, entry) = services.store.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.ok_or_else(project_not_found)?;
        let role = entry.role;
        // Whoever was a member by this very op, and is none any more, learns no more than others.
        let may_repeat = |entry: &Entry| access::check(entry.role, Right::Read).map(drop);
        let may = |entry: &Entry| Ok(entry.role.unwrap_or(Role::Viewer));
        let write = Self::answered_once(services, intent, tx, entry, may_repeat, may).await?;
        Ok((write, role))
    }

    /// Enters a project as somebody who has left it by themselves a while ago, or is still in it.
    ///
    /// # Errors
    /// The stored answer of an op that was carried out before; `project_not_found`, also to one whom somebody else
    /// removed.
    pub(super) async fn enter_left(
        services: &Services,
        intent: Intent,
        id: ProjectId,
        user: UserId,
    ) -> Result<Self, ServiceError> {
        let (mut tx, entry) = services.store.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.filter(|entry| !entry.deleted).ok_or_else(project_not_found)?;
        let left = match entry.role {
            Some(_) => true,
            None => {
                let removal = tx.removal::<Role>(&RemovalKey::of_member(id, user)).await?;
                removal.is_some_and(|removal| removal.by == user)
            }
        };
        let may_repeat = |entry: &Entry| access::check(entry.role, Right::Read).map(drop);
        let may = |entry: &Entry| {
            let role = if left { entry.role.or(Some(Role::Viewer)) } else { None };
            access::check(role, Right::Read)
        };
        Self::answered_once(services, intent, tx, entry, may_repeat, may).await
    }

    /// Enters the project of a task that is on the board, or (`deleted`) was taken off it.
    ///
    /// # Errors
    /// As [`enter`](Self::enter), but `task_not_found`.
    pub(super) async fn enter_task(
        services: &Services,
        intent: Intent,
        id: TaskId,
        right: Right,
    ) -> Result<(Self, TaskRow), ServiceError> {
        let (tx, entry) = services.store.enter_task(id, intent.user.id, intent.op_id).await?;
        let (entry, task) = entry.ok_or_else(task_not_found)?;
        let write = Self::open(services, intent, tx, entry, right).await.map_err(of_task)?;
        Ok((write, task?))
    }

    /// Enters the project of a task that is to be moved, and finds its place: `None` where there is no
    /// such column.
    ///
    /// # Errors
    /// As [`enter_task`](Self::enter_task).
    pub(super) async fn enter_move(
        services: &Services,
        intent: Intent,
        id: TaskId,
        to: Placement,
        right: Right,
    ) -> Result<(Self, TaskRow, Option<InsertionPoint>), ServiceError> {
        let (tx, entry) = services.store.enter_move(id, intent.user.id, intent.op_id, to).await?;
        let (entry, moved) = entry.ok_or_else(task_not_found)?;
        let write = Self::open(services, intent, tx, entry, right).await.map_err(of_task)?;
        let (task, place) = moved?;
        Ok((write, task, place))
    }

    async fn open(
        services: &Services,
        intent: Intent,
        tx: WriteTx,
        entry: Entry,
        right: Right,
    ) -> Result<Self, ServiceError> {
        let may = |entry: &Entry| access::check(if entry.deleted { None } else { entry.role }, right);
        let may_repeat = |entry: &Entry| match right {
            // Answered with nothing but oneself, to whom it has just ended access.
            Right::Leave => Ok(()),
            // A project that is deleted meanwhile has its members still: who deleted it is answered again.
            right => access::check(entry.role, right).map(drop),
        };
        Self::answered_once(services, intent, tx, entry, may_repeat, may).await
    }

    async fn answered_once(
        services: &Services,
        intent: Intent,
        tx: WriteTx,
        mut entry: Entry,
        may_repeat: impl FnOnce(&Entry) -> Result<(), ApiError>,
        may: impl FnOnce(&Entry) -> Result<Role, ApiError>,
    ) -> Result<Self, ServiceError> {
        if let Some(stored) = entry.stored.take() {
            may_repeat(&entry)?;
            if let Err(stop) = intent.check(Some(stored)) {
                // Said again only once it is as durable as when it is said first.
                tx.roll_back().await?;
                return Err(stop);
            }
        }
        let role = may(&entry)?;
        Ok(Self {
            tx,
            project: entry.project,
            role,
            intent,
            at: clock::now(),
            epoch: entry.epoch,
            seq: entry.seq,
            last: entry.last,
            changes: Vec::with_capacity(1),
            notices: Vec::new(),
            told: Vec::new(),
            task: None,
            task_count: entry.task_count,
            made: 0,
            mail: services.sends_mail,
            store: services.store.clone(),
            realtime: services.realtime.clone(),
        })
    }

    /// Adds an event, and says which `seq` it will have.
    pub(super) fn record(&mut self, change: Change) -> u64 {
        self.changes.push(change);
        self.seq + self.changes.len() as u64
    }

    /// The `seq` that the next event will have.
    pub(super) fn next_seq(&self) -> u64 {
        self.seq + self.changes.len() as u64 + 1
    }

    /// Counts a task that this write makes.
    ///
    /// # Errors
    /// `too_many_cards`.
    pub(super) fn count_task(&mut self, quotas: &QuotaSettings) -> Result<(), ApiError> {
        quota::check_cards(quotas, self.task_count + self.made as u64)?;
        self.made += 1;
        Ok(())
    }

    /// Tells those whom the event that was added last concerns: members who watch its task or have it, who had
    /// it, or whom a comment names; never the one who writes. Without any, it costs nothing.
    pub(super) fn notify(&mut self, task: &Task, watchers: &Watchers, notice: TaskNotice) {
        let event = self.changes.len().saturating_sub(1);
        self.notices.extend(PendingNotice::new(event, self.intent.user.id, task, watchers, notice));
    }

    /// Hands what became of notifications to the bells, once it is committed.
    pub(super) fn tell(&mut self, told: Vec<Delivery>) {
        self.told.extend(told);
    }

    /// Stores a task at the end, with the events: what is read until then is as it was.
    pub(super) fn save_last(&mut self, row: TaskRow) {
        self.task = Some(row);
    }

    /// Appends the events, keeps the answer, makes all of it durable, and then tells the sockets.
    ///
    /// # Errors
    /// When the database does not do it. Nothing has happened then.
    pub(super) async fn commit(mut self, status: u16, body: &impl Serialize) -> Result<OpResponse, ServiceError> {
        let answer = OpResponse::new(status, body)?;
        let events = self.encode()?;
        let mut told = std::mem::take(&mut self.told);
        if !self.notices.is_empty() {
            let ids: Vec<EventId> = events.iter().map(|event| event.event_id).collect();
            let scene =
                WriteContext { actor: &self.intent.user, project: self.project.id, at: self.at, mail: self.mail };
            told.extend(notice::write(&mut self.tx, scene, &ids, &self.notices).await?);
        }
        let stored = stored(&self.intent, &answer);
        let op = stored.as_ref().map(|stored| (self.intent.user.id, self.intent.op_id, stored));
        let (project, at, task, seq) = (self.project.id, self.at, self.task.as_ref(), self.seq + events.len() as u64);
        let ending = CommitRows { project, events: &events, seq, at, made: self.made, task, answer: op };
        let (realtime, committed) =
            (self.realtime, Committed { project_id: project, epoch: self.epoch, events: events.clone() });
        let publish = move || {
            realtime.publish(committed);
            realtime.tell(&told);
        };
        let ended = self.tx.end(&ending, publish).await;
        unless_taken(ended, &self.intent, &self.store).await?;
        Ok(answer)
    }

    fn encode(&mut self) -> Result<Vec<Logged>, ServiceError> {
        let changes = std::mem::take(&mut self.changes);
        let (last, mut prev) = (changes.len().saturating_sub(1), self.last);
        let encoded = changes.into_iter().zip(self.seq + 1..).enumerate().map(|(index, (change, seq))| {
            // Whoever waits for the op has seen all of it once the last event is there.
            let op_id = (index == last).then_some(self.intent.op_id);
            let event_id = EventId::new(Uuid::now_v7());
            let triggered_by = self.intent.user.id;
            let event = Event { event_id, epoch: self.epoch, seq, op_id, change, triggered_by, timestamp: self.at };
            let prev = prev.replace(event_id);
            Ok(Logged { seq, event_id, prev, op_id, frame: serde_json::to_string(&event)?.into() })
        });
        encoded.collect()
    }
}

/// To a stranger, a task of a project is as little there as the project.
fn of_task(stop: ServiceError) -> ServiceError {
    match stop {
        ServiceError::Refused(error) if error.status == 404 => ServiceError::Refused(task_not_found()),
        other => other,
    }
}

/// Keeps the answer of an op that can be asked for again. When the same id was used elsewhere in
/// the meantime, the other one counts, and this transaction is not to be committed.
pub(super) async fn keep(
    tx: &mut WriteTx,
    intent: &Intent,
    answer: &OpResponse,
    at: Timestamp,
    store: &Store,
) -> Result<(), ServiceError> {
    let Some(stored) = stored(intent, answer) else { return Ok(()) };
    let kept = tx.store_answer(intent.user.id, intent.op_id, &stored, at).await;
    unless_taken(kept, intent, store).await
}

/// What is kept of an op that can be asked for again.
fn stored(intent: &Intent, answer: &OpResponse) -> Option<StoredResponse> {
    let fingerprint = intent.fingerprint.clone()?;
    Some(StoredResponse { fingerprint, status: answer.status, body: answer.body.clone() })
}

/// What came of writing an op down, unless another request with its id was faster.
async fn unless_taken<T>(written: Result<T, StoreError>, intent: &Intent, store: &Store) -> Result<T, ServiceError> {
    match written {
        // Only PostgreSQL gets here, where writes to different projects run at once. Its
        // transaction is broken by now, so the answer is read outside of it.
        Err(StoreError::Exists) => {
            intent.check(store.stored_answer(intent.user.id, intent.op_id).await?)?;
            Err(ServiceError::Internal("an op was taken and then gone"))
        }
        written => Ok(written?),
    }
}
