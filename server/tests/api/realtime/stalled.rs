//! Stalled readers cost the server a bounded amount of memory.

use std::{
    fs,
    time::{Duration, Instant},
};

use engine::wire::{ServerFrame, close};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    board,
    process::Process,
    rename,
    socket::{Socket, token},
    until,
};
use crate::harness::{Child, Client, Db};

/// Sockets that stop reading.
const SOCKETS: usize = 200;
/// Memory per socket in KiB: far less than the megabyte that a full queue could take.
const EACH_KIB: u64 = 64;

/// The memory of a process, in KiB.
fn memory(process: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

async fn counted(client: &Client, name: &str) -> u64 {
    client.get("/health/realtime").await.expect(200).json::<Value>()[name].as_u64().expect("a count")
}

#[tokio::test(crate = "crate::harness")]
async fn memory_stays_bounded_with_many_stalled_readers() {
    server::descriptors::raise_limit();
    let folder: TempDir = tempfile::tempdir().expect("a folder");
    let database = Db::Sqlite.fresh(folder.path()).await;
    let process = Process::start(&database, None, &[]).await;
    let addr = process.addr;
    let mut ann = Client::new(addr);
    ann.register("ann").await;
    let (project, task) = board(&ann).await;
    let path = format!("/ws/projects/{project}?token={}", token(&ann).await);
    let mut sockets = Vec::with_capacity(SOCKETS);
    for _ in 0..SOCKETS {
        let mut socket = Socket::open_narrow(addr, &path).await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
        sockets.push(socket);
    }
    let before = memory(process.child());
    let started = Instant::now();
    let mut highest = before;
    // Titles of maximum size: each socket's kernel buffer is full soon, and then its queue.
    for number in 0.. {
        rename(&ann, task, &format!("{number} {}", "é".repeat(490))).await;
        highest = highest.max(memory(process.child()));
        if number % 20 == 0 && counted(&ann, "queue_drops").await >= SOCKETS as u64 {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "the queues never filled");
    }
    let each = (highest - before) / SOCKETS as u64;
    assert!(each <= EACH_KIB, "{each} KiB for each stalled socket: {before} KiB before, {highest} KiB at the most");
    // Each was sent one resync, and is closed when it does not read that either.
    until("all of them are closed", async || counted(&ann, "closed_slow").await == SOCKETS as u64).await;
    let mut first = sockets.swap_remove(0);
    assert_eq!(first.closed().await, close::TOO_SLOW);
}
