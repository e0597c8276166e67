//! A write to a project: one transaction from entry to event, and its effects after the commit.

mod enter;

use engine::{ApiError, Change, Epoch, Event, EventId, Project, Role, Task, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Intent, OpResponse, ServiceError,
    notice::{self, PendingNotice, TaskNotice, WriteContext},
    quota,
};
use crate::{
    config::QuotaSettings,
    realtime::{Committed, Delivery, Realtime},
    store::{CommitRows, Store, StoreError, TaskRow, Watchers, WriteTx, log::Logged, ops::StoredResponse},
};

/// A write to a project. It is the project's only writer until it ends. Dropped before [`commit`](Self::commit), it
/// rolls back and leaves no gap in the log.
pub(super) struct ProjectWrite {
    /// The transaction.
    pub(super) tx: WriteTx,
    /// The project before the write, without a role.
    pub(super) project: Project,
    /// The writer's role.
    pub(super) role: Role,
    /// The writer and the op.
    pub(super) intent: Intent,
    /// The time of the write, the same for all of it.
    pub(super) at: Timestamp,
    epoch: Epoch,
    seq: u64,
    last: Option<EventId>,
    changes: Vec<Change>,
    notices: Vec<PendingNotice>,
    deliveries: Vec<Delivery>,
    task: Option<TaskRow>,
    /// Tasks ever created in the project, before this write.
    task_count: u64,
    created: usize,
    /// Whether this server sends e-mail.
    mail: bool,
    store: Store,
    realtime: Realtime,
}

impl ProjectWrite {
    /// Adds an event. Returns its `seq`.
    pub(super) fn record(&mut self, change: Change) -> u64 {
        self.changes.push(change);
        self.seq + self.changes.len() as u64
    }

    /// The `seq` of the next event.
    pub(super) fn next_seq(&self) -> u64 {
        self.seq + self.changes.len() as u64 + 1
    }

    /// Counts a task that this write creates.
    ///
    /// # Errors
    /// `too_many_cards`.
    pub(super) fn count_task(&mut self, quotas: &QuotaSettings) -> Result<(), ApiError> {
        quota::check_cards(quotas, self.task_count + self.created as u64)?;
        self.created += 1;
        Ok(())
    }

    /// Notifies the users concerned by the event added last: the task's watchers, its current or former assignee, and
    /// mentioned members, but never the writer. Costs nothing if there are none.
    pub(super) fn notify(&mut self, task: &Task, watchers: &Watchers, notice: TaskNotice) {
        let event = self.changes.len().saturating_sub(1);
        self.notices.extend(PendingNotice::new(event, self.intent.user.id, task, watchers, notice));
    }

    /// Sends changed notifications to their users' sockets after the commit.
    pub(super) fn deliver(&mut self, deliveries: Vec<Delivery>) {
        self.deliveries.extend(deliveries);
    }

    /// Stores a task at the end, together with the events: until then, reads return its former state.
    pub(super) fn save_at_end(&mut self, row: TaskRow) {
        self.task = Some(row);
    }

    /// Appends the events, stores the response, commits, and then publishes.
    ///
    /// # Errors
    /// When the database fails. Nothing has changed then.
    pub(super) async fn commit(mut self, status: u16, body: &impl Serialize) -> Result<OpResponse, ServiceError> {
        let response = OpResponse::new(status, body)?;
        let events = self.encode()?;
        let mut deliveries = std::mem::take(&mut self.deliveries);
        if !self.notices.is_empty() {
            let ids: Vec<EventId> = events.iter().map(|event| event.event_id).collect();
            let context =
                WriteContext { actor: &self.intent.user, project: self.project.id, at: self.at, mail: self.mail };
            deliveries.extend(notice::write(&mut self.tx, context, &ids, &self.notices).await?);
        }
        let stored = stored(&self.intent, &response);
        let op = stored.as_ref().map(|stored| (self.intent.user.id, self.intent.op_id, stored));
        let (project, at, task, seq) = (self.project.id, self.at, self.task.as_ref(), self.seq + events.len() as u64);
        let rows = CommitRows { project, events: &events, seq, at, created: self.created, task, response: op };
        let (realtime, committed) =
            (self.realtime, Committed { project_id: project, epoch: self.epoch, events: events.clone() });
        let publish = move || {
            realtime.publish(committed);
            realtime.deliver(&deliveries);
        };
        let committed = rows.commit(self.tx, publish).await;
        unless_taken(committed, &self.intent, &self.store).await?;
        Ok(response)
    }

    fn encode(&mut self) -> Result<Vec<Logged>, ServiceError> {
        let changes = std::mem::take(&mut self.changes);
        let (last, mut prev) = (changes.len().saturating_sub(1), self.last);
        let encoded = changes.into_iter().zip(self.seq + 1..).enumerate().map(|(index, (change, seq))| {
            // A client that waits for the op has seen all of it with the last event.
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

/// Stores the response of a repeatable op. If its id was used by another op meanwhile, that one wins, and this
/// transaction must not be committed.
pub(super) async fn store_response(
    tx: &mut WriteTx,
    intent: &Intent,
    response: &OpResponse,
    at: Timestamp,
    store: &Store,
) -> Result<(), ServiceError> {
    let Some(stored) = stored(intent, response) else { return Ok(()) };
    let stored = tx.store_response(intent.user.id, intent.op_id, &stored, at).await;
    unless_taken(stored, intent, store).await
}

/// The stored form of the response to a repeatable op.
fn stored(intent: &Intent, response: &OpResponse) -> Option<StoredResponse> {
    let fingerprint = intent.fingerprint.clone()?;
    Some(StoredResponse { fingerprint, status: response.status, body: response.body.clone() })
}

/// The result of storing an op, unless another request with its id was faster.
async fn unless_taken<T>(written: Result<T, StoreError>, intent: &Intent, store: &Store) -> Result<T, ServiceError> {
    match written {
        // Only on PostgreSQL, where writes to different projects run concurrently. This transaction is broken by now,
        // so the response is read outside of it.
        Err(StoreError::Exists) => {
            intent.check(store.stored_response(intent.user.id, intent.op_id).await?)?;
            Err(ServiceError::Internal("an op was stored and then gone"))
        }
        written => Ok(written?),
    }
}
