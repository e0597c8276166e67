//! Events that were never published, or lost by Redis, are delivered all the same, and soon.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use engine::{Comment, CommentId, Epoch, ProjectId, TaskId, room::Located};
use futures_util::future::BoxFuture;
use server::{
    realtime::{
        Access, Listening, Log, LogPage, LogUnavailable, ThreadAsk, ThreadChanges, Timing, Top,
        bus::local::LocalNetwork,
    },
    store::Store,
};
use tokio::task::JoinSet;

use super::{
    board, node, pair, rename,
    socket::{Seen, Socket},
    until,
};
use crate::harness::{Client, Db, RedisServer, TestServer, on_both_databases};

/// A second for the sweep, and as much again for a busy machine.
const SOON: Duration = Duration::from_secs(3);

/// The store, with counted comparisons, one of which fails.
struct Watched {
    store: Store,
    panic: AtomicBool,
    /// The next read of the log's end, and the next page, panic.
    panic_reads: [AtomicBool; 2],
    comparisons: AtomicUsize,
}

impl Log for Watched {
    fn tops<'a>(&'a self, projects: &'a [ProjectId]) -> BoxFuture<'a, Result<Vec<Top>, LogUnavailable>> {
        assert!(!self.panic.swap(false, Ordering::Relaxed), "on purpose");
        self.comparisons.fetch_add(1, Ordering::Relaxed);
        self.store.tops(projects)
    }

    fn since(
        &self,
        project: ProjectId,
        since: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<LogPage>, LogUnavailable>> {
        assert!(!self.panic_reads[1].swap(false, Ordering::Relaxed), "on purpose");
        self.store.since(project, since, limit)
    }

    fn locate(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Located>, LogUnavailable>> {
        assert!(!self.panic_reads[0].swap(false, Ordering::Relaxed), "on purpose");
        self.store.locate(project)
    }

    fn rotate_epoch(&self, project: ProjectId, only: Epoch) -> BoxFuture<'_, Result<(), LogUnavailable>> {
        Log::rotate_epoch(&self.store, project, only)
    }

    fn access<'a>(&'a self, listening: &'a [Listening]) -> BoxFuture<'a, Result<Vec<Access>, LogUnavailable>> {
        Log::access(&self.store, listening)
    }

    fn thread(&self, ask: ThreadAsk) -> BoxFuture<'_, Result<Option<ThreadChanges>, LogUnavailable>> {
        Log::thread(&self.store, ask)
    }

    fn on_board<'a>(
        &'a self,
        project: ProjectId,
        tasks: &'a [TaskId],
    ) -> BoxFuture<'a, Result<Vec<TaskId>, LogUnavailable>> {
        Log::on_board(&self.store, project, tasks)
    }

    fn comments<'a>(&'a self, ids: &'a [CommentId]) -> BoxFuture<'a, Result<Vec<Comment>, LogUnavailable>> {
        Log::comments(&self.store, ids)
    }
}

async fn join(addr: std::net::SocketAddr, client: &Client, project: ProjectId) -> (Socket, Seen) {
    let mut socket = Socket::board(addr, client, project, "").await;
    let mut seen = Seen::default();
    seen.take(socket.frame().await);
    (socket, seen)
}

async fn write(client: &Client, task: TaskId, count: usize) {
    for number in 0..count {
        rename(client, task, &format!("{number}")).await;
    }
}

on_both_databases! {
    async fn a_node_without_messages_catches_up_within_seconds(db: Db) {
        let server = TestServer::start(db).await;
        // Neither receives messages of the other: as after a crash between commit and publication, or without Redis.
        let other = server.beside(Timing::default(), |_| ()).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let (mut socket, mut seen) = join(other.addr(), &ann, project).await;
        let start = seen.seq();
        for round in 1..=2 {
            write(&ann, task, 20).await;
            let written = Instant::now();
            seen.read_to(&mut socket, start + 20 * round).await;
            assert!(written.elapsed() < SOON, "{:?}", written.elapsed());
        }
        assert_eq!((seen.events.len(), seen.resyncs.len()), (40, 0));
    }

    async fn all_rooms_are_compared_by_one_query_and_a_panic_is_survived(db: Db) {
        let server = TestServer::start(db).await;
        let log = Arc::new(Watched {
            store: server.state().services.store.clone(), panic: AtomicBool::new(true), panic_reads: Default::default(), comparisons: AtomicUsize::new(0),
        });
        let timing = Timing { sweep: Duration::from_millis(100), ..Timing::default() };
        let (addr, realtime) = node(&server, log.clone(), LocalNetwork::default().join(), timing).await;
        let ann = server.person("ann").await;
        let mut rooms = Vec::new();
        for _ in 0..10 {
            let (project, task) = board(&ann).await;
            rooms.push((join(addr, &ann, project).await, task));
        }
        until("the failed comparison is made again", async || realtime.health().tasks_restarted == 1).await;
        let (started, before) = (Instant::now(), log.comparisons.load(Ordering::Relaxed));
        for ((socket, seen), task) in &mut rooms {
            write(&ann, *task, 1).await;
            let end = seen.seq() + 1;
            seen.read_to(socket, end).await;
        }
        let rounds = started.elapsed().as_millis() as usize / 100 + 2;
        let compared = log.comparisons.load(Ordering::Relaxed) - before;
        assert!(compared <= rounds, "{compared} comparisons in {rounds} rounds, for 10 rooms");
        realtime.stop(Duration::from_secs(5)).await;
    }

    async fn a_room_survives_panics_in_its_reads(db: Db) {
        let server = TestServer::start(db).await;
        let log = Arc::new(Watched {
            store: server.state().services.store.clone(), panic: AtomicBool::new(false),
            panic_reads: Default::default(), comparisons: AtomicUsize::new(0),
        });
        // No message reaches this node: its room reads what the sweep finds missing.
        let timing = Timing { sweep: Duration::from_millis(100), ..Timing::default() };
        let (addr, realtime) = node(&server, log.clone(), LocalNetwork::default().join(), timing).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        log.panic_reads[0].store(true, Ordering::Relaxed);
        // As when the database does not answer: the socket is closed, and may come back.
        Socket::board(addr, &ann, project, "").await.closed().await;
        assert!(!log.panic_reads[0].load(Ordering::Relaxed), "the log's end was read, and that panicked");
        let (mut socket, mut seen) = join(addr, &ann, project).await;
        for _ in 0..2 {
            log.panic_reads[1].store(true, Ordering::Relaxed);
            write(&ann, task, 3).await;
            let end = seen.seq() + 3;
            seen.read_to(&mut socket, end).await;
            assert!(!log.panic_reads[1].load(Ordering::Relaxed), "a page was read, and that panicked");
        }
        assert_eq!((seen.events.len(), seen.resyncs.len()), (6, 0));
        realtime.stop(Duration::from_secs(5)).await;
    }
}

