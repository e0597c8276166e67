//! The right to write, and who waits for it.

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

/// Writes that may wait at a time. That many take seconds; more could only be told to come back.
const LONGEST_LINE: usize = 1000;

/// What all turns share.
pub(in crate::store::dialect) struct WriterQueue {
    pen: Arc<AsyncMutex<WriterConnection>>,
    line: Mutex<Waiters>,
    /// Held while what follows a commit happens, so that the next commit cannot overtake it.
    following: Arc<AsyncMutex<()>>,
    /// Something was committed since this was asked last.
    dirty: AtomicBool,
}

/// Who waits.
struct Waiters {
    /// The pen lies there; then nobody waits.
    free: bool,
    waiting: VecDeque<oneshot::Sender<WritePermit>>,
    closed: bool,
}

/// The right to the pen. Dropped, it takes back what was written with it, and passes on.
pub(super) struct WritePermit {
    shared: Arc<WriterQueue>,
    held: bool,
}

impl WriterQueue {
    pub(super) fn new(pen: WriterConnection) -> Self {
        Self {
            pen: Arc::new(AsyncMutex::new(pen)),
            line: Mutex::new(Waiters { free: true, waiting: VecDeque::new(), closed: false }),
            following: Arc::default(),
            dirty: AtomicBool::new(false),
        }
    }

    /// Whether something was committed since this was asked last.
    pub(in crate::store::dialect) fn take_dirty(&self) -> bool {
        self.dirty.swap(false, Ordering::Relaxed)
    }

    /// Takes the pen (`None`), or says where to wait for it.
    pub(super) fn ask(&self) -> Result<Option<oneshot::Receiver<WritePermit>>, StoreError> {
        let mut line = self.line();
        if line.closed {
            return Err(sqlx::Error::PoolClosed.into());
        }
        if std::mem::replace(&mut line.free, false) {
            return Ok(None);
        }
        if line.waiting.len() >= LONGEST_LINE {
            // Those who have gone away since do not count.
            line.waiting.retain(|waiting| !waiting.is_closed());
            if line.waiting.len() >= LONGEST_LINE {
                return Err(StoreError::Crowded);
            }
        }
        let (tell, told) = oneshot::channel();
        line.waiting.push_back(tell);
        Ok(Some(told))
    }

    /// Lets happen what follows a commit, and tells those who wait for it.
    pub(super) fn follow(&self, CommitOutcome { done, failed }: CommitOutcome) {
        if !done.is_empty() {
            self.dirty.store(true, Ordering::Relaxed);
        }
        for Done { follow, tell } in done {
            // Whoever has gone away does not want to know, but what follows does.
            let _ = match &failed {
                None => {
                    // The commit is made: a panic in what follows one write must not keep the others from being told.
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(follow)) {
                        tracing::error!(panic = supervisor::message(&*panic), "what follows a commit failed");
                    }
                    tell.send(Ok(()))
                }
                Some(error) => tell.send(Err(error.clone())),
            };
        }
    }

    /// Until this is dropped, nothing follows a later commit.
    pub(super) async fn order(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.following).lock_owned().await
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.line().waiting.len()
    }

    fn line(&self) -> MutexGuard<'_, Waiters> {
        // Nothing in here panics between two halves of a change.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WritePermit {
    /// For whoever has taken the pen ([`WriterQueue::ask`]).
    pub(super) fn new(shared: Arc<WriterQueue>) -> Self {
        Self { shared, held: true }
    }

    /// Keeps the pen for good: nobody else will have it.
    pub(super) fn keep(mut self) {
        self.held = false;
        let mut line = self.shared.line();
        line.closed = true;
        line.waiting.clear();
    }

    /// Tells those who wait for a commit, where it is known to be none.
    pub(super) fn follow(&self, lost: CommitOutcome) {
        self.shared.follow(lost);
    }

    /// Until this is dropped, nothing follows a later commit.
    pub(super) async fn order(&self) -> OwnedMutexGuard<()> {
        self.shared.order().await
    }

    /// Whether somebody waits for it.
    pub(super) fn is_awaited(&self) -> bool {
        !self.shared.line().waiting.is_empty()
    }

    /// The pen.
    pub(super) async fn lock(&self) -> OwnedMutexGuard<WriterConnection> {
        Arc::clone(&self.shared.pen).lock_owned().await
    }

    /// Gives it to whoever has waited longest; back when nobody waits.
    pub(super) fn pass(mut self) -> Result<(), Self> {
        loop {
            let next = self.shared.line().waiting.pop_front();
            let Some(next) = next else { return Err(self) };
            match next.send(self) {
                Ok(()) => return Ok(()),
                // They have gone away.
                Err(back) => self = back,
            }
        }
    }

    /// Takes back what was not done, and goes on.
    async fn give_back(self) {
        let lost = self.lock().await.undo().await;
        if let Some(lost) = lost {
            self.follow(lost);
        }
        self.go_on().await;
    }

    /// Passes on to whoever waits. When nobody does, or there is no room, commits first.
    pub(super) async fn go_on(self) {
        let mut pen = self.lock().await;
        let mut token = self;
        if pen.has_room() && !pen.is_clean() {
            drop(pen);
            token = match token.pass() {
                Ok(()) => return,
                Err(token) => token,
            };
            pen = token.lock().await;
        }
        let committed = pen.commit().await;
        token.leave(pen, committed).await;
    }

    /// Lets somebody else have the pen, and happen what follows a commit.
    pub(super) async fn leave(self, mut pen: OwnedMutexGuard<WriterConnection>, committed: CommitOutcome) {
        let shared = Arc::clone(&self.shared);
        let order = shared.order().await;
        pen.rest(self.is_awaited());
        drop(pen);
        self.put_down();
        shared.follow(committed);
        drop(order);
    }

    /// Gives it to whoever has waited longest, or leaves it there for the next one. Nothing is open.
    fn put_down(self) {
        let mut token = self;
        while let Err(back) = token.pass() {
            token = back;
            let mut line = token.shared.line();
            // Somebody may have come since.
            if line.waiting.is_empty() {
                line.free = true;
                drop(line);
                token.held = false;
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
        let shared = Arc::clone(&self.shared);
        // Without a runtime the process ends, and with it what was not committed.
        if let Ok(runtime) = Handle::try_current() {
            // Made in the task: one that is dropped unstarted, as in a runtime that ends, is none.
            runtime.spawn(async move { WritePermit::new(shared).give_back().await });
        }
    }
}
