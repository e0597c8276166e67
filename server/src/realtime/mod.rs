//! From a committed event to every open browser.
//!
//! ```text
//! service → Realtime::publish → hub → room → outbox → line (the socket's task)
//!                                └→ bus → other processes' hubs
//!
//! room      sockets, reads and timers around the       presence   who is here (pure)
//!           room that decides: engine::room (pure)     heartbeat  pings (pure)
//! outbox    a socket's bounded queue                   frame      what is written
//! bus       local · redis                              log        what is read from the database
//! socket    endpoints                                  token      who may open them
//! sweeper   what nobody said                           supervisor tasks that outlive a panic
//! ```
//!
//! The log in the database is the truth: everything here may lose what it holds without losing a
//! change. A room delivers its log without a gap, or says `resync`.

mod backoff;
pub mod bus;
mod counters;
mod frame;
mod heartbeat;
mod hub;
mod line;
mod log;
mod outbox;
mod presence;
mod room;
mod socket;
mod supervisor;
mod sweeper;
mod timing;
pub mod token;

use std::{sync::Arc, time::Duration};

use engine::{Epoch, ProjectId};

use bus::{Bus, local::LocalNetwork, redis::RedisBus};
pub use counters::{Counters, Counts, Health};
use hub::Hub;
pub use log::{Log, LogPage, LogUnavailable, Logged, Top};
pub use socket::router;
pub use timing::Timing;

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
    /// Intervals and time-outs.
    pub timing: Timing,
}

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The Redis URL is none.
    #[error("the Redis URL cannot be used: {0}")]
    RedisUrl(String),
}

/// The way in for the rest of the server. Cheap to clone.
#[derive(Clone)]
pub struct Realtime(Arc<Hub>);

/// What every room and socket can reach.
pub(crate) struct Shared {
    log: Arc<dyn Log>,
    bus: Arc<dyn Bus>,
    timing: Timing,
    counters: Arc<Counters>,
}

impl Realtime {
    /// Starts the rooms and the bus on the current runtime.
    ///
    /// # Errors
    /// When the Redis URL is none. A Redis that does not answer is no error: it is tried again.
    pub fn start(log: Arc<dyn Log>, settings: Settings) -> Result<Self, StartError> {
        let Settings { redis_url, timing } = settings;
        let counters = Arc::new(Counters::default());
        let bus: Arc<dyn Bus> = match redis_url {
            Some(url) => Arc::new(RedisBus::new(&url, timing.probe, Arc::clone(&counters))?),
            None => Arc::new(LocalNetwork::default().join()),
        };
        Ok(Self::with(log, bus, timing, counters))
    }

    /// Starts the rooms on a bus of one's own.
    pub fn on_bus(log: Arc<dyn Log>, bus: Arc<dyn Bus>, timing: Timing) -> Self {
        Self::with(log, bus, timing, Arc::default())
    }

    fn with(log: Arc<dyn Log>, bus: Arc<dyn Bus>, timing: Timing, counters: Arc<Counters>) -> Self {
        Self(Hub::start(Arc::new(Shared { log, bus, timing, counters })))
    }

    /// Hands committed events to the local rooms and then to the bus. Never waits, never fails:
    /// what gets lost on the way is read from the log.
    pub fn publish(&self, committed: Committed) {
        self.0.publish(committed);
    }

    /// Whether events reach this process: through Redis, proven by a probe, where there is one.
    pub fn ready(&self) -> bool {
        self.shared().bus.ready()
    }

    /// What `/health/realtime` shows.
    pub fn health(&self) -> Health {
        self.0.health()
    }

    /// Says `bye` to every socket and waits until they are closed, for `limit` at the most.
    pub async fn stop(&self, limit: Duration) {
        self.0.stop(limit).await;
    }

    fn hub(&self) -> &Arc<Hub> {
        &self.0
    }

    fn shared(&self) -> &Arc<Shared> {
        self.0.shared()
    }
}
