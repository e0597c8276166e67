//! Delivers committed events to every open browser.
//!
//! ```text
//! service → Realtime::publish → hub → room → outbox → flusher, or the socket's task
//!                               └→ bus → hubs of other processes
//! ```
//!
//! | module | contents |
//! | --- | --- |
//! | `hub`, `room` | the rooms of this process; a room gives `engine::room` sockets, timers and reads of the log |
//! | `outbox`, `flusher` | the bounded queue of a socket; the task that writes the queues of a room |
//! | `connection`, `heartbeat`, `packet` | an open WebSocket; pings; encoded frames |
//! | `socket`, `token` | from an HTTP request to an open socket; who may open one |
//! | `bus` | messages between processes: `local`, `redis` |
//! | `bell`, `notification_frame` | notification channels of users, and what is sent over them |
//! | `scope`, `presence`, `presence_filter` | subscriptions to a task's comments; who is on a board |
//! | `log`, `inbox` | what is read from the database |
//! | `sweeper`, `invalidation` | periodic comparison with the database; changes of oversight data |
//! | `revocation`, `claims` | access that ended; cursors that change a log's epoch |
//! | `counters`, `health`, `alarm`, `timing`, `fail_point` | metrics; health; timers; intervals; a crash for tests |
//!
//! The log in the database is the truth: everything here may lose its contents without losing a change. A room
//! delivers its log without a gap, or sends `resync`.

mod alarm;
mod bell;
pub mod bus;
mod claims;
mod connection;
mod counters;
mod fail_point;
mod flusher;
mod frame;
mod health;
mod heartbeat;
mod hub;
mod inbox;
mod invalidation;
mod log;
mod notification_frame;
mod outbox;
mod packet;
mod presence;
mod presence_filter;
mod revocation;
mod room;
mod scope;
mod socket;
mod sweeper;
mod timing;
pub(crate) mod token;

use std::{net::IpAddr, num::NonZeroU32, path::PathBuf, sync::Arc, time::Duration};

use engine::{Epoch, ProjectId, UserId};

pub use bell::Delivery;
use bus::{Bus, local::LocalNetwork, redis::RedisBus};
use claims::EpochClaims;
pub use counters::{Closes, CounterValues, Counters, Durations, Kinds};
use fail_point::FailPoint;
pub use health::Health;
use hub::Hub;
pub use inbox::{Inbox, Newest, OversightVersion, Tally};
pub use log::{Access, Listening, Log, LogPage, LogUnavailable, Logged, SessionId, ThreadAsk, ThreadChanges, Top};
pub use notification_frame::NotificationFrame;
pub use revocation::Revocation;
pub(crate) use socket::{OpenerIdentity, SocketOpener, SocketPurpose, SocketQuery, Upgrade};
pub use timing::Timing;

use crate::{
    quota::{AddressQuota, Quota},
    supervisor::Supervisor,
    write_tasks::WriteTasks,
};

/// The events of one committed transaction.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The project.
    pub project_id: ProjectId,
    /// The epoch of its log.
    pub epoch: Epoch,
    /// In order, without a gap.
    pub events: Vec<Logged>,
}

/// Settings of the sockets and the bus.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The URL of Redis, which connects several processes; `None` for a single process.
    pub redis_url: Option<String>,
    /// A PEM file of authorities for Redis' certificate; `None` for those of the system.
    pub redis_ca: Option<PathBuf>,
    /// Limits per client.
    pub limits: Limits,
    /// The version of the page's assets: pages of another version are outdated.
    pub build: Option<String>,
    /// Intervals and timeouts.
    pub timing: Timing,
    /// For tests: the process dies after this many commits, before it publishes the last one.
    pub die_after_commits: Option<NonZeroU32>,
    /// Supervises the tasks of the rooms and the bus.
    pub supervisor: Supervisor,
    /// Tracks the running writes.
    pub writes: WriteTasks,
}

/// Limits per client. 0 means unlimited.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Frames per second and socket.
    pub frames: u32,
    /// Sockets per user.
    pub sockets_per_user: u32,
    /// Signed-in sockets per address.
    pub sockets_per_address: u32,
    /// Sockets that are not signed in yet, in total.
    pub pending_sockets: u32,
    /// Sockets that are not signed in yet, per address.
    pub pending_sockets_per_address: u32,
}

/// Invalid Redis settings.
#[derive(Debug, thiserror::Error)]
pub enum RedisConfigError {
    /// The Redis URL is invalid.
    #[error("the Redis URL cannot be used: {0}")]
    RedisUrl(String),
    /// The file of authorities is unreadable, empty, or unused.
    #[error("LOCKSTEP_REDIS_CA cannot be used: {0}: {1}")]
    RedisCa(String, String),
}

/// The entry point for the rest of the server. Cheap to clone.
#[derive(Clone)]
pub struct Realtime(Arc<Hub>);

/// State shared by all rooms and sockets.
pub(crate) struct RealtimeContext {
    log: Arc<dyn Log>,
    inbox: Arc<dyn Inbox>,
    bus: Arc<dyn Bus>,
    timing: Timing,
    counters: Arc<Counters>,
    /// Frames that a socket may send per second; 0 means unlimited.
    frame_limit: u32,
    users: Arc<Quota<UserId>>,
    addresses: Arc<Quota<IpAddr>>,
    pending: AddressQuota,
    claims: EpochClaims,
    build: Option<String>,
    fail_point: FailPoint,
    supervisor: Supervisor,
    writes: WriteTasks,
}

