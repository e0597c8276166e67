//! A stopping server tells clients when to reconnect.

use std::{collections::HashSet, time::Duration};

use engine::wire::{ServerFrame, close};
use server::realtime::Timing;

use super::{
    board, server_with,
    socket::{Socket, token},
};
use crate::harness::Db;

#[tokio::test(crate = "crate::harness")]
async fn every_socket_is_told_a_different_time_to_reconnect() {
    let server = server_with(Db::Sqlite, Timing { spread: Duration::from_secs(5), ..Timing::default() }).await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
        sockets.push(socket);
    }
    let path = format!("/ws/notifications?token={}", token(&ann).await);
    let mut bell = Socket::open(server.addr(), &path, &[]).await;
    assert!(bell.next().await.is_ok());
    sockets.push(bell);
    let stopping = tokio::spawn(server.stop());
    let mut retries = HashSet::new();
    for socket in &mut sockets {
        let ServerFrame::Bye { code, retry_ms, .. } =
            socket.find(|frame| matches!(frame, ServerFrame::Bye { .. })).await
        else {
            panic!("no bye")
        };
        assert_eq!(code, close::GOING_AWAY);
        assert!((500..=5500).contains(&retry_ms), "{retry_ms}");
        retries.insert(retry_ms);
        assert_eq!(socket.closed().await, close::GOING_AWAY);
    }
    assert_eq!(retries.len(), sockets.len(), "they do not come back together");
    drop(sockets);
    stopping.await.unwrap();
}
