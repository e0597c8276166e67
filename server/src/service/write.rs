//! A write to a project: one transaction from entry to event, and what follows its commit.

use engine::{Change, Epoch, Event, EventId, Project, ProjectId, Task, TaskId, Timestamp, UserId};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Answer, Intent, Stop,
    access::{self, Right, project_not_found, task_not_found},
    notice::{self, Noted, Notice, Scene},
};
use crate::{
    clock,
    realtime::{Committed, Realtime},
    state::AppState,
    store::{Ending, Entry, Store, StoreError, TaskRow, WriteTx, log::Logged, ops::StoredAnswer},
};

/// A write to a project that may go on: nobody else writes to it until this ends. Dropped before
/// [`commit`](Self::commit), it leaves no trace and no gap in the log.
pub(super) struct ProjectWrite {
    /// Where the rows go.
    pub(super) tx: WriteTx,
    /// The project as it was, without a role.
    pub(super) project: Project,
    /// Who writes, and by which op.
    pub(super) intent: Intent,
    /// The one moment at which all of it happens.
    pub(super) at: Timestamp,
    epoch: Epoch,
    seq: u64,
    changes: Vec<Change>,
    notices: Vec<Noted>,
    task: Option<TaskRow>,
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
    pub(super) async fn enter(state: &AppState, intent: Intent, id: ProjectId, right: Right) -> Result<Self, Stop> {
        let mut tx = state.store.write_project(id).await?;
        let entry = tx.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.ok_or_else(project_not_found)?;
        Self::open(state, intent, tx, entry, right)
    }

    /// Enters the project of a task that is on the board, or (`deleted`) was taken off it.
    ///
    /// # Errors
    /// As [`enter`](Self::enter), but `task_not_found`.
    pub(super) async fn enter_task(
        state: &AppState,
        intent: Intent,
        id: TaskId,
        right: Right,
    ) -> Result<(Self, TaskRow), Stop> {
        let mut tx = state.store.write_project_of(id).await?;
        let entry = tx.enter_task(id, intent.user.id, intent.op_id).await?;
        let (entry, task) = entry.ok_or_else(task_not_found)?;
        let write = Self::open(state, intent, tx, entry, right).map_err(|stop| match stop {
            // To a stranger, a task of this project is as little there as the project.
            Stop::Refused(error) if error.status == 404 => Stop::Refused(task_not_found()),
            other => other,
        })?;
        Ok((write, task))
    }

    fn open(state: &AppState, intent: Intent, tx: WriteTx, entry: Entry, right: Right) -> Result<Self, Stop> {
        // First of all, so that even the one who deleted the project is answered again.
        intent.check(entry.stored)?;
        let role = if entry.deleted { None } else { entry.role };
        access::check(role, right)?;
        Ok(Self {
            tx,
            project: entry.project,
            intent,
            at: clock::now(),
            epoch: entry.epoch,
            seq: entry.seq,
            changes: Vec::with_capacity(1),
            notices: Vec::new(),
            task: None,
            mail: state.mails(),
            store: state.store.clone(),
            realtime: state.realtime.clone(),
        })
    }

    /// Adds an event, and says which `seq` it will have.
    pub(super) fn record(&mut self, change: Change) -> u64 {
        self.changes.push(change);
        self.seq + self.changes.len() as u64
    }

    /// Tells those whom the event that was added last concerns: members who watch its task or have it, who had
    /// it, or whom a comment names; never the one who writes. Without any, it costs nothing.
    pub(super) fn notify(&mut self, task: &Task, watchers: &[UserId], notice: Notice) {
        let event = self.changes.len().saturating_sub(1);
        self.notices.extend(Noted::new(event, self.intent.user.id, task, watchers, notice));
    }

    /// Stores a task at the end, with the events: what is read until then is as it was.
    pub(super) fn save_last(&mut self, row: TaskRow) {
        self.task = Some(row);
    }

    /// Appends the events, keeps the answer, makes all of it durable, and then tells the sockets.
    ///
    /// # Errors
    /// When the database does not do it. Nothing has happened then.
    pub(super) async fn commit(mut self, status: u16, body: &impl Serialize) -> Result<Answer, Stop> {
        let answer = Answer::new(status, body)?;
        let events = self.encode()?;
        let mut told = Vec::new();
        if !self.notices.is_empty() {
            let ids: Vec<EventId> = events.iter().map(|event| event.event_id).collect();
            let scene = Scene { actor: &self.intent.user, project: self.project.id, at: self.at, mail: self.mail };
            told = notice::write(&mut self.tx, scene, &ids, &self.notices).await?;
        }
        let stored = stored(&self.intent, &answer);
        let op = stored.as_ref().map(|stored| (self.intent.user.id, self.intent.op_id, stored));
        let (project, at, task) = (self.project.id, self.at, self.task.as_ref());
        let ended = self.tx.end(&Ending { project, events: &events, at, task, answer: op }).await;
        let top = unless_taken(ended, &self.intent, &self.store).await?;
        if top != self.seq + events.len() as u64 {
            return Err(Stop::Internal("another writer was in the project"));
        }
        self.tx.commit().await?;
        self.realtime.publish(Committed { project_id: self.project.id, epoch: self.epoch, events });
        self.realtime.tell(&told);
        Ok(answer)
    }

    fn encode(&mut self) -> Result<Vec<Logged>, Stop> {
        let changes = std::mem::take(&mut self.changes);
        let last = changes.len().saturating_sub(1);
        let encoded = changes.into_iter().zip(self.seq + 1..).enumerate().map(|(index, (change, seq))| {
            // Whoever waits for the op has seen all of it once the last event is there.
            let op_id = (index == last).then_some(self.intent.op_id);
            let event_id = EventId::new(Uuid::now_v7());
            let triggered_by = self.intent.user.id;
            let event = Event { event_id, epoch: self.epoch, seq, op_id, change, triggered_by, timestamp: self.at };
            Ok(Logged { seq, event_id, op_id, frame: serde_json::to_string(&event)?.into() })
        });
        encoded.collect()
    }
}

/// Keeps the answer of an op that can be asked for again. When the same id was used elsewhere in
/// the meantime, the other one counts, and this transaction is not to be committed.
pub(super) async fn keep(
    tx: &mut WriteTx,
    intent: &Intent,
    answer: &Answer,
    at: Timestamp,
    store: &Store,
) -> Result<(), Stop> {
    let Some(stored) = stored(intent, answer) else { return Ok(()) };
    let kept = tx.store_answer(intent.user.id, intent.op_id, &stored, at).await;
    unless_taken(kept, intent, store).await
}

/// What is kept of an op that can be asked for again.
fn stored(intent: &Intent, answer: &Answer) -> Option<StoredAnswer> {
    let fingerprint = intent.fingerprint.clone()?;
    Some(StoredAnswer { fingerprint, status: answer.status, body: answer.body.clone() })
}

/// What came of writing an op down, unless another request with its id was faster.
async fn unless_taken<T>(written: Result<T, StoreError>, intent: &Intent, store: &Store) -> Result<T, Stop> {
    match written {
        // Only PostgreSQL gets here, where writes to different projects run at once. Its
        // transaction is broken by now, so the answer is read outside of it.
        Err(StoreError::Exists) => {
            intent.check(store.stored_answer(intent.user.id, intent.op_id).await?)?;
            Err(Stop::Internal("an op was taken and then gone"))
        }
        written => Ok(written?),
    }
}