/// Two nodes, with a viewer on the second and a writer on the first.
struct Watching {
    redis: RedisServer,
    one: TestServer,
    two: TestServer,
    ann: Client,
    task: TaskId,
    socket: Socket,
    seen: Seen,
}

impl Watching {
    async fn start(db: Db) -> Self {
        let redis = RedisServer::start().await;
        // Two lost probes cause a reconnect: a busy machine needs time to answer one.
        let timing = Timing { probe: Duration::from_millis(500), ..Timing::default() };
        let (one, two) = pair(db, &redis, &timing).await;
        let ann = one.person("ann").await;
        let (project, task) = board(&ann).await;
        let (socket, seen) = join(two.addr(), &ann, project).await;
        Self { redis, one, two, ann, task, socket, seen }
    }

    /// Writes, and sees all of it on the other node soon.
    async fn sees(&mut self, count: usize) {
        let end = self.seen.seq() + count as u64;
        write(&self.ann, self.task, count).await;
        let written = Instant::now();
        self.seen.read_to(&mut self.socket, end).await;
        assert!(written.elapsed() < SOON, "{:?}", written.elapsed());
        assert!(self.seen.resyncs.is_empty());
    }

    /// Whether writes reach the other node through Redis again.
    async fn through_redis(&mut self) {
        for server in [&self.one, &self.two] {
            until("delivery is proven", async || server.state().services.realtime.ready()).await;
        }
        let heard = async || self.two.state().services.realtime.health().counts.bus_in;
        let before = heard().await;
        rename(&self.ann, self.task, "through Redis").await;
        until("it comes through Redis", async || heard().await > before).await;
        let end = self.seen.seq() + 1;
        self.seen.read_to(&mut self.socket, end).await;
    }

    /// The ids of the subscribing connections.
    async fn subscribers(&self) -> Vec<String> {
        let list = self.redis.command(&["CLIENT", "LIST", "TYPE", "pubsub"]).await;
        let text: String = redis::from_redis_value(list).expect("a text");
        text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }
}

on_both_databases! {
    async fn dropped_redis_subscribers_reconnect(db: Db) {
        let mut watching = Watching::start(db).await;
        watching.through_redis().await;
        let gone = async |watching: &Watching, before: &[String]| {
            until("the subscribers are others", async || {
                let now = watching.subscribers().await;
                now.len() == before.len() && !now.iter().any(|id| before.contains(id))
            }).await;
        };
        let before = watching.subscribers().await;
        watching.redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
        watching.sees(20).await;
        gone(&watching, &before).await;
        watching.through_redis().await;

        // A subscriber that reads too slowly for Redis: the first large message fills its output buffer.
        let before = watching.subscribers().await;
        watching.redis.command(&["CONFIG", "SET", "client-output-buffer-limit", "pubsub 1024 0 0"]).await;
        let nonsense = "x".repeat(1024 * 1024);
        watching.redis.command(&["PUBLISH", "revocations", &nonsense]).await;
        watching.sees(20).await;
        gone(&watching, &before).await;
        watching.redis.command(&["CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0"]).await;
        watching.through_redis().await;

        watching.redis.command(&["FLUSHALL"]).await;
        watching.through_redis().await;
        watching.sees(20).await;
    }

    async fn a_paused_or_killed_redis_delays_events_by_at_most_a_second(db: Db) {
        let mut watching = Watching::start(db).await;
        watching.redis.hang();
        watching.sees(20).await;
        for server in [&watching.one, &watching.two] {
            until("the missing probes are noticed", async || !server.state().services.realtime.ready()).await;
        }
        watching.redis.resume();
        watching.through_redis().await;
        watching.redis.kill();
        rename(&watching.ann, watching.task, "waits for Redis").await;
        let waiting = async || watching.one.state().services.realtime.health().unpublished_ms > 0;
        until("it is shown what waits", waiting).await;
        // Many at once: they don't wait for each other either.
        let end = watching.seen.seq() + 51;
        let mut writers = JoinSet::new();
        for _ in 0..5 {
            let (ann, task) = (watching.ann.clone(), watching.task);
            writers.spawn(async move { write(&ann, task, 10).await });
        }
        writers.join_all().await;
        watching.seen.read_to(&mut watching.socket, end).await;
        watching.redis.restart().await;
        watching.through_redis().await;
        assert!(watching.seen.resyncs.is_empty());
    }
}
