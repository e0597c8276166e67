//! Hundreds of sockets reconnect at once: the log is read once for all of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
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
    board, node, rename,
    socket::{Seen, Socket, token},
};
use crate::harness::{TestServer, on_both_databases};

/// Reconnecting sockets.
const SOCKETS: usize = 300;
/// Events that each of them has missed.
const MISSED: u64 = 100;

/// The store, slowed down, with counted reads.
struct Slow {
    store: Store,
    reading: AtomicUsize,
    at_once: AtomicUsize,
    reads: AtomicUsize,
}

impl Log for Slow {
    fn tops<'a>(&'a self, projects: &'a [ProjectId]) -> BoxFuture<'a, Result<Vec<Top>, LogUnavailable>> {
        self.store.tops(projects)
    }

    fn since(
        &self,
        project: ProjectId,
        since: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<LogPage>, LogUnavailable>> {
        Box::pin(async move {
            self.reads.fetch_add(1, Ordering::Relaxed);
            self.at_once.fetch_max(self.reading.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            // Long enough for all of them to arrive during one read.
            tokio::time::sleep(Duration::from_millis(200)).await;
            let page = self.store.since(project, since, limit).await;
            self.reading.fetch_sub(1, Ordering::Relaxed);
            page
        })
    }

    fn locate(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Located>, LogUnavailable>> {
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

on_both_databases! {
    async fn sockets_that_return_together_share_one_read_of_the_log(db: Db) {
        let server = TestServer::start(db).await;
        let log = Arc::new(Slow {
            store: server.state().services.store.clone(),
            reading: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
        });
        // A node that has just started: its rooms have nothing cached.
        let (addr, _realtime) = node(&server, log.clone(), LocalNetwork::default().join(), Timing::default()).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let (epoch, since) = { let board = ann.board(project).await; (board.epoch, board.seq) };
        for number in 0..MISSED {
            rename(&ann, task, &format!("{number}")).await;
        }
        let token = token(&ann).await;
        let mut arriving = JoinSet::new();
        for _ in 0..SOCKETS {
            let path = format!("/ws/projects/{project}?token={token}&epoch={epoch}&since={since}");
            arriving.spawn(async move {
                let mut socket = Socket::open(addr, &path, &[]).await;
                let mut seen = Seen::at(epoch, since);
                seen.read_to(&mut socket, since + MISSED).await;
                assert!(seen.resyncs.is_empty());
                seen.events.len() as u64
            });
        }
        assert!(arriving.join_all().await.into_iter().all(|events| events == MISSED));
        assert_eq!(log.at_once.load(Ordering::Relaxed), 1, "one at a time");
        let reads = log.reads.load(Ordering::Relaxed);
        assert!(reads <= 3, "{reads} reads for {SOCKETS} sockets");
    }
}
