//! The rooms and sockets of this node.

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
    bus::{BusEvent, Listener, Note, Topic},
    frame, invalidation,
    log::{Listening, Top},
    outbox::Outbox,
    room::LiveRoom,
    sweeper,
};
use crate::supervisor::Importance;

/// Projects in one comparison with the database.
const CHUNK: usize = 1000;
/// The shortest time after which a stopped server's sockets come back.
const RETRY: Duration = Duration::from_millis(500);

/// The rooms and sockets of this node.
pub(super) struct Hub {
    shared: Arc<RealtimeContext>,
    /// A room exists while a [`RoomSubscription`] is in it.
    rooms: Mutex<HashMap<ProjectId, Pinned>>,
    bells: Arc<Bells>,
    sockets: Mutex<Sockets>,
    numbers: AtomicU64,
    /// Accesses that ended, as far as this node has heard.
    ended: AtomicU64,
    tracker: TaskTracker,
    stop: CancellationToken,
}

struct Pinned {
    room: Arc<LiveRoom>,
    seats: usize,
}

#[derive(Default)]
struct Sockets {
    open: HashMap<SocketId, Open>,
    stopping: bool,
}

struct Open {
    outbox: Arc<Outbox>,
    /// Whose it is and what for, once that is known.
    listening: Option<Listening>,
}

