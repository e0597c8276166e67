//! Two real processes on one PostgreSQL and one real Redis, which fails in every possible way.

use engine::{ProjectId, TaskId};
use tempfile::TempDir;

use super::{
    board,
    process::Process,
    proof::settled,
    tab::{Tab, Way},
};
use crate::harness::{Client, Db, RedisServer};

/// Two processes, and three tabs on each.
struct Cluster {
    redis: RedisServer,
    ann: Client,
    project: ProjectId,
    task: TaskId,
    tabs: Vec<Tab>,
    _processes: [Process; 2],
    _folder: TempDir,
}

impl Cluster {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Db::Postgres.fresh(folder.path()).await;
        let redis = RedisServer::start().await;
        let processes =
            [Process::start(&database, Some(&redis), &[]).await, Process::start(&database, Some(&redis), &[]).await];
        let mut ann = Client::new(processes[0].addr);
        ann.register("ann").await;
        let (project, task) = board(&ann).await;
        let mut tabs = Vec::new();
        for number in 0..6 {
            let nodes = vec![processes[number % 2].addr];
            tabs.push(Tab::open(&ann, project, Way { nodes, haste: 1 }).await);
        }
        Self { redis, ann, project, task, tabs, _processes: processes, _folder: folder }
    }

    /// Every tab writes, while something happens.
    async fn under_load(&mut self, happens: impl AsyncFnOnce(&mut RedisServer)) {
        let start = self.tabs[0].sight().seq;
        for tab in &mut self.tabs {
            tab.rename(self.task, 20);
        }
        self.tabs[0].shows("the first events", |sight| sight.seq > start + 10).await;
        happens(&mut self.redis).await;
        assert!(self.tabs.iter().any(|tab| tab.waiting() > 0), "it happened too late");
        // No write waits for Redis.
        for tab in &mut self.tabs {
            tab.keeps_up(0).await;
        }
    }
}

#[tokio::test(crate = "crate::harness")]
async fn two_processes_see_each_others_events() {
    let mut cluster = Cluster::start().await;
    cluster.under_load(async |_| {}).await;
    settled(&cluster.ann, cluster.project, cluster.tabs).await;
}

#[tokio::test(crate = "crate::harness")]
async fn redis_is_killed_paused_and_flushed_under_load_and_nothing_is_lost_or_repeated() {
    let mut cluster = Cluster::start().await;
    cluster.under_load(async |redis| redis.kill()).await;
    cluster.redis.restart().await;
    cluster.under_load(async |redis| redis.hang()).await;
    cluster.redis.resume();
    cluster.under_load(async |redis| drop(redis.command(&["FLUSHALL"]).await)).await;
    cluster.under_load(async |redis| drop(redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await)).await;
    cluster.under_load(async |redis| redis.restart().await).await;
    settled(&cluster.ann, cluster.project, cluster.tabs).await;
}
