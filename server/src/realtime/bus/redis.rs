//! The bus over Redis Pub/Sub, with one connection to subscribe and one to publish. The channels are
//! `project:{id}:tasks` and `notifications:{user id}`.
//!
//! Redis stores nothing that the log lacks. Writes never wait for it: messages go through a bounded queue, and those
//! that don't fit are replaced by one [`BusMessage::Grown`] per project, sent later.

mod publisher;
mod subscriber;
mod tls;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use engine::{Epoch, ProjectId};
use futures_util::future::BoxFuture;
use redis::{AsyncConnectionConfig, Client, RedisResult};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::tls::client;
use super::{Bus, BusMessage, BusState, Listener, Proof, Topic, Watch, payload};
use crate::{
    realtime::{Committed, Counters, Revocation},
    supervisor::{Importance, Supervisor},
};

/// Messages that may wait for Redis.
const QUEUE: usize = 4096;
/// The channel that every process subscribes to.
const REVOCATIONS: &str = "revocations";
/// How long Redis may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// The bus over Redis Pub/Sub.
pub struct RedisBus {
    shared: Arc<Shared>,
    queue: Mutex<Option<mpsc::Receiver<Outgoing>>>,
}

struct Shared {
    client: Client,
    instance: Uuid,
    probe: Duration,
    queue: mpsc::Sender<Outgoing>,
    /// The messages that did not fit into the queue: how far each log has grown.
    overflow: Mutex<HashMap<ProjectId, (Epoch, u64)>>,
    wanted: Mutex<HashSet<Topic>>,
    wanted_changed: Notify,
    /// Since when the next message has been waiting.
    unpublished: Mutex<Option<Instant>>,
    /// The connection looks fine but does not deliver: reconnect.
    reconnect: Notify,
    state: AtomicU8,
    probes_sent: AtomicU64,
    proof: Mutex<Option<Proof>>,
    /// Why the subscription failed.
    trouble: Mutex<Option<String>>,
    counters: Arc<Counters>,
    supervisor: Supervisor,
    stop: CancellationToken,
}

enum Outgoing {
    Message(BusMessage),
    Probe(u64),
    /// Dropped once everything queued before it is published.
    #[expect(dead_code, reason = "it is waited for by its drop")]
    Flush(oneshot::Sender<()>),
}

impl RedisBus {
    /// Creates a bus that connects once it is started.
    pub fn new(client: Client, probe: Duration, counters: Arc<Counters>, supervisor: Supervisor) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let shared = Shared {
            client,
            instance: Uuid::new_v4(),
            probe,
            queue: sender,
            overflow: Mutex::default(),
            wanted: Mutex::default(),
            wanted_changed: Notify::new(),
            unpublished: Mutex::default(),
            reconnect: Notify::new(),
            state: AtomicU8::new(BusState::Disconnected as u8),
            probes_sent: AtomicU64::new(0),
            proof: Mutex::default(),
            trouble: Mutex::default(),
            counters,
            supervisor,
            stop: CancellationToken::new(),
        };
        Self { shared: Arc::new(shared), queue: Mutex::new(Some(receiver)) }
    }
}

impl Bus for RedisBus {
    fn start(&self, listener: Arc<dyn Listener>) {
        let Some(queue) = locked(&self.queue).take() else { return };
        let (shared, queue) = (Arc::clone(&self.shared), Arc::new(tokio::sync::Mutex::new(queue)));
        let (stop, supervisor) = (shared.stop.clone(), shared.supervisor.clone());
        tokio::spawn(async move {
            let publish = move || publisher::run(Arc::clone(&shared), Arc::clone(&queue));
            supervisor.supervise("redis publisher", Importance::Delivery, stop, publish).await;
        });
        let shared = Arc::clone(&self.shared);
        let (stop, supervisor) = (shared.stop.clone(), shared.supervisor.clone());
        tokio::spawn(async move {
            let subscribe = move || subscriber::run(Arc::clone(&shared), Arc::clone(&listener));
            supervisor.supervise("redis subscriber", Importance::Delivery, stop, subscribe).await;
        });
    }

    fn publish(&self, message: BusMessage) {
        let message = announce_large(message);
        if let Err(error) = self.shared.queue.try_send(Outgoing::Message(message))
            && let Outgoing::Message(message) = error.into_inner()
        {
            Counters::add(&self.shared.counters.bus_overflow, 1);
            self.shared.record_overflow(&message);
        }
    }