impl Hub {
    /// No rooms yet. Begins to hear of what other processes do.
    pub(super) fn start(shared: Arc<RealtimeContext>) -> Arc<Self> {
        let hub = Arc::new(Self {
            bells: Bells::new(Arc::clone(&shared)),
            shared,
            rooms: Mutex::default(),
            sockets: Mutex::default(),
            numbers: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        hub.shared.bus.start(Arc::new(HubListener(Arc::downgrade(&hub))));
        let Timing { sweep, bells, settle, pulse, access, quiet, .. } = hub.shared.timing;
        hub.sweep("sweeper", sweep, |hub| async move { hub.compare(hub.projects()).await });
        hub.sweep("bell check", bells, |hub| async move { hub.bells.check(hub.bells.users()).await });
        hub.sweep("bell settler", settle, |hub| async move { hub.bells.settle().await });
        let overseen = Arc::downgrade(hub.bells.pulse());
        hub.keep("pulse", move || invalidation::beat(overseen.clone(), pulse));
        hub.sweep("access check", access, |hub| async move { hub.check_access().await });
        hub.sweep("trimmer", quiet, |hub| async move { hub.trim_quiet_rooms() });
        hub
    }

    /// Keeps a task that looks at this hub now and then, until the hub stops or is gone.
    fn sweep<F>(self: &Arc<Self>, name: &'static str, every: Duration, look: fn(Arc<Self>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let hub = Arc::downgrade(self);
        self.keep(name, move || sweeper::rounds(hub.clone(), every, look));
    }

    /// Keeps a task until the hub stops.
    fn keep<F>(&self, name: &'static str, task: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (supervisor, stop) = (self.shared.supervisor.clone(), self.stop.clone());
        self.tracker.spawn(async move { supervisor.keep(name, Importance::Delivery, stop, task).await });
    }

    /// What every room and socket can reach.
    pub(super) fn shared(&self) -> &Arc<RealtimeContext> {
        &self.shared
    }

    /// The bells of this node.
    pub(super) fn bells(&self) -> &Arc<Bells> {
        &self.bells
    }

    /// Hands committed events to the local room, then to the bus.
    pub(super) fn publish(&self, committed: Committed) {
        if committed.events.is_empty() {
            return;
        }
        self.shared.fail_point.committed();
        self.shared.counters.committed(&committed.events);
        if let Some(room) = self.room(committed.project_id) {
            room.offer(committed.epoch, committed.events.clone());
        }
        self.bells.pulse().wake();
        self.shared.bus.publish(Note::Events(committed));
    }

    /// Takes a seat in a project's room, which is made if this is the first.
    pub(super) fn seat(self: &Arc<Self>, project: ProjectId, socket: SocketId) -> RoomSubscription {
        let mut rooms = locked(&self.rooms);
        let pinned = rooms.entry(project).or_insert_with(|| {
            // Within the lock, so that it cannot overtake the `unwatch` of the room before.
            self.shared.bus.watch(Topic::Board(project));
            Pinned { room: Arc::new(LiveRoom::new(project, Arc::clone(&self.shared))), seats: 0 }
        });
        pinned.seats += 1;
        RoomSubscription { hub: Arc::clone(self), room: Arc::clone(&pinned.room), project, socket }
    }

    /// Registers an open socket, until what is returned is dropped.
    pub(super) fn open(self: &Arc<Self>, wire: TcpStream) -> SocketEntry {
        let id = SocketId::new(self.numbers.fetch_add(1, Ordering::Relaxed));
        let outbox = Arc::new(Outbox::new(wire, Arc::clone(&self.shared.counters)));
        let mut sockets = locked(&self.sockets);
        if sockets.stopping {
            say_bye(&outbox, RETRY);
        }
        sockets.open.insert(id, Open { outbox: Arc::clone(&outbox), listening: None });
        drop(sockets);
        Counters::add(&self.shared.counters.opened, 1);
        SocketEntry { hub: Arc::clone(self), id, outbox, _running: self.tracker.token() }
    }

    /// How it is all doing.
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

    /// Says `bye` to every socket, each with another time to come back, and waits until all are
    /// closed, for `limit` at the most.
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

    /// Leaves the bus once all that was published went out, or after `limit`.
    pub(super) async fn leave(&self, limit: Duration) {
        if tokio::time::timeout(limit, self.shared.bus.flushed()).await.is_err() {
            tracing::warn!("some notes did not go out in time; other processes find out by themselves");
        }
        self.shared.bus.stop();
    }

    /// Compares rooms with the database; rooms that are behind read the log.
    pub(super) async fn compare(&self, projects: Vec<ProjectId>) {
        for projects in projects.chunks(CHUNK) {
            // Before the database is asked: what a room has by then is in every answer of the same log.
            let asked_at: HashMap<ProjectId, LogPlace> =
                projects.iter().filter_map(|project| Some((*project, self.room(*project)?.position()?))).collect();
            let Ok(tops) = self.shared.log.tops(projects).await else {
                // Rooms that are behind find out at the next event, or the next comparison.
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

    /// The projects that have a room here.
    pub(super) fn projects(&self) -> Vec<ProjectId> {
        locked(&self.rooms).keys().copied().collect()
    }

    /// Lets rooms in which nothing happened since the last time give back what they keep.
    pub(super) fn trim_quiet_rooms(&self) {
        let rooms: Vec<_> = locked(&self.rooms).values().map(|pinned| Arc::clone(&pinned.room)).collect();
        for room in rooms {
            room.take_quiet();
        }
    }

    fn room(&self, project: ProjectId) -> Option<Arc<LiveRoom>> {
        locked(&self.rooms).get(&project).map(|pinned| Arc::clone(&pinned.room))
    }
}

/// What the bus calls. Weak, so that a bus does not keep a hub alive.
struct HubListener(Weak<Hub>);

impl Listener for HubListener {
    fn hear(&self, heard: BusEvent) {
        let Some(hub) = self.0.upgrade() else { return };
        match heard {
            BusEvent::Note(Note::Events(Committed { project_id, epoch, events })) => {
                hub.bells.pulse().wake();
                if let Some(room) = hub.room(project_id) {
                    room.offer(epoch, events);
                }
            }
            BusEvent::Note(Note::Grown { project_id, epoch, to, .. }) => {
                if let Some(room) = hub.room(project_id) {
                    room.compare(Some((epoch, to)));
                }
            }
            BusEvent::Note(Note::Revoked(revocation)) => hub.expel(&revocation),
            BusEvent::Note(Note::Bell { user_id, rung }) => hub.bells.ring(user_id, &rung),
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
            BusEvent::Hearing => drop(tokio::spawn(async move { hub.check_access().await })),
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
