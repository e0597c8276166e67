//! Reads of the log that panic: a room goes on.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use engine::{Comment, CommentId, Epoch, ProjectId, room::Located, wire::ServerFrame};
use futures_util::future::BoxFuture;
use serde_json::json;
use server::{
    realtime::{
        Access, Listening, Log, LogPage, LogUnavailable, ThreadAsk, ThreadChanges, Timing, Top,
        bus::local::LocalNetwork,
    },
    store::Store,
};

use super::{board, node, socket::Socket, until};
use crate::harness::{TestServer, on_both_databases, path};

/// The store, of which the next read of a kind panics when that is wanted.
struct Panicking {
    store: Store,
    locate: AtomicBool,
    thread: AtomicBool,
    comments: AtomicBool,
}

fn may_panic(wanted: &AtomicBool) {
    assert!(!wanted.swap(false, Ordering::Relaxed), "on purpose");
}

impl Log for Panicking {
    fn tops<'a>(&'a self, projects: &'a [ProjectId]) -> BoxFuture<'a, Result<Vec<Top>, LogUnavailable>> {
        self.store.tops(projects)
    }

    fn since(
        &self,
        project: ProjectId,
        since: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Option<LogPage>, LogUnavailable>> {
        self.store.since(project, since, limit)
    }

    fn locate(&self, project: ProjectId) -> BoxFuture<'_, Result<Option<Located>, LogUnavailable>> {
        Box::pin(async move {
            may_panic(&self.locate);
            self.store.locate(project).await
        })
    }

    fn rotate_epoch(&self, project: ProjectId, only: Epoch) -> BoxFuture<'_, Result<(), LogUnavailable>> {
        Log::rotate_epoch(&self.store, project, only)
    }

    fn access<'a>(&'a self, listening: &'a [Listening]) -> BoxFuture<'a, Result<Vec<Access>, LogUnavailable>> {
        Log::access(&self.store, listening)
    }

    fn thread(&self, ask: ThreadAsk) -> BoxFuture<'_, Result<Option<ThreadChanges>, LogUnavailable>> {
        Box::pin(async move {
            may_panic(&self.thread);
            Log::thread(&self.store, ask).await
        })
    }

    fn comments<'a>(&'a self, ids: &'a [CommentId]) -> BoxFuture<'a, Result<Vec<Comment>, LogUnavailable>> {
        Box::pin(async move {
            may_panic(&self.comments);
            Log::comments(&self.store, ids).await
        })
    }
}

on_both_databases! {
    async fn a_read_that_panics_is_not_the_last_one_of_its_room(db: Db) {
        let server = TestServer::start(db).await;
        let log = Arc::new(Panicking {
            store: server.state().store.clone(),
            locate: AtomicBool::new(true),
            thread: AtomicBool::new(true),
            comments: AtomicBool::new(true),
        });
        let (addr, _hub) = node(&server, log.clone(), LocalNetwork::default().join(), Timing::default()).await;
        let ann = server.person("ann").await.at(addr);
        let (project, task) = board(&ann).await;
        // Whoever comes first is told to come back, and gets in then.
        let mut socket = loop {
            let mut socket = Socket::board(addr, &ann, project, "").await;
            if socket.next().await.is_ok() {
                break socket;
            }
        };
        assert!(!log.locate.load(Ordering::Relaxed));
        let scope = json!({ "type": "subscribe", "scope": format!("task:{task}") });
        socket.send(scope.clone()).await;
        until("the answer is lost", async || !log.thread.load(Ordering::Relaxed)).await;
        socket.send(scope).await;
        socket.find(|frame| matches!(frame, ServerFrame::Subscribed(_))).await;
        let comments = format!("{}/comments", path(task));
        ann.post(&comments, json!({ "body": "lost" })).await.expect(201);
        until("the comment is lost", async || !log.comments.load(Ordering::Relaxed)).await;
        ann.post(&comments, json!({ "body": "told" })).await.expect(201);
        let told = |frame: &ServerFrame| matches!(frame, ServerFrame::Comment { comment } if comment.body == "told");
        socket.find(told).await;
    }
}
