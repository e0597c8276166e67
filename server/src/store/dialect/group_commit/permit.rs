//! The permit to write, and the queue of writes that wait for it.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    runtime::Handle,
    sync::{Mutex as AsyncMutex, OwnedMutexGuard, oneshot},
};

use super::{
    commit::{CommitOutcome, Done},
    writer_connection::WriterConnection,
};
use crate::{store::StoreError, supervisor};

/// Length of the queue. That many writes take seconds; further ones would time out anyway.
const MAX_WAITERS: usize = 1000;

/// The state that all writes of one queue share.
pub(in crate::store::dialect) struct WriterQueue {
    writer: Arc<AsyncMutex<WriterConnection>>,
    waiters: Mutex<Waiters>,
    /// Held while the callbacks of a commit run, so that those of the next commit cannot overtake them.
    callbacks: Arc<AsyncMutex<()>>,
    /// Set by each commit, cleared by [`take_dirty`](Self::take_dirty).
    dirty: AtomicBool,
}

/// The waiting writes.
struct Waiters {
    /// The permit is free; then nobody waits.
    free: bool,
    waiting: VecDeque<oneshot::Sender<WritePermit>>,
    closed: bool,
}

/// The exclusive right to use the writer connection. Dropped, it rolls back and passes the connection on.
pub(super) struct WritePermit {
    queue: Arc<WriterQueue>,
    held: bool,
}

impl WriterQueue {
    pub(super) fn new(writer: WriterConnection) -> Self {
        Self {
            writer: Arc::new(AsyncMutex::new(writer)),
            waiters: Mutex::new(Waiters { free: true, waiting: VecDeque::new(), closed: false }),
            callbacks: Arc::default(),
            dirty: AtomicBool::new(false),
        }
    }

    /// Whether anything was committed since the last call.
    pub(in crate::store::dialect) fn take_dirty(&self) -> bool {
        self.dirty.swap(false, Ordering::Relaxed)
    }

    /// Takes the permit if it is free (`None`), else joins the queue.
    pub(super) fn try_acquire(&self) -> Result<Option<oneshot::Receiver<WritePermit>>, StoreError> {
        let mut waiters = self.waiters();
        if waiters.closed {
            return Err(sqlx::Error::PoolClosed.into());
        }
        if std::mem::replace(&mut waiters.free, false) {
            return Ok(None);
        }
        if waiters.waiting.len() >= MAX_WAITERS {
            // Cancelled requests don't count.
            waiters.waiting.retain(|waiting| !waiting.is_closed());
            if waiters.waiting.len() >= MAX_WAITERS {
                return Err(StoreError::Overloaded);
            }
        }
        let (sender, receiver) = oneshot::channel();
        waiters.waiting.push_back(sender);
        Ok(Some(receiver))
    }

    /// Runs the callbacks of a commit, and sends the result to the waiting writes.
    pub(super) fn complete(&self, CommitOutcome { done, failed }: CommitOutcome) {
        if !done.is_empty() {
            self.dirty.store(true, Ordering::Relaxed);
        }
        for Done { after_commit, reply } in done {
            // A cancelled request no longer receives its result, but its callback still runs.
            let _ = match &failed {
                None => {
                    // The commit is done: a panic in one callback must not keep the result from the others.
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(after_commit)) {
                        tracing::error!(panic = supervisor::message(&*panic), "a callback after a commit panicked");
                    }
                    reply.send(Ok(()))
                }
                Some(error) => reply.send(Err(error.clone())),
            };
        }
    }

    /// Blocks the callbacks of later commits until the guard is dropped.
    pub(super) async fn lock_callbacks(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.callbacks).lock_owned().await
    }

    /// Length of the queue.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.waiters().waiting.len()
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        // Nothing in here panics between two halves of a change.
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WritePermit {
    /// For the caller that has just taken the free permit ([`WriterQueue::try_acquire`]).
    pub(super) fn new(queue: Arc<WriterQueue>) -> Self {
        Self { queue, held: true }
    }

    /// Closes the queue: no further write gets the permit.
    pub(super) fn close_queue(mut self) {
        self.held = false;
        let mut waiters = self.queue.waiters();
        waiters.closed = true;
        waiters.waiting.clear();
    }

    /// Reports a failed commit to the writes that waited for it.
    pub(super) fn complete(&self, lost: CommitOutcome) {
        self.queue.complete(lost);
    }

    /// Blocks the callbacks of later commits until the guard is dropped.
    pub(super) async fn lock_callbacks(&self) -> OwnedMutexGuard<()> {
        self.queue.lock_callbacks().await
    }

    /// Whether another write waits in the queue.
    pub(super) fn is_awaited(&self) -> bool {
        !self.queue.waiters().waiting.is_empty()
    }

    /// Locks the connection.
    pub(super) async fn lock(&self) -> OwnedMutexGuard<WriterConnection> {
        Arc::clone(&self.queue.writer).lock_owned().await
    }

    /// Sends it to the write that has waited longest; returns it when the queue is empty.
    pub(super) fn pass_on(mut self) -> Result<(), Self> {
        loop {
            let next = self.queue.waiters().waiting.pop_front();
            let Some(next) = next else { return Err(self) };
            match next.send(self) {
                Ok(()) => return Ok(()),
                // That request was cancelled.
                Err(back) => self = back,
            }
        }
    }

    /// Rolls back the unfinished write, and releases the permit.
    async fn roll_back(self) {
        let lost = self.lock().await.roll_back_current().await;
        if let Some(lost) = lost {
            self.complete(lost);
        }
        self.release().await;
    }

    /// Releases the permit. Commits first if no write waits, or the transaction is full.
    pub(super) async fn release(self) {
        let mut writer = self.lock().await;
        let mut permit = self;
        if writer.has_room() && !writer.is_clean() {
            drop(writer);
            permit = match permit.pass_on() {
                Ok(()) => return,
                Err(permit) => permit,
            };
            writer = permit.lock().await;
        }
        let committed = writer.commit().await;
        permit.finish_commit(writer, committed).await;
    }

    /// Passes the permit on after a commit, and runs the callbacks.
    pub(super) async fn finish_commit(self, mut writer: OwnedMutexGuard<WriterConnection>, committed: CommitOutcome) {
        let queue = Arc::clone(&self.queue);
        let callbacks = queue.lock_callbacks().await;
        writer.release_idle(self.is_awaited());
        drop(writer);
        self.make_available();
        queue.complete(committed);
        drop(callbacks);
    }

    /// Sends it to the write that has waited longest, or marks it as free. No transaction is open.
    fn make_available(self) {
        let mut permit = self;
        while let Err(back) = permit.pass_on() {
            permit = back;
            let mut waiters = permit.queue.waiters();
            // Another write may have joined since.
            if waiters.waiting.is_empty() {
                waiters.free = true;
                drop(waiters);
                permit.held = false;
                return;
            }
        }
    }
}

impl Drop for WritePermit {
    fn drop(&mut self) {
        if !self.held {
            return;
        }
        let queue = Arc::clone(&self.queue);
        // Without a runtime the process is ending, and the uncommitted writes end with it.
        if let Ok(runtime) = Handle::try_current() {
            // Create the permit inside the task, so that a task dropped before its first poll does not respawn itself.
            runtime.spawn(async move { WritePermit::new(queue).roll_back().await });
        }
    }
}
