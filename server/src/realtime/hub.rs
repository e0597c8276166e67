//! The rooms and sockets of this process.

mod access;
mod subscription;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use engine::{
    ProjectId,
    room::{LogPlace, SocketId},
    wire::close,
};
use tokio::net::TcpStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(super) use subscription::{RoomSubscription, SocketEntry};

use super::{
    Committed, Counters, Health, RealtimeContext, Timing,
    bell::Bells,
    bus::{BusEvent, BusMessage, Listener, Topic},
    frame, invalidation,
    log::{Listening, Top},
    outbox::Outbox,
    room::LiveRoom,
    sweeper,
};
use crate::supervisor::Importance;

/// Projects per comparison with the database.
const CHUNK: usize = 1000;
/// Shortest delay before the clients of a stopped server reconnect.
const RETRY: Duration = Duration::from_millis(500);

/// The rooms and sockets of this process.
pub(super) struct Hub {
    shared: Arc<RealtimeContext>,
    /// A room exists while it has a [`RoomSubscription`].
    rooms: Mutex<HashMap<ProjectId, RoomEntry>>,
    bells: Arc<Bells>,
    sockets: Mutex<Sockets>,
    next_id: AtomicU64,
    /// Revocations, of this process and received from others.
    revocations: AtomicU64,
    tracker: TaskTracker,
    stop: CancellationToken,
}

struct RoomEntry {
    room: Arc<LiveRoom>,
    subscriptions: usize,
}

#[derive(Default)]
struct Sockets {
    open: HashMap<SocketId, SocketInfo>,
    stopping: bool,
}

struct SocketInfo {
    outbox: Arc<Outbox>,
    /// The subscription, once the user is known.
    listening: Option<Listening>,
}