    fn watch(&self, topic: Topic) -> Watch {
        locked(&self.shared.wanted).insert(topic);
        self.shared.wanted_changed.notify_one();
        Watch::Later
    }

    fn unwatch(&self, topic: Topic) {
        locked(&self.shared.wanted).remove(&topic);
        self.shared.wanted_changed.notify_one();
    }

    fn state(&self) -> BusState {
        self.shared.state()
    }

    fn proof(&self) -> Option<Proof> {
        *locked(&self.shared.proof)
    }

    fn trouble(&self) -> Option<String> {
        locked(&self.shared.trouble).clone()
    }

    fn unpublished(&self) -> Duration {
        locked(&self.shared.unpublished).map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn flushed(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let (sender, gone) = oneshot::channel();
            if self.shared.queue.send(Outgoing::Flush(sender)).await.is_ok() {
                // Dropped unsent if the publisher failed: then there is nothing to wait for either.
                let _ = gone.await;
            }
        })
    }

    fn stop(&self) {
        self.shared.stop.cancel();
    }
}

impl Shared {
    fn state(&self) -> BusState {
        match self.state.load(Ordering::Relaxed) {
            state if state == BusState::Delivering as u8 => BusState::Delivering,
            state if state == BusState::Connected as u8 => BusState::Connected,
            _ => BusState::Disconnected,
        }
    }

    fn set_state(&self, state: BusState) {
        let before = self.state.swap(state as u8, Ordering::Relaxed);
        if before != state as u8 {
            tracing::info!(?state, "redis");
        }
    }

    /// Records how far a log has grown, for a message that could not be queued.
    fn record_overflow(&self, message: &BusMessage) {
        let (project_id, epoch, to) = match message {
            BusMessage::Events(Committed { project_id, epoch, events }) => {
                (*project_id, *epoch, events.last().map_or(0, |event| event.seq))
            }
            BusMessage::Grown { project_id, epoch, to, .. } => (*project_id, *epoch, *to),
            // Other nodes notice these by comparing with the database.
            BusMessage::Bell { .. } | BusMessage::Revoked(_) => return,
        };
        let mut overflow = locked(&self.overflow);
        let entry = overflow.entry(project_id).or_insert((epoch, to));
        *entry = if entry.0 == epoch { (epoch, to.max(entry.1)) } else { (epoch, to) };
    }
}

/// Publishes a revocation from a process without a bus.
///
/// # Errors
/// When Redis does not accept it in time. Other processes notice by comparing.
pub async fn announce(client: &Client, revocation: Revocation) -> RedisResult<()> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(ANSWER)).set_response_timeout(Some(ANSWER));
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    let message = BusMessage::Revoked(revocation);
    let payload = payload::encode(Uuid::new_v4(), &message);
    redis::pipe().publish(channel_of(&message), payload).ignore().exec_async(&mut connection).await
}

fn announce_large(message: BusMessage) -> BusMessage {
    match message {
        BusMessage::Events(committed) => {
            let size: usize = committed.events.iter().map(|event| event.frame.len()).sum();
            match (committed.events.first(), committed.events.last()) {
                (Some(first), Some(last)) if size > payload::LARGE => BusMessage::Grown {
                    project_id: committed.project_id,
                    epoch: committed.epoch,
                    from: first.seq,
                    to: last.seq,
                },
                _ => BusMessage::Events(committed),
            }
        }
        other @ (BusMessage::Grown { .. } | BusMessage::Bell { .. } | BusMessage::Revoked(_)) => other,
    }
}

/// The channel of a message.
fn channel_of(message: &BusMessage) -> String {
    message.topic().map_or_else(|| REVOCATIONS.to_owned(), channel)
}

fn channel(topic: Topic) -> String {
    match topic {
        Topic::Board(project) => format!("project:{project}:tasks"),
        Topic::Bell(user) => format!("notifications:{user}"),
    }
}

fn topic_of(channel: &str) -> Option<Topic> {
    if let Some(user) = channel.strip_prefix("notifications:") {
        return user.parse().ok().map(Topic::Bell);
    }
    channel.strip_prefix("project:")?.strip_suffix(":tasks")?.parse().ok().map(Topic::Board)
}

fn probe_channel(instance: Uuid) -> String {
    format!("probe:{instance}")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
