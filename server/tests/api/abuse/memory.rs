//! How much memory of a real process strangers can occupy, and keep occupied.

use std::fs;

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::Raw;
use crate::{
    harness::{Client, Db},
    realtime::{process::Process, until},
};

/// What may remain, in KiB: the allocator keeps some freed memory.
const KEPT: u64 = 30 * 1024;

/// The resident memory of a process, in KiB.
fn resident(process: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.child().id())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

async fn start(more: &[&str]) -> (Process, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Db::Sqlite.fresh(folder.path()).await;
    (Process::start(&database, None, more).await, folder)
}

/// A sign-in with an address of this many bytes. Its password is too long to be hashed.
async fn sign_in(client: &Client, number: usize, bytes: usize) -> u16 {
    let body = json!({ "email": format!("{number}{}@example.org", "a".repeat(bytes)), "password": "x".repeat(300) });
    let request = client.request(Method::POST, "/api/auth/login").json(&body);
    let request = request.header("x-forwarded-for", format!("10.{}.{}.1", number / 200, number % 200));
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test(crate = "crate::harness")]
async fn sign_ins_with_huge_addresses_do_not_leak_memory() {
    let more = ["--auth-limit=10", "--account-limit=50", "--trusted-proxy=1"];
    let large = ["--auth-body-limit=2000000", "--body-limit=2000000"];
    let (process, _folder) = start(&[&more[..], &large[..]].concat()).await;
    let client = Client::new(process.addr);
    for number in 0..20 {
        assert_eq!(sign_in(&client, number, 1_000_000).await, 401);
    }
    let before = resident(&process);
    let mut refused = 0;
    for number in 20..220 {
        let status = sign_in(&client, number, 1_000_000).await;
        refused += usize::from(status == 429);
        assert!(matches!(status, 401 | 429), "{status}");
    }
    assert!(refused > 150, "no account has such an address: they count as one");
    // Plausible accounts, each once.
    for number in 0..1000 {
        assert_eq!(sign_in(&client, number, 20).await, 401);
    }
    let after = resident(&process);
    assert!(after < before + KEPT, "{before} KiB before, {after} KiB after");
    drop(process);

    // With the default settings they are not even read.
    let (process, _folder) = start(&more).await;
    let client = Client::new(process.addr);
    assert_eq!(sign_in(&client, 0, 20).await, 401);
    let before = resident(&process);
    for number in 0..400 {
        assert_eq!(sign_in(&client, number, 1_000_000).await, 413);
    }
    let after = resident(&process);
    assert!(after < before + KEPT, "{before} KiB before, {after} KiB after");
}

/// Begins this many requests whose bodies of 1 MB stop after some bytes. Returns the status of each once it has ended.
fn begin(process: &Process, cookie: &str, count: usize, bytes: usize) -> JoinSet<u16> {
    let mut connections = JoinSet::new();
    for _ in 0..count {
        let (addr, cookie) = (process.addr, cookie.to_owned());
        connections.spawn(async move {
            let mut raw = Raw::connect(addr).await;
            let head = "POST /api/projects HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
            raw.send(format!("{head}cookie: {cookie}\r\ncontent-length: 1000000\r\n\r\n")).await;
            raw.send("x".repeat(bytes)).await;
            let (answer, _) = raw.ended().await;
            let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
            status.unwrap_or_else(|| panic!("no answer: {answer}"))
        });
    }
    connections
}

#[tokio::test(crate = "crate::harness")]
async fn bodies_that_stop_half_way_are_freed() {
    let (process, _folder) = start(&["--body-timeout=2", "--large-bodies=0"]).await;
    let mut ann = Client::new(process.addr);
    ann.register("ann").await;
    let cookie = crate::realtime::session(&ann).await;
    let before = resident(&process);
    let ended = begin(&process, &cookie, 100, 900_000).join_all().await;
    assert!(ended.iter().all(|status| *status == 408), "{ended:?}");
    until("its memory is free again", async || {
        assert_eq!(ann.get("/api/me").await.status, 200);
        resident(&process) < before + KEPT
    })
    .await;
}

#[tokio::test(crate = "crate::harness")]
async fn concurrent_large_bodies_are_limited_per_address() {
    let (process, _folder) = start(&["--body-timeout=10", "--large-bodies=32"]).await;
    let mut ann = Client::new(process.addr);
    ann.register("ann").await;
    let project = ann.project("Board").await;
    let cookie = crate::realtime::session(&ann).await;
    // Their number bounds the memory: each may take 1 MB.
    let mut ended = begin(&process, &cookie, 200, 20_000);
    let mut statuses = Vec::new();
    while statuses.len() < 192 {
        statuses.push(ended.join_next().await.expect("not all have ended").expect("it does not panic"));
    }
    assert!(statuses.iter().all(|status| *status == 503), "{statuses:?}");
    // Eight are still being read. Most requests are not large.
    ann.task(project, "Meanwhile").await;
    let title = json!({ "title": "Long", "description": "x".repeat(20_000) });
    ann.post(&format!("/api/projects/{project}/tasks"), title.clone()).await.refused(503, "busy");
    let late = ended.join_all().await;
    assert!(late.len() == 8 && late.iter().all(|status| *status == 408), "{late:?}");
    ann.post(&format!("/api/projects/{project}/tasks"), title).await.expect(201);
}
