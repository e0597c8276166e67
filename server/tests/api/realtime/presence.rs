//! Presence: only at cards of this board.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use engine::{
    Comment, CommentId, Epoch, ProjectId, TaskId, UserId,
    room::Located,
    wire::{Presence, PresenceMode, ServerFrame, Sync},
};
use futures_util::future::BoxFuture;
use serde_json::json;
use server::{
    realtime::{
        Access, Listening, Log, LogPage, LogUnavailable, ThreadAsk, ThreadChanges, Timing, Top,
        bus::local::LocalNetwork,
    },
    store::Store,
};
use uuid::Uuid;

use super::{board, node, server_with, socket::Socket};
use crate::harness::{TestServer, on_both_databases, path};

fn quick() -> Timing {
    Timing { presence: Duration::from_millis(10), ..Timing::default() }
}

/// The presence frames until one matches.
async fn until(socket: &mut Socket, who: UserId, is_it: impl Fn(&Presence) -> bool) -> Vec<Presence> {
    let mut presences = Vec::new();
    loop {
        let frame = socket.next().await.expect("the socket stays open");
        if let ServerFrame::Presence { join, editing, .. } = frame {
            presences.extend(join.into_iter().chain(editing).filter(|person| person.user_id == who));
            if presences.last().is_some_and(&is_it) {
                return presences;
            }
        }
    }
}

async fn at(socket: &mut Socket, task: Option<TaskId>, mode: &str) {
    socket.send(json!({ "type": "presence", "task_id": task, "mode": mode })).await;
}

/// The store, with counted lookups.
struct LookedUp {
    store: Store,
    look_ups: AtomicUsize,
}

impl Log for LookedUp {
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
        self.look_ups.fetch_add(1, Ordering::Relaxed);
        Log::on_board(&self.store, project, tasks)
    }

    fn comments<'a>(&'a self, ids: &'a [CommentId]) -> BoxFuture<'a, Result<Vec<Comment>, LogUnavailable>> {
        Log::comments(&self.store, ids)
    }
}

on_both_databases! {
    async fn presence_at_unknown_cards_is_not_passed_on(db: Db) {
        let server = server_with(db, quick()).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, task) = board(&ann).await;
        ann.invite(project, &bob, "viewer").await;
        let deleted = ann.task(project, "Deleted").await.id;
        ann.delete(&path(deleted)).await.expect(200);
        let (_, elsewhere) = board(&bob).await;
        let mut hers = Socket::board(server.addr(), &ann, project, "").await;
        let mut his = Socket::board(server.addr(), &bob, project, "").await;
        let who = bob.user().id;
        for id in [elsewhere, deleted, TaskId::new(Uuid::now_v7())] {
            at(&mut his, Some(id), "edit").await;
        }
        at(&mut his, Some(task), "drag").await;
        let mut presences = until(&mut hers, who, |person| person.mode == PresenceMode::Drag).await;
        let last = presences.pop().expect("the drag");
        assert_eq!(last.task_id, Some(task));
        assert!(presences.iter().all(|person| person.task_id.is_none()), "{presences:?}");
        // A later frame about a known card changes nothing about that.
        at(&mut his, Some(elsewhere), "edit").await;
        let presences = until(&mut hers, who, |person| person.mode == PresenceMode::View).await;
        assert!(presences.iter().all(|person| person.task_id.is_none()), "{presences:?}");
        // Nor is it sent to sockets that join later.
        let mut later = Socket::board(server.addr(), &ann, project, "").await;
        let ServerFrame::Sync(Sync { presence, .. }) = later.frame().await else { panic!("no sync") };
        assert!(presence.iter().all(|person| person.task_id.is_none()), "{presence:?}");
    }

    async fn presence_at_a_deleted_card_ends(db: Db) {
        let server = server_with(db, quick()).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, task) = board(&ann).await;
        ann.invite(project, &bob, "editor").await;
        let mut hers = Socket::board(server.addr(), &ann, project, "").await;
        let mut his = Socket::board(server.addr(), &bob, project, "").await;
        let who = bob.user().id;
        at(&mut his, Some(task), "edit").await;
        until(&mut hers, who, |person| person.task_id == Some(task)).await;
        ann.delete(&path(task)).await.expect(200);
        until(&mut hers, who, |person| person.task_id.is_none() && person.mode == PresenceMode::View).await;
        // It is forgotten until it is restored.
        at(&mut his, Some(task), "drag").await;
        ann.post(&format!("{}/restore", path(task)), json!({})).await.expect(200);
        at(&mut his, Some(task), "edit").await;
        let presences = until(&mut hers, who, |person| person.mode == PresenceMode::Edit).await;
        assert_eq!(presences.last().expect("one").task_id, Some(task));
    }

    async fn a_flood_of_ids_causes_few_reads(db: Db) {
        let server = TestServer::start(db).await;
        let log = Arc::new(LookedUp { store: server.state().services.store.clone(), look_ups: AtomicUsize::new(0) });
        let timing = Timing { presence: Duration::from_millis(200), ..Timing::default() };
        let (addr, _hub) = node(&server, log.clone(), LocalNetwork::default().join(), timing).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, task) = board(&ann).await;
        ann.invite(project, &bob, "viewer").await;
        let mut hers = Socket::board(addr, &ann, project, "").await;
        let mut his = Vec::new();
        for _ in 0..5 {
            his.push(Socket::board(addr, &bob, project, "").await);
        }
        let began = Instant::now();
        for _ in 0..100 {
            for socket in &mut his {
                at(socket, Some(TaskId::new(Uuid::now_v7())), "edit").await;
            }
        }
        for socket in &mut his {
            socket.send(json!({ "type": "ping" })).await;
            socket.find(|frame| matches!(frame, ServerFrame::Pong)).await;
        }
        at(&mut his[0], Some(task), "drag").await;
        until(&mut hers, bob.user().id, |person| person.task_id == Some(task)).await;
        let bound = 3 + began.elapsed().as_millis() as usize / 200;
        let look_ups = log.look_ups.load(Ordering::Relaxed);
        assert!((1..=bound).contains(&look_ups), "{look_ups} reads for 500 frames, at most {bound}");
        // A known card needs no lookup.
        for _ in 0..20 {
            at(&mut his[0], None, "view").await;
            at(&mut his[0], Some(task), "edit").await;
        }
        until(&mut hers, bob.user().id, |person| person.mode == PresenceMode::Edit).await;
        assert_eq!(log.look_ups.load(Ordering::Relaxed), look_ups);
    }
}