impl Hub {
    /// Starts without rooms, and listens to the bus.
    pub(super) fn start(shared: Arc<RealtimeContext>) -> Arc<Self> {
        let hub = Arc::new(Self {
            bells: Bells::new(Arc::clone(&shared)),
            shared,
            rooms: Mutex::default(),
            sockets: Mutex::default(),
            next_id: AtomicU64::new(0),
            revocations: AtomicU64::new(0),
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        hub.shared.bus.start(Arc::new(HubListener(Arc::downgrade(&hub))));
        let Timing { sweep, bells, bell_recheck, oversight, access, quiet, .. } = hub.shared.timing;
        hub.run_every("sweeper", sweep, |hub| async move { hub.compare(hub.projects()).await });
        hub.run_every("bell check", bells, |hub| async move { hub.bells.check(hub.bells.users()).await });
        hub.run_every("bell settler", bell_recheck, |hub| async move { hub.bells.check_doubtful().await });
        let overseen = Arc::downgrade(hub.bells.invalidation());
        hub.supervise("pulse", move || invalidation::run(overseen.clone(), oversight));
        hub.run_every("access check", access, |hub| async move { hub.check_access().await });
        hub.run_every("trimmer", quiet, |hub| async move { hub.trim_quiet_rooms() });
        hub
    }

    /// Runs a check of this hub periodically, until the hub stops or is dropped.
    fn run_every<F>(self: &Arc<Self>, name: &'static str, every: Duration, check: fn(Arc<Self>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let hub = Arc::downgrade(self);
        self.supervise(name, move || sweeper::run_periodically(hub.clone(), every, check));
    }

    /// Runs a supervised task until the hub stops.
    fn supervise<F>(&self, name: &'static str, task: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (supervisor, stop) = (self.shared.supervisor.clone(), self.stop.clone());
        self.tracker.spawn(async move { supervisor.supervise(name, Importance::Delivery, stop, task).await });
    }

    /// State shared by all rooms and sockets.
    pub(super) fn shared(&self) -> &Arc<RealtimeContext> {
        &self.shared
    }

    /// The notification channels of this process.
    pub(super) fn bells(&self) -> &Arc<Bells> {
        &self.bells
    }

    /// Hands committed events to the local room and the bus.
    pub(super) fn publish(&self, committed: Committed) {
        if committed.events.is_empty() {
            return;
        }
        self.shared.fail_point.committed();
        self.shared.counters.committed(&committed.events);
        if let Some(room) = self.room(committed.project_id) {
            room.offer(committed.epoch, committed.events.clone());
        }
        self.bells.invalidation().wake();
        self.shared.bus.publish(BusMessage::Events(committed));
    }

    /// Subscribes a socket to a project's room. Creates the room for the first one.
    pub(super) fn subscribe(self: &Arc<Self>, project: ProjectId, socket: SocketId) -> RoomSubscription {
        let mut rooms = locked(&self.rooms);
        let entry = rooms.entry(project).or_insert_with(|| {
            // Under the lock, so that it cannot overtake the previous room's `unwatch`.
            self.shared.bus.watch(Topic::Board(project));
            RoomEntry { room: Arc::new(LiveRoom::new(project, Arc::clone(&self.shared))), subscriptions: 0 }
        });
        entry.subscriptions += 1;
        RoomSubscription { hub: Arc::clone(self), room: Arc::clone(&entry.room), project, socket }
    }

    /// Registers an open socket until the returned entry is dropped.
    pub(super) fn open(self: &Arc<Self>, wire: TcpStream) -> SocketEntry {
        let id = SocketId::new(self.next_id.fetch_add(1, Ordering::Relaxed));
        let outbox = Arc::new(Outbox::new(wire, Arc::clone(&self.shared.counters)));
        let mut sockets = locked(&self.sockets);
        if sockets.stopping {
            say_bye(&outbox, RETRY);
        }
        sockets.open.insert(id, SocketInfo { outbox: Arc::clone(&outbox), listening: None });
        drop(sockets);
        Counters::add(&self.shared.counters.opened, 1);
        SocketEntry { hub: Arc::clone(self), id, outbox, _running: self.tracker.token() }
    }

    /// A snapshot for `/health/realtime`.
    pub(super) fn health(&self) -> Health {
        let (connections, queue_bytes) = {
            let sockets = locked(&self.sockets);
            (sockets.open.len(), sockets.open.values().map(|open| open.outbox.bytes()).sum())
        };
        let unpublished = self.shared.bus.unpublished();
        Health {
            connections,
            queue_bytes,
            delivering: self.shared.bus.ready(),
            unpublished_ms: u64::try_from(unpublished.as_millis()).unwrap_or(u64::MAX),
            rooms: locked(&self.rooms).len(),
            bus: self.shared.bus.state(),
            proof: self.shared.bus.proof(),
            tasks_restarted: self.shared.supervisor.panics(),
            counts: self.shared.counters.read(),
        }
    }

    /// Sends `bye` to every socket, each with a different delay, and waits until all are closed, at most `limit`.
    pub(super) async fn stop(&self, limit: Duration) {
        self.stop.cancel();
        {
            let mut sockets = locked(&self.sockets);
            sockets.stopping = true;
            let count = u32::try_from(sockets.open.len()).unwrap_or(u32::MAX).max(1);
            for (index, open) in (0_u32..).zip(sockets.open.values()) {
                say_bye(&open.outbox, RETRY + self.shared.timing.spread.mul_f64(f64::from(index) / f64::from(count)));
            }
        }
        self.tracker.close();
        if tokio::time::timeout(limit, self.tracker.wait()).await.is_err() {
            tracing::warn!(left = self.tracker.len(), "some sockets did not close in time");
        }
    }

    /// Leaves the bus once everything is published, or after `limit`.
    pub(super) async fn leave(&self, limit: Duration) {
        if tokio::time::timeout(limit, self.shared.bus.flushed()).await.is_err() {
            tracing::warn!("some notes did not go out in time; other processes find out by themselves");
        }
        self.shared.bus.stop();
    }

    /// Compares rooms with the database; rooms that are behind read the log.
    pub(super) async fn compare(&self, projects: Vec<ProjectId>) {
        for projects in projects.chunks(CHUNK) {
            // Read before the query: the room's position is then in every answer about the same log.
            let asked_at: HashMap<ProjectId, LogPlace> =
                projects.iter().filter_map(|project| Some((*project, self.room(*project)?.position()?))).collect();
            let Ok(tops) = self.shared.log.tops(projects).await else {
                // Rooms that are behind notice at the next event or comparison.
                return;
            };
            let tops: HashMap<ProjectId, Top> = tops.into_iter().map(|top| (top.project, top)).collect();
            for project in projects {
                let Some(room) = self.room(*project) else { continue };
                match tops.get(project) {
                    Some(top) => room.compared(asked_at.get(project).copied(), top.place, top.last),
                    None => room.compare(None),
                }
            }
        }
    }

    /// The projects with a room in this process.
    pub(super) fn projects(&self) -> Vec<ProjectId> {
        locked(&self.rooms).keys().copied().collect()
    }

    /// Lets rooms release their buffers if nothing happened since the last call.
    pub(super) fn trim_quiet_rooms(&self) {
        let rooms: Vec<_> = locked(&self.rooms).values().map(|entry| Arc::clone(&entry.room)).collect();
        for room in rooms {
            room.take_quiet();
        }
    }

    fn room(&self, project: ProjectId) -> Option<Arc<LiveRoom>> {
        locked(&self.rooms).get(&project).map(|entry| Arc::clone(&entry.room))
    }
}

/// Receives bus events. Weak, so that the bus does not keep the hub alive.
struct HubListener(Weak<Hub>);

impl Listener for HubListener {
    fn on_event(&self, event: BusEvent) {
        let Some(hub) = self.0.upgrade() else { return };
        match event {
            BusEvent::Message(BusMessage::Events(Committed { project_id, epoch, events })) => {
                hub.bells.invalidation().wake();
                if let Some(room) = hub.room(project_id) {
                    room.offer(epoch, events);
                }
            }
            BusEvent::Message(BusMessage::Grown { project_id, epoch, to, .. }) => {
                if let Some(room) = hub.room(project_id) {
                    room.compare(Some((epoch, to)));
                }
            }
            BusEvent::Message(BusMessage::Revoked(revocation)) => hub.expel(&revocation),
            BusEvent::Message(BusMessage::Bell { user_id, frame }) => hub.bells.notify(user_id, &frame),
            BusEvent::Watching(topics) => {
                let (mut projects, mut users) = (Vec::new(), Vec::new());
                for topic in topics {
                    match topic {
                        Topic::Board(project) => projects.push(project),
                        Topic::Bell(user) => users.push(user),
                    }
                }
                tokio::spawn(async move { tokio::join!(hub.compare(projects), hub.bells.check(users)) });
            }
            BusEvent::Connected => drop(tokio::spawn(async move { hub.check_access().await })),
        }
    }
}

fn say_bye(outbox: &Outbox, retry: Duration) {
    let reason = "the server is going away";
    let retry_ms = u64::try_from(retry.as_millis()).unwrap_or(u64::MAX);
    outbox.push_lossy(frame::bye(close::GOING_AWAY, reason, retry_ms));
    outbox.close(close::GOING_AWAY, reason);
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
