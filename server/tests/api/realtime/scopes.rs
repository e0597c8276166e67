//! Subscribers of a task receive its comments; all others only learn that there is one.
//!
//! Over 400 lines, because all of these tests share the counted log and its task.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use engine::{
    Change, Comment, CommentId, Epoch, ProjectId, TaskId,
    comment::{CommentChanged, Thread},
    room::Located,
    wire::{ServerFrame, Subscribed, close},
};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use server::{
    realtime::{
        Access, Listening, Log, LogPage, LogUnavailable, ThreadAsk, ThreadChanges, Timing, Top,
        bus::local::LocalNetwork,
    },
    store::Store,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    board,
    faults::FaultyBus,
    node, rename,
    socket::{Seen, Socket},
};
use crate::harness::{Client, TestServer, on_both_databases, path};

async fn say(client: &Client, task: TaskId, body: &str) -> Comment {
    let answer = client.post(&format!("{}/comments", path(task)), json!({ "body": body })).await;
    answer.expect(201).json::<CommentChanged>().comment
}

async fn rewrite(client: &Client, comment: CommentId, body: &str) -> Comment {
    let answer = client.patch(&format!("/api/comments/{comment}"), json!({ "body": body })).await;
    answer.expect(200).json::<CommentChanged>().comment
}

async fn delete(client: &Client, comment: CommentId) -> Comment {
    client.delete(&format!("/api/comments/{comment}")).await.expect(200).json::<CommentChanged>().comment
}

fn scope(task: TaskId) -> String {
    format!("task:{task}")
}

/// Subscribes. Returns the answer.
async fn subscribe(socket: &mut Socket, scope: &str, more: Value) -> ServerFrame {
    let mut frame = json!({ "type": "subscribe", "scope": scope });
    frame.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    socket.send(frame).await;
    socket.find(|frame| matches!(frame, ServerFrame::Subscribed(_) | ServerFrame::Denied { .. })).await
}

