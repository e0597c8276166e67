//! Sockets that don't read, don't answer, or send too much.

use std::time::Duration;

use engine::{
    limit::FRAME_BYTES,
    wire::{ResyncReason, ServerFrame, close},
};
use serde_json::json;
use server::realtime::{CounterValues, Timing};

use super::{
    board, server_with,
    socket::{Seen, Socket, token},
    until,
};
use crate::harness::{Client, Db, TestServer};

/// Most writes until a stalled reader is noticed: more than the kernel buffers.
const WRITES: u32 = 600;

fn counts(server: &TestServer) -> CounterValues {
    server.state().services.realtime.health().counts
}

/// Creates events of 100 KB until `enough`.
async fn flood(client: &Client, task: engine::TaskId, server: &TestServer, enough: impl Fn(CounterValues) -> bool) {
    for number in 0..WRITES {
        if enough(counts(server)) {
            return;
        }
        let task = client.get(&format!("/api/tasks/{task}")).await.expect(200).field::<engine::Task>("task");
        let description = format!("{number} {}", "é".repeat(49_000));
        let patch = json!({ "description": description, "version": task.version });
        client.patch(&format!("/api/tasks/{}", task.id), patch).await.expect(200);
    }
    panic!("{WRITES} writes were not enough");
}

#[tokio::test(crate = "crate::harness")]
async fn a_slow_reader_gets_one_resync_and_continues() {
    let server = TestServer::start(Db::Sqlite).await;
    let ann = server.person("ann").await;
    let (project, task) = board(&ann).await;
    let mut other = Socket::board(server.addr(), &ann, project, "").await;
    assert!(matches!(other.frame().await, ServerFrame::Sync(_)));
    let path = format!("/ws/projects/{project}?token={}", token(&ann).await);
    let mut narrow = Socket::open_narrow(server.addr(), &path).await;
    let reading = tokio::spawn(async move { while other.next().await.is_ok() {} });
    flood(&ann, task, &server, |counts| counts.queue_drops > 0).await;
    let top = ann.board(project).await.seq;
    let mut seen = Seen::default();
    // Everything before the resync is contiguous, or `Seen` fails.
    seen.read_to(&mut narrow, top).await;
    assert_eq!(seen.resyncs, [ResyncReason::Slow]);
    super::rename(&ann, task, "After").await;
    seen.read_to(&mut narrow, top + 1).await;
    assert_eq!((seen.resyncs.len(), seen.events.last()), (1, Some(&(top + 1))));
    let counts = counts(&server);
    assert_eq!((counts.queue_drops, counts.closed_slow), (1, 0), "who reads is not disturbed");
    reading.abort();
}

#[tokio::test(crate = "crate::harness")]
async fn a_reader_that_never_reads_is_closed() {
    let timing = Timing {
        write: Duration::from_millis(300),
        slow: Duration::from_millis(300),
        close: Duration::from_secs(20),
        ..Timing::default()
    };
    let server = server_with(Db::Sqlite, timing).await;
    let ann = server.person("ann").await;
    let (project, task) = board(&ann).await;
    let path = format!("/ws/projects/{project}?token={}", token(&ann).await);
    let mut narrow = Socket::open_narrow(server.addr(), &path).await;
    flood(&ann, task, &server, |counts| counts.closed_slow > 0).await;
    // Its queue is no longer filled, and what the kernel buffers ends with the close.
    assert_eq!(narrow.closed().await, close::TOO_SLOW);
    until("the socket is gone", || async { server.state().services.realtime.health().connections == 0 }).await;
    assert_eq!(server.state().services.realtime.health().rooms, 0);
}

#[tokio::test(crate = "crate::harness")]
async fn a_silent_client_is_pinged_and_then_closed() {
    let timing = Timing { ping: Duration::from_millis(50), pong: Duration::from_millis(100), ..Timing::default() };
    let server = server_with(Db::Sqlite, timing).await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    let mut alive = Socket::board(server.addr(), &ann, project, "").await;
    let mut silent = Socket::board(server.addr(), &ann, project, "").await;
    let answering = tokio::spawn(async move {
        let mut pings = 0;
        while let Ok(frame) = alive.next().await {
            if frame == ServerFrame::Ping {
                pings += 1;
                alive.send(json!({ "type": "pong" })).await;
            }
            // Long after the other one had to answer.
            if pings == 10 {
                return pings;
            }
        }
        pings
    });
    silent.find(|frame| *frame == ServerFrame::Ping).await;
    assert_eq!(silent.closed().await, close::NO_PONG);
    assert_eq!(answering.await.unwrap(), 10, "who answers stays");
    assert_eq!(counts(&server).closed_silent, 1);
}

#[tokio::test(crate = "crate::harness")]
async fn too_many_too_large_and_invalid_frames_are_refused() {
    let server = TestServer::start(Db::Sqlite).await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    let open = || Socket::board(server.addr(), &ann, project, "");
    let mut socket = open().await;
    for _ in 0..20 {
        socket.send(json!({ "type": "ping" })).await;
    }
    for _ in 0..20 {
        socket.find(|frame| *frame == ServerFrame::Pong).await;
    }
    for _ in 0..50 {
        socket.send(json!({ "type": "ping" })).await;
    }
    assert_eq!(socket.closed().await, close::TOO_MANY_FRAMES);

    for nonsense in ["", "{", "[]", r#"{"type":"dance"}"#, r#"{"type":"presence","mode":"sleep"}"#] {
        let mut socket = open().await;
        socket.send_text(nonsense).await;
        assert_eq!(socket.closed().await, close::BAD_FRAME, "{nonsense}");
    }

    let mut socket = open().await;
    let subscribe = |bytes: usize| json!({ "type": "subscribe", "scope": "x".repeat(bytes) });
    socket.send(subscribe(FRAME_BYTES - 100)).await;
    socket.find(|frame| matches!(frame, ServerFrame::Denied { .. })).await;
    socket.send(subscribe(FRAME_BYTES)).await;
    assert_eq!(socket.closed().await, close::BAD_FRAME);
}
