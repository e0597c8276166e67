//! Sockets that join while events are broadcast: each event once, none missing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    board, rename,
    socket::{Seen, Socket, token},
};
use crate::harness::{TestServer, on_both_databases};

/// Sockets that join during the writes.
const JOINS: u64 = 300;
/// Events that each of them still expects.
const TAIL: u64 = 20;

on_both_databases! {
    async fn hundreds_of_sockets_join_during_writes_and_miss_nothing(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let (epoch, start) = { let board = ann.board(project).await; (board.epoch, board.seq) };
        let (addr, token) = (server.addr(), token(&ann).await);
        let joined = Arc::new(AtomicBool::new(false));
        // Two writers, so that commits and publications interleave.
        let mut writers = JoinSet::new();
        for writer in 0..2 {
            let (ann, joined) = (ann.clone(), Arc::clone(&joined));
            writers.spawn(async move {
                let mut number = 0;
                while !joined.load(Ordering::Relaxed) {
                    rename(&ann, task, &format!("{writer} {number}")).await;
                    number += 1;
                }
                for tail in 0..TAIL {
                    rename(&ann, task, &format!("{writer} tail {tail}")).await;
                }
            });
        }
        let (arrive, mut arrived) = mpsc::unbounded_channel();
        let (tell_end, end) = watch::channel(None);
        let mut members = JoinSet::new();
        for number in 0..JOINS {
            let (token, arrive, mut end) = (token.clone(), arrive.clone(), end.clone());
            members.spawn(async move {
                // Half begin at the current position, half return to an old one.
                let more = if number % 2 == 0 { String::new() } else { format!("&epoch={epoch}&since={start}") };
                let path = format!("/ws/projects/{project}?token={token}{more}");
                let mut socket = Socket::open(addr, &path, &[]).await;
                let mut seen = if number % 2 == 0 { Seen::default() } else { Seen::at(epoch, start) };
                seen.take(socket.frame().await);
                let from = seen.seq();
                arrive.send(()).expect("it is counted");
                // It reads while the others join, so as not to fall behind.
                let end = loop {
                    if let Some(end) = *end.borrow_and_update() {
                        break end;
                    }
                    tokio::select! {
                        frame = socket.hear() => seen.take(frame.expect("the socket stays open")),
                        received = end.changed() => received.expect("the sender is alive"),
                    }
                };
                seen.read_to(&mut socket, end).await;
                assert!(from < end, "it joined before the last writes");
            });
        }
        for _ in 0..JOINS {
            arrived.recv().await.expect("all of them join");
        }
        joined.store(true, Ordering::Relaxed);
        writers.join_all().await;
        let end = ann.board(project).await.seq;
        assert!(end >= start + 2 * TAIL);
        tell_end.send(Some(end)).expect("they wait for it");
        members.join_all().await;
        let counts = server.state().services.realtime.health().counts;
        assert_eq!((counts.queue_drops, counts.rooms_anew), (0, 0));
    }
}