async fn subscribed(socket: &mut Socket, task: TaskId, more: Value) -> Subscribed {
    match subscribe(socket, &scope(task), more).await {
        ServerFrame::Subscribed(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn denied(socket: &mut Socket, scope: &str) {
    assert_eq!(subscribe(socket, scope, json!({})).await, ServerFrame::Denied { scope: scope.to_owned() });
}

/// A socket that subscribes to the task.
async fn reader(addr: std::net::SocketAddr, client: &Client, project: ProjectId, task: TaskId) -> Socket {
    let mut socket = Socket::board(addr, client, project, "").await;
    let answer = subscribed(&mut socket, task, json!({})).await;
    assert_eq!((answer.since, answer.comments.len(), answer.complete), (None, 0, true));
    socket
}

async fn comment(socket: &mut Socket) -> Comment {
    match socket.find(|frame| matches!(frame, ServerFrame::Comment { .. })).await {
        ServerFrame::Comment { comment } => *comment,
        other => panic!("{other:?}"),
    }
}

/// Everything that arrives before the answer to a ping sent now.
async fn until_now(socket: &mut Socket) -> Vec<ServerFrame> {
    socket.send(json!({ "type": "ping" })).await;
    let mut frames = Vec::new();
    loop {
        match socket.next().await.expect("the socket stays open") {
            ServerFrame::Pong => return frames,
            frame => frames.push(frame),
        }
    }
}

fn comments(frames: &[ServerFrame]) -> usize {
    frames.iter().filter(|frame| matches!(frame, ServerFrame::Comment { .. })).count()
}

/// The store, with counted reads of comments, one of which fails.
struct Counted {
    store: Store,
    fail: AtomicBool,
    reads: AtomicUsize,
}

impl Log for Counted {
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
        Log::on_board(&self.store, project, tasks)
    }

    fn comments<'a>(&'a self, ids: &'a [CommentId]) -> BoxFuture<'a, Result<Vec<Comment>, LogUnavailable>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.fail.swap(false, Ordering::Relaxed) {
            return Box::pin(std::future::ready(Err(LogUnavailable)));
        }
        Log::comments(&self.store, ids)
    }
}

on_both_databases! {
    async fn subscribers_receive_the_comment_and_others_only_its_event(db: Db) {
        let server = TestServer::start(db).await;
        let network = LocalNetwork::default();
        let log = Arc::new(server.state().services.store.clone());
        let (one, _hub) = node(&server, log.clone(), network.join(), Timing::default()).await;
        let (two, _other) = node(&server, log, network.join(), Timing::default()).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, task) = board(&ann).await;
        ann.invite(project, &bob, "viewer").await;
        let other = ann.task(project, "Other").await.id;
        let mut readers =
            [reader(one, &ann, project, task).await, reader(one, &bob, project, task).await, reader(two, &bob, project, task).await];
        let mut looks_on = [Socket::board(one, &bob, project, "").await, reader(two, &bob, project, other).await];
        let mut seen = Seen::default();
        seen.take(looks_on[0].frame().await);

        let at_one = ann.at(one);
        let mut said = vec![say(&at_one, task, "**Hello** & <b>").await];
        said.push(rewrite(&at_one, said[0].id, "Bye").await);
        said.push(delete(&at_one, said[0].id).await);
        for socket in &mut readers {
            // Of rapid changes, only the last one may be sent.
            let mut last = comment(socket).await;
            while last != said[2] {
                assert!(said.contains(&last), "{last:?}");
                last = comment(socket).await;
            }
        }
        let end = ann.board(project).await.seq;
        for socket in &mut looks_on {
            assert_eq!(comments(&until_now(socket).await), 0);
        }
        assert_eq!(end, said[2].seq);
        let events = ann.events(project).await;
        assert_eq!(events.len() as u64, end, "the log is contiguous");
        assert_eq!(events[said[0].seq as usize - 1]["data"]["comment_count"], 1);
        assert_eq!(events[end as usize - 1]["data"]["comment_count"], 0);
    }

    async fn viewers_of_the_board_receive_each_event_once(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        let mut seen = Seen::default();
        seen.take(socket.frame().await);
        let said = say(&ann, task, "Hello").await;
        match socket.frame().await {
            ServerFrame::Event(event) => {
                let Change::CommentCreated(logged) = &event.change else { panic!("{event:?}") };
                assert_eq!((logged.comment_id, logged.task_id, logged.comment_count), (said.id, task, 1));
                seen.take(ServerFrame::Event(event));
            }
            other => panic!("{other:?}"),
        }
        rename(&ann, task, "Renamed").await;
        let end = ann.board(project).await.seq;
        seen.read_to(&mut socket, end).await;
    }

    async fn missed_comments_come_with_the_subscription(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let (kept, gone) = (say(&ann, task, "One").await, say(&ann, task, "Two").await);
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        let board = ann.board(project).await;
        let first = subscribed(&mut socket, task, json!({ "epoch": board.epoch, "since": board.seq })).await;
        assert_eq!((first.seq, first.since, first.comments.len(), first.complete), (board.seq, Some(board.seq), 0, true));
        drop(socket);

        let changed = rewrite(&ann, kept.id, "One, again").await;
        let fresh = say(&ann, task, "Three").await;
        let deleted = delete(&ann, gone.id).await;
        let mut socket = Socket::board(server.addr(), &ann, project, &format!("&epoch={}&since={}", board.epoch, board.seq)).await;
        let missed = subscribed(&mut socket, task, json!({ "epoch": board.epoch, "since": board.seq })).await;
        assert_eq!((missed.seq, missed.complete), (board.seq + 3, true));
        assert_eq!(missed.comments, [changed, fresh.clone(), deleted]);
        let since_two = subscribed(&mut socket, task, json!({ "since": fresh.seq })).await;
        assert_eq!(since_two.comments.len(), 1);

        for nonsense in [json!({ "since": 9999 }), json!({ "epoch": Epoch::new(Uuid::now_v7()), "since": board.seq })] {
            let answer = subscribed(&mut socket, task, nonsense).await;
            assert_eq!((answer.comments.len(), answer.complete), (0, false));
        }
        for number in 0..6 {
            say(&ann, task, &format!("{number}{}", "é".repeat(9_000))).await;
        }
        let much = subscribed(&mut socket, task, json!({ "since": board.seq })).await;
        assert_eq!((much.comments.len(), much.complete), (0, false), "to be fetched");
        // And it works all the same.
        let last = say(&ann, task, "Last").await;
        while comment(&mut socket).await != last {}
    }

    async fn strangers_to_a_task_are_denied(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, task) = board(&ann).await;
        let (elsewhere, foreign) = board(&ann).await;
        ann.invite(project, &bob, "viewer").await;
        let mut socket = Socket::board(server.addr(), &bob, project, "").await;
        let nobody = scope(TaskId::new(Uuid::now_v7()));
        let board_scope = format!("project:{project}");
        for strange in [scope(foreign), nobody, board_scope, "task:1".into(), String::new()] {
            denied(&mut socket, &strange).await;
        }
        // Not even tasks in another project of one's own, on this project's socket.
        let mut own = Socket::board(server.addr(), &ann, project, "").await;
        denied(&mut own, &scope(foreign)).await;
        subscribed(&mut own, task, json!({})).await;
        say(&ann, foreign, "Elsewhere").await;
        let last = say(&ann, task, "Here").await;
        assert_eq!(comment(&mut own).await, last);
        assert_eq!(comments(&until_now(&mut socket).await), 0);
        let mut there = Socket::board(server.addr(), &ann, elsewhere, "").await;
        assert_eq!(subscribed(&mut there, foreign, json!({ "since": 0 })).await.comments.len(), 1);
        // A notification socket has no tasks.
        let token = super::socket::token(&ann).await;
        let mut bell = Socket::open(server.addr(), &format!("/ws/notifications?token={token}"), &[]).await;
        denied(&mut bell, &scope(task)).await;
        // A deleted task can still be read.
        ann.delete(&path(task)).await.expect(200);
        assert_eq!(subscribed(&mut socket, task, json!({ "since": 0 })).await.comments, [last]);
    }

    async fn a_socket_can_subscribe_to_eight_tasks(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let mut socket = reader(server.addr(), &ann, project, task).await;
        let mut tasks = Vec::new();
        for number in 0..8 {
            tasks.push(ann.task(project, &number.to_string()).await.id);
        }
        for task in &tasks[..7] {
            subscribed(&mut socket, *task, json!({})).await;
        }
        denied(&mut socket, &scope(tasks[7])).await;
        subscribed(&mut socket, task, json!({})).await;
        socket.send(json!({ "type": "unsubscribe", "scope": scope(task) })).await;
        subscribed(&mut socket, tasks[7], json!({})).await;
        say(&ann, task, "To nobody").await;
        let last = say(&ann, tasks[7], "To one").await;
        assert_eq!(comment(&mut socket).await, last, "what it has unsubscribed from does not come");
        assert_eq!(comments(&until_now(&mut socket).await), 0);
    }

    async fn removed_members_receive_nothing_more(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, task) = board(&ann).await;
        ann.invite(project, &bob, "viewer").await;
        let mut socket = reader(server.addr(), &bob, project, task).await;
        let mut stays = reader(server.addr(), &ann, project, task).await;
        ann.delete(&format!("/api/projects/{project}/members/{}", bob.user().id)).await.expect(200);
        let last = say(&ann, task, "Without Bob").await;
        assert_eq!(comment(&mut stays).await, last);
        loop {
            match socket.next().await {
                Ok(frame) => assert!(!matches!(frame, ServerFrame::Comment { .. }), "{frame:?}"),
                Err(code) => {
                    assert_eq!(code, close::NO_ACCESS);
                    break;
                }
            }
        }
    }

    async fn a_comment_is_read_once_for_all_and_again_for_those_who_missed_it(db: Db) {
        let server = TestServer::start(db).await;
        let log = Arc::new(Counted {
            store: server.state().services.store.clone(), fail: AtomicBool::new(false), reads: AtomicUsize::new(0),
        });
        let (addr, _hub) = node(&server, log.clone(), LocalNetwork::default().join(), Timing::default()).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let at = ann.at(addr);
        let looks_on = Socket::board(addr, &ann, project, "").await;
        say(&at, task, "Nobody reads").await;
        let mut readers = Vec::new();
        for _ in 0..12 {
            readers.push(reader(addr, &ann, project, task).await);
        }
        let before = at.board(project).await.seq;
        let said = say(&at, task, "Hello").await;
        for socket in &mut readers {
            assert_eq!(comment(socket).await, said);
        }
        assert_eq!(log.reads.load(Ordering::Relaxed), 1, "once, and not for those who only look on");
        // A failed read is compensated by the client that misses its comment.
        log.fail.store(true, Ordering::Relaxed);
        let lost = say(&at, task, "Lost").await;
        readers[0].find(|frame| matches!(frame, ServerFrame::Event(event) if event.seq == lost.seq)).await;
        let answer = subscribed(&mut readers[0], task, json!({ "since": before })).await;
        assert_eq!(answer.comments, [said, lost]);
        drop(looks_on);
    }

    async fn every_comment_arrives_over_a_bad_bus(db: Db) {
        let server = TestServer::start(db).await;
        let network = LocalNetwork::default();
        // Short, so that a lost last event is found soon.
        let timing = Timing { sweep: Duration::from_millis(50), ..Timing::default() };
        let log = Arc::new(server.state().services.store.clone());
        let (one, hub_one) = node(&server, log.clone(), FaultyBus::new(&network, 4), timing.clone()).await;
        let (two, hub_two) = node(&server, log, FaultyBus::new(&network, 5), timing).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let mut readers = Vec::new();
        for addr in [one, two] {
            readers.push((reader(addr, &ann, project, task).await, Seen::default()));
        }
        let start = ann.board(project).await;
        let mut writers = JoinSet::new();
        for addr in [one, two, one, two] {
            let ann = ann.at(addr);
            writers.spawn(async move {
                for number in 0..9 {
                    let said = say(&ann, task, &number.to_string()).await;
                    match number % 3 {
                        0 => drop(rewrite(&ann, said.id, "Rewritten").await),
                        1 => drop(delete(&ann, said.id).await),
                        _ => {}
                    }
                }
            });
        }
        writers.join_all().await;
        let thread: Thread = ann.get(&format!("{}/comments", path(task))).await.expect(200).json();
        assert_eq!((thread.comments.len(), thread.more), (24, false));
        let end = ann.board(project).await.seq;
        for (socket, seen) in &mut readers {
            *seen = Seen::at(start.epoch, start.seq);
            let mut latest: BTreeMap<CommentId, Comment> = BTreeMap::new();
            // All 36, deleted or not, as in the log.
            while seen.seq() < end || latest.len() < 36 || thread.comments.iter().any(|comment| latest.get(&comment.id) != Some(comment)) {
                match socket.next().await.expect("the socket stays open") {
                    ServerFrame::Comment { comment } => {
                        let newer = latest.get(&comment.id).is_none_or(|known| known.seq < comment.seq);
                        if newer {
                            latest.insert(comment.id, *comment);
                        }
                    }
                    frame => seen.take(frame),
                }
            }
            assert_eq!((seen.events.len() as u64, seen.resyncs.len()), (end - start.seq, 0), "contiguous");
        }
        for hub in [hub_one, hub_two] {
            hub.stop(Duration::from_secs(5)).await;
        }
    }
}