impl Realtime {
    /// Starts the rooms and the bus on the current runtime.
    ///
    /// # Errors
    /// When the Redis URL is invalid. An unreachable Redis is no error: it is retried.
    pub fn start(log: Arc<dyn Log>, inbox: Arc<dyn Inbox>, settings: Settings) -> Result<Self, RedisConfigError> {
        let counters = Arc::new(Counters::default());
        let bus: Arc<dyn Bus> = match &settings.redis_url {
            Some(url) => {
                let client = bus::redis::client(url, settings.redis_ca.as_deref())?;
                let (probe, supervisor) = (settings.timing.probe, settings.supervisor.clone());
                Arc::new(RedisBus::new(client, probe, Arc::clone(&counters), supervisor))
            }
            None => Arc::new(LocalNetwork::default().join()),
        };
        Ok(Self::on_bus_with(log, inbox, bus, settings, counters))
    }

    /// Starts the rooms on a given bus.
    pub fn on_bus(log: Arc<dyn Log>, inbox: Arc<dyn Inbox>, bus: Arc<dyn Bus>, timing: Timing) -> Self {
        Self::on_bus_with(log, inbox, bus, Settings { timing, ..Settings::default() }, Arc::default())
    }

    fn on_bus_with(
        log: Arc<dyn Log>,
        inbox: Arc<dyn Inbox>,
        bus: Arc<dyn Bus>,
        settings: Settings,
        counters: Arc<Counters>,
    ) -> Self {
        let Settings { limits, timing, build, die_after_commits, supervisor, writes, .. } = settings;
        let Limits { frames, sockets_per_user, sockets_per_address, .. } = limits;
        let pending = AddressQuota::new(limits.pending_sockets, limits.pending_sockets_per_address);
        let (users, addresses) = (Quota::new(sockets_per_user), Quota::new(sockets_per_address));
        let (frame_limit, fail_point) = (frames, FailPoint::new(die_after_commits));
        let claims = EpochClaims::default();
        let shared = RealtimeContext {
            log,
            inbox,
            bus,
            timing,
            counters,
            frame_limit,
            users,
            addresses,
            pending,
            claims,
            build,
            fail_point,
            supervisor,
            writes,
        };
        Self(Hub::start(Arc::new(shared)))
    }

    /// Hands committed events to the local rooms and the bus. Never waits or fails: lost events are read from the log.
    pub fn publish(&self, committed: Committed) {
        self.0.publish(committed);
    }

    /// Delivers committed notifications to the recipients' sockets, here and on other nodes. Never waits or fails: the
    /// next comparison with the database finds lost ones.
    pub fn deliver(&self, deliveries: &[Delivery]) {
        for Delivery { user, notification, replaces } in deliveries {
            let frame = match *replaces {
                None => NotificationFrame::new(notification),
                Some(replaces) => NotificationFrame::changed(notification, replaces),
            };
            self.notify(*user, frame);
        }
    }

    /// Sends a change of a user's notifications to their sockets, like [`deliver`](Self::deliver).
    pub fn notify(&self, user: UserId, frame: NotificationFrame) {
        self.0.bells().publish(user, frame);
    }

    /// Reports a changed capacity to the oversight pages of this node at once. Other nodes notice by comparing.
    pub fn capacity_changed(&self) {
        self.0.bells().invalidation().wake();
    }

    /// Closes the sockets whose access ended, here and on other nodes. Never waits or fails: each node also checks
    /// access periodically.
    pub fn revoke(&self, revocation: Revocation) {
        self.0.revoke(revocation);
    }

    /// Counts revocations, of this node and received from others. Cached access is valid only while this number stays
    /// the same.
    pub fn revocations(&self) -> u64 {
        self.0.revocations()
    }

    /// Whether events of other processes arrive. With Redis, a probe has proven it.
    pub fn ready(&self) -> bool {
        self.shared().bus.ready()
    }

    /// Whether a user's cursor from outside the log may rotate the log's epoch. If so, it may not do so again for some
    /// time.
    pub fn claim(&self, user: UserId, project: ProjectId) -> bool {
        let claims = &self.shared().claims;
        let allowed = claims.may_claim(user, project);
        if allowed {
            claims.record(user, project);
        }
        allowed
    }

    /// Compares a project's room with the log now, rather than within a second. Never waits.
    pub fn compare(&self, project: ProjectId) {
        let hub = Arc::clone(&self.0);
        tokio::spawn(async move { hub.compare(vec![project]).await });
    }

    /// Why no events arrive, in words for the operator, if known.
    pub fn trouble(&self) -> Option<String> {
        self.shared().bus.trouble()
    }

    /// The contents of `/health/realtime`.
    pub fn health(&self) -> Health {
        self.0.health()
    }

    /// Sends `bye` to every socket, and waits until all are closed, at most `limit`. Commits are still published until
    /// [`leave`](Self::leave).
    pub async fn stop(&self, limit: Duration) {
        self.0.stop(limit).await;
    }

    /// Leaves the bus once everything is published, or after `limit`.
    pub async fn leave(&self, limit: Duration) {
        self.0.leave(limit).await;
    }

    /// Counts a connection refused because there were too many.
    pub(crate) fn count_refused(&self) {
        Counters::add(&self.shared().counters.connections_refused, 1);
    }

    /// Counts a connection that did not send a complete request in time.
    pub(crate) fn count_unfinished(&self) {
        Counters::add(&self.shared().counters.requests_unfinished, 1);
    }

    fn hub(&self) -> &Arc<Hub> {
        &self.0
    }

    fn shared(&self) -> &Arc<RealtimeContext> {
        self.0.shared()
    }
}
