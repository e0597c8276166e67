//! From a committed event to every open browser.
//!
//! ```text
//! service → Realtime::publish → hub → room → outbox → courier, or line (the socket's task)
//!                                └→ bus → other processes' hubs
//!
//! room      sockets, reads and timers around the       presence   who is here (pure)
//!           room that decides: engine::room (pure)     heartbeat  pings (pure)
//! outbox    a socket's bounded queue                   frame      what is written
//! bus       local · redis                              log        what is read from the database
//! bell      what a user is told                        inbox      what of it is in the database
//! revocation access that ended                        pulse      what somebody oversees may have changed
//! socket    from a request to an open socket           token      who may open one
//! scope     who has which task open (pure)             sweeper    what nobody said
//! rung      what became of a notification              health     how it is all doing
//! presence_filter  presence only for tasks of the board (pure)
//! fail_point a crash, for tests                      counters   what happened
//! alarm     sleeps until something is due
//! ```
//!
//! The log in the database is the truth: everything here may lose what it holds without losing a
//! change. A room delivers its log without a gap, or says `resync`.

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
pub use counters::{Closes, Counters, Counts, Durations, Kinds};
use fail_point::FailPoint;
pub use health::Health;
use hub::Hub;
pub use inbox::{Inbox, Newest, OversightVersion, Tally};
pub use log::{Access, Listening, Log, LogPage, LogUnavailable, Logged, SessionId, ThreadAsk, ThreadChanges, Top};
pub use notification_frame::NotificationFrame;
pub use revocation::Revocation;
pub(crate) use socket::{Asker, SocketPurpose, SocketQuery, Upgrade, Who};
pub use timing::Timing;

use crate::{
    quota::{AddressQuota, Quota},
    supervisor::Supervisor,
    write_tasks::WriteTasks,
};

/// Events of one transaction that was committed.
#[derive(Clone, Debug)]
pub struct Committed {
    /// In whose log.
    pub project_id: ProjectId,
    /// Of which log.
    pub epoch: Epoch,
    /// In order, without a gap.
    pub events: Vec<Logged>,
}

/// How the sockets and the bus run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Redis, which carries events between processes; without it there is one process.
    pub redis_url: Option<String>,
    /// A file with the authorities that the certificate of Redis is proven to; the system's without it.
    pub redis_ca: Option<PathBuf>,
    /// How much one client may ask for.
    pub limits: Limits,
    /// The version of the page's assets: a page of another one is too old.
    pub build: Option<String>,
    /// Intervals and time-outs.
    pub timing: Timing,
    /// For tests: the commit before whose note the process dies.
    pub die_after_commits: Option<NonZeroU32>,
    /// Runs the tasks of the rooms and the bus.
    pub supervisor: Supervisor,
    /// The writes under way.
    pub writes: WriteTasks,
}

/// How much one client may ask for. 0 is no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Frames a second from a socket.
    pub frames: u32,
    /// Sockets of a user.
    pub sockets_per_user: u32,
    /// Signed-in sockets of an address.
    pub sockets_per_address: u32,
    /// Sockets that are not signed in yet.
    pub pending_sockets: u32,
    /// The same of an address.
    pub pending_sockets_per_address: u32,
}

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum RedisConfigError {
    /// The Redis URL is none.
    #[error("the Redis URL cannot be used: {0}")]
    RedisUrl(String),
    /// The file with the authorities for Redis holds none, or is not used.
    #[error("LOCKSTEP_REDIS_CA cannot be used: {0}: {1}")]
    RedisCa(String, String),
}

/// The way in for the rest of the server. Cheap to clone.
#[derive(Clone)]
pub struct Realtime(Arc<Hub>);

/// What every room and socket can reach.
pub(crate) struct RealtimeContext {
    log: Arc<dyn Log>,
    inbox: Arc<dyn Inbox>,
    bus: Arc<dyn Bus>,
    timing: Timing,
    counters: Arc<Counters>,
    /// Frames that a socket may send a second, or 0.
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
    /// When the Redis URL is none. A Redis that does not answer is no error: it is tried again.
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
        Ok(Self::with(log, inbox, bus, settings, counters))
    }

    /// Starts the rooms on a bus of one's own.
    pub fn on_bus(log: Arc<dyn Log>, inbox: Arc<dyn Inbox>, bus: Arc<dyn Bus>, timing: Timing) -> Self {
        Self::with(log, inbox, bus, Settings { timing, ..Settings::default() }, Arc::default())
    }

    fn with(
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

    /// Hands committed events to the local rooms and then to the bus. Never waits, never fails:
    /// what gets lost on the way is read from the log.
    pub fn publish(&self, committed: Committed) {
        self.0.publish(committed);
    }

    /// Hands committed notifications to the bells of those who are told, here and on every other node. Never waits,
    /// never fails: what gets lost on the way is found by the next comparison.
    pub fn tell(&self, told: &[Delivery]) {
        for Delivery { user, notification, replaces } in told {
            let rung = match *replaces {
                None => NotificationFrame::new(notification),
                Some(replaces) => NotificationFrame::changed(notification, replaces),
            };
            self.ring(*user, rung);
        }
    }

    /// Passes on what became of a user's notifications, as [`tell`](Self::tell) does.
    pub fn ring(&self, user: UserId, rung: NotificationFrame) {
        self.0.bells().publish(user, rung);
    }

    /// Says that somebody's capacity was changed: to those who oversee here, at once. Other nodes compare.
    pub fn capacity_changed(&self) {
        self.0.bells().pulse().wake();
    }

    /// Closes the sockets of an access that ended, here and on every other node. Never waits, never
    /// fails: each node also finds out by itself.
    pub fn revoke(&self, revocation: Revocation) {
        self.0.revoke(revocation);
    }

    /// How many accesses have ended, here and on every other node that this one has heard of: what was found out
    /// before counts no more once it changes.
    pub fn ended(&self) -> u64 {
        self.0.ended()
    }

    /// Whether events reach this process: through Redis, proven by a probe, where there is one.
    pub fn ready(&self) -> bool {
        self.shared().bus.ready()
    }

    /// Whether a user's cursor, which is not in a project's log, may make the log another one now. If so, it may not
    /// do so again for some time.
    pub fn claim(&self, user: UserId, project: ProjectId) -> bool {
        let claims = &self.shared().claims;
        let may = claims.may(user, project);
        if may {
            claims.made(user, project);
        }
        may
    }

    /// Compares a project's room here with the log, now rather than within the second. Never waits.
    pub fn compare(&self, project: ProjectId) {
        let hub = Arc::clone(&self.0);
        tokio::spawn(async move { hub.compare(vec![project]).await });
    }

    /// Why no events reach this process, in words for the operator, where that is known.
    pub fn trouble(&self) -> Option<String> {
        self.shared().bus.trouble()
    }

    /// What `/health/realtime` shows.
    pub fn health(&self) -> Health {
        self.0.health()
    }

    /// Says `bye` to every socket and waits until they are closed, for `limit` at the most. Other processes are
    /// still told of what is committed, until [`leave`](Self::leave).
    pub async fn stop(&self, limit: Duration) {
        self.0.stop(limit).await;
    }

    /// Leaves the bus once all that was published went out, or after `limit`.
    pub async fn leave(&self, limit: Duration) {
        self.0.leave(limit).await;
    }

    /// Counts a connection that was refused because there were too many.
    pub(crate) fn count_refused(&self) {
        Counters::add(&self.shared().counters.connections_refused, 1);
    }

    /// Counts a connection that did not send a whole request in time.
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
