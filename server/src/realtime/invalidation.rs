//! Tells oversight pages to refetch, so that they need not poll.
//!
//! An oversight page has a lease. While there are leases, one query per second compares the log positions of these
//! users' projects, whoever wrote to them and whatever the bus lost; commits of this process trigger it at once. The
//! message does not say what changed: the page refetches its figures.

mod subscriptions;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use engine::{
    UserId,
    room::SocketId,
    wire::{OVERSIGHT, ServerFrame, Subscribed},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

use self::subscriptions::Subscriptions;
use super::{Counters, RealtimeContext, frame, outbox::Outbox};

/// The leases of this process.
pub(super) struct Invalidation {
    shared: Arc<RealtimeContext>,
    leases: Mutex<Subscriptions<Arc<Outbox>>>,
    woken: Notify,
}

impl Invalidation {
    /// Creates no leases yet.
    pub(super) fn new(shared: Arc<RealtimeContext>) -> Self {
        Self { shared, leases: Mutex::default(), woken: Notify::new() }
    }

    /// Begins or renews the lease of a socket. It is soon sent `changed`, because the server does not know what its
    /// page has seen.
    pub(super) fn begin(&self, socket: SocketId, user: UserId, outbox: &Arc<Outbox>) {
        let subscribed =
            Subscribed { scope: OVERSIGHT.to_owned(), since: None, seq: 0, comments: vec![], complete: true };
        outbox.push_lossy(frame::encode(&ServerFrame::Subscribed(subscribed)));
        let until = Instant::now() + self.shared.timing.lease;
        self.lock().begin(socket, user, Arc::clone(outbox), until);
        self.woken.notify_one();
    }

    /// Ends a lease, if there is one.
    pub(super) fn end(&self, socket: SocketId) {
        self.lock().end(socket);
    }

    /// Reports a commit: compares soon, if there are leases.
    pub(super) fn wake(&self) {
        if !self.lock().is_empty() {
            self.woken.notify_one();
        }
    }

    /// Compares, and notifies the sockets whose version changed. False if there are no leases.
    async fn compare(&self) -> bool {
        let users = {
            let mut leases = self.lock();
            leases.expire(Instant::now());
            leases.users()
        };
        if users.is_empty() {
            return false;
        }
        // A failed query is repeated next time.
        let Ok(versions) = self.shared.inbox.oversight_versions(&users).await else { return true };
        let versions: HashMap<_, _> = versions.into_iter().collect();
        let changed = frame::encode(&ServerFrame::Changed { scope: OVERSIGHT.to_owned() });
        self.lock().compare(&users, &versions, |outbox| {
            if !outbox.push_or_close(changed.clone()) {
                Counters::add(&self.shared.counters.closed_slow, 1);
            }
        });
        true
    }

    fn lock(&self) -> MutexGuard<'_, Subscriptions<Arc<Outbox>>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares periodically and after local commits, until the hub is gone.
pub(super) async fn run(invalidation: Weak<Invalidation>, every: Duration) {
    loop {
        let Some(invalidation) = invalidation.upgrade() else { return };
        let pause = invalidation.shared.timing.oversight_pause;
        // Woken or timed out, compare.
        let _ = timeout(every, invalidation.woken.notified()).await;
        if invalidation.compare().await {
            sleep(pause).await;
        }
    }
}
