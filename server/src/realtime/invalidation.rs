//! Says that what somebody oversees may have changed, so that no page has to ask again and again.
//!
//! A page that shows figures has a lease. While there is any, one query a second compares where the logs of all leased
//! users' projects end, whoever wrote to them and whatever the bus lost; a commit on this node does not wait for that.
//! What changed is not said: whoever hears it asks for the figures again.

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

/// The leases of this node.
pub(super) struct Invalidation {
    shared: Arc<RealtimeContext>,
    leases: Mutex<Subscriptions<Arc<Outbox>>>,
    woken: Notify,
}

impl Invalidation {
    /// Nobody oversees anything yet.
    pub(super) fn new(shared: Arc<RealtimeContext>) -> Self {
        Self { shared, leases: Mutex::default(), woken: Notify::new() }
    }

    /// Begins or renews the lease of a user's socket. It hears `changed` soon, since nobody knows what its page has seen.
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

    /// Something was committed: compares soon, if anybody would care.
    pub(super) fn wake(&self) {
        if !self.lock().is_empty() {
            self.woken.notify_one();
        }
    }

    /// Compares, and tells those for whom something changed. False: there is nobody.
    async fn compare(&self) -> bool {
        let users = {
            let mut leases = self.lock();
            leases.expire(Instant::now());
            leases.users()
        };
        if users.is_empty() {
            return false;
        }
        // A database that does not answer is asked again the next time.
        let Ok(beats) = self.shared.inbox.beats(&users).await else { return true };
        let beats: HashMap<_, _> = beats.into_iter().collect();
        let changed = frame::encode(&ServerFrame::Changed { scope: OVERSIGHT.to_owned() });
        self.lock().compare(&users, &beats, |outbox| {
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

/// Compares every so often and whenever something was committed here, for as long as there is a pulse.
pub(super) async fn beat(pulse: Weak<Invalidation>, every: Duration) {
    loop {
        let Some(pulse) = pulse.upgrade() else { return };
        let rest = pulse.shared.timing.pulse_rest;
        // Woken or not, it is time to look.
        let _ = timeout(every, pulse.woken.notified()).await;
        if pulse.compare().await {
            sleep(rest).await;
        }
    }
}
