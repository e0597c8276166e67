//! Two real processes on one PostgreSQL and one real Redis.

use std::net::SocketAddr;

use engine::{ProjectId, TaskId};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{
    board, rename,
    socket::{Seen, Socket, token},
    until,
};
use crate::harness::{Child, Client, Db, RedisServer, bound, free_port};

/// A `lockstep serve` of its own.
struct Process {
    addr: SocketAddr,
    _child: Child,
    _folder: TempDir,
}

impl Process {
    async fn start(database: &str, redis: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = bound(env!("CARGO_BIN_EXE_lockstep"), None);
        command.arg("serve").args(["--addr", &addr.to_string(), "--database-url", database, "--redis-url", redis]);
        command.arg("--data-dir").arg(folder.path());
        command.args(["--secret", "one secret for both of the processes", "--auth-limit", "0"]);
        let process = Self { addr, _child: Child::start(command), _folder: folder };
        until("the process is ready", || process.is_ready()).await;
        process
    }

    async fn is_ready(&self) -> bool {
        let answer = reqwest::get(format!("http://{}/ready", self.addr)).await;
        answer.is_ok_and(|answer| answer.status() == 200)
    }
}

/// Two processes, somebody who writes on both, and two members on each.
struct Cluster {
    redis: RedisServer,
    clients: [Client; 2],
    project: ProjectId,
    task: TaskId,
    members: Vec<(Socket, Seen)>,
    start: u64,
    _processes: [Process; 2],
    _folder: TempDir,
}

impl Cluster {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Db::Postgres.fresh(folder.path()).await;
        let redis = RedisServer::start().await;
        let processes = [Process::start(&database, &redis.url()).await, Process::start(&database, &redis.url()).await];
        let mut ann = Client::new(processes[0].addr);
        ann.register("ann").await;
        let (project, task) = board(&ann).await;
        let start = ann.board(project).await.seq;
        let path = format!("/ws/projects/{project}?token={}", token(&ann).await);
        let mut members = Vec::new();
        for process in [&processes[0], &processes[1], &processes[0], &processes[1]] {
            let mut socket = Socket::open(process.addr, &path, &[]).await;
            let mut seen = Seen::default();
            seen.take(socket.frame().await);
            members.push((socket, seen));
        }
        let clients = [ann.at(processes[0].addr), ann.at(processes[1].addr)];
        Self { redis, clients, project, task, members, start, _processes: processes, _folder: folder }
    }

    /// Both processes take `count` writes each, at the same time.
    async fn write(&self, count: usize) {
        let mut writers = JoinSet::new();
        for (process, client) in self.clients.iter().enumerate() {
            let (client, task) = (client.clone(), self.task);
            writers.spawn(async move {
                for number in 0..count {
                    rename(&client, task, &format!("{process} {number}")).await;
                }
            });
        }
        writers.join_all().await;
    }

    /// Every member has seen every event once, in order, and had to fetch nothing anew.
    async fn settle(&mut self) {
        let end = self.clients[0].board(self.project).await.seq;
        for (socket, seen) in &mut self.members {
            seen.read_to(socket, end).await;
            assert_eq!(seen.events, (self.start + 1..=end).collect::<Vec<_>>());
            assert!(seen.resyncs.is_empty());
        }
    }
}

#[tokio::test(crate = "crate::harness")]
async fn two_processes_see_each_others_events() {
    let mut cluster = Cluster::start().await;
    cluster.write(50).await;
    cluster.settle().await;
}

#[tokio::test(crate = "crate::harness")]
async fn redis_is_killed_and_started_again_and_nothing_is_lost_or_repeated() {
    let mut cluster = Cluster::start().await;
    cluster.write(20).await;
    cluster.redis.kill();
    cluster.write(50).await;
    cluster.redis.restart().await;
    cluster.write(20).await;
    cluster.settle().await;
    // And once more, while writes are under way on both.
    let (clients, task) = (cluster.clients.clone(), cluster.task);
    let writing = tokio::spawn(async move {
        for number in 0..100 {
            for client in &clients {
                rename(client, task, &format!("under way {number}")).await;
            }
        }
    });
    cluster.redis.restart().await;
    writing.await.unwrap();
    cluster.settle().await;
}
