//! Limits per client: sockets, time for a request, and the build.

use std::{
    fs,
    time::{Duration, Instant},
};

use engine::wire::{ServerFrame, close};
use serde_json::{Value, json};
use server::realtime::Timing;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    PATIENCE, board,
    socket::{Socket, token},
    until,
};
use crate::harness::{Client, Db, TestServer};

#[tokio::test(crate = "crate::harness")]
async fn sockets_per_user_are_limited() {
    let server = TestServer::start_with(Db::Sqlite, |config| config.limits.sockets_per_user = 2).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let (project, _) = board(&ann).await;
    ann.invite(project, &bob, "viewer").await;
    let open = async || {
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        let first = socket.next().await;
        (first, socket)
    };
    let (first, one) = open().await;
    assert!(matches!(first, Ok(ServerFrame::Sync(_))));
    let path = format!("/ws/notifications?token={}", token(&ann).await);
    let mut bell = Socket::open(server.addr(), &path, &[]).await;
    assert!(bell.next().await.is_ok(), "a bell is a socket too");
    assert_eq!(open().await.0, Err(close::TOO_MANY_SOCKETS));
    let mut his = Socket::board(server.addr(), &bob, project, "").await;
    assert!(matches!(his.frame().await, ServerFrame::Sync(_)), "somebody else has sockets of their own");
    let counts = server.state().services.realtime.health().counts;
    assert_eq!((counts.closed_crowded, counts.closes.with(close::TOO_MANY_SOCKETS)), (1, 1));
    drop(one);
    until("the place is free again", async || server.state().services.realtime.health().connections == 2).await;
    until("another one gets in", async || matches!(open().await.0, Ok(ServerFrame::Sync(_)))).await;
    let metrics = server.anonymous().get("/metrics").await.expect(200).text;
    assert!(
        metrics.contains("lockstep_closed_crowded_total ") && metrics.contains("lockstep_closes_total{code=\"4130\"} "),
        "{metrics}"
    );
    let health: Value = server.anonymous().get("/health/realtime").await.expect(200).json();
    assert!(health["closes"]["4130"].as_u64().is_some_and(|count| count > 0), "{health}");
}

#[tokio::test(crate = "crate::harness")]
async fn signed_in_sockets_per_address_are_limited() {
    let server = TestServer::start_with(Db::Sqlite, |config| config.limits.sockets_per_address = 2).await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    let _bell = Socket::open(server.addr(), &format!("/ws/notifications?token={}", token(&ann).await), &[]).await;
    let one = Socket::board(server.addr(), &ann, project, "").await;
    let refused = upgrade(&ann).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "10");
    assert_eq!(server.state().services.realtime.health().counts.closed_crowded, 1);
    drop(one);
    until("the place is free again", async || upgrade(&ann).await.status() == 101).await;
}

/// Requests a socket, with the cookies of this client.
async fn upgrade(client: &Client) -> reqwest::Response {
    let request = client.request(reqwest::Method::GET, "/ws/notifications");
    let headers = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    request.send().await.expect("an answer")
}

#[tokio::test(crate = "crate::harness")]
async fn pending_sockets_do_not_count_against_signed_in_ones() {
    let folder = tempfile::tempdir().expect("a folder for the server");
    let mut config = server::config::Config::isolated(folder.path());
    (config.limits.sockets_per_address, config.limits.pending_sockets_per_address, config.limits.pending_sockets) =
        (2, 20, 25);
    let timing = Timing { auth: PATIENCE * 10, ..Timing::default() };
    let server = TestServer::run(config, timing, folder).await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(Socket::open(server.addr(), "/ws/notifications", &[]).await);
    }
    for _ in 0..50 {
        assert_eq!(upgrade(&server.anonymous()).await.status(), 429);
    }
    // Behind the same address, signed-in users get all of theirs.
    let mut hers = Vec::new();
    for _ in 0..2 {
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
        hers.push(socket);
    }
    // A socket that signs in counts as signed in from then on.
    let mut late = silent.pop().expect("one of them");
    late.send(json!({ "type": "auth", "token": token(&ann).await })).await;
    assert_eq!(late.closed().await, close::TOO_MANY_SOCKETS);
    hers.pop();
    let left = silent.len() + hers.len();
    until("a place is free again", async || server.state().services.realtime.health().connections == left).await;
    let mut late = silent.pop().expect("one of them");
    late.send(json!({ "type": "auth", "token": token(&ann).await })).await;
    assert!(late.next().await.is_ok());
}

#[tokio::test(crate = "crate::harness")]
async fn many_pending_sockets_have_less_time_to_sign_in() {
    let folder = tempfile::tempdir().expect("a folder for the server");
    let mut config = server::config::Config::isolated(folder.path());
    config.limits.pending_sockets_per_address = 2;
    let timing = Timing { auth: Duration::from_secs(5), ..Timing::default() };
    let server = TestServer::run(config, timing, folder).await;
    let started = Instant::now();
    let mut first = Socket::open(server.addr(), "/ws/notifications", &[]).await;
    let mut second = Socket::open(server.addr(), "/ws/notifications", &[]).await;
    assert_eq!(second.closed().await, close::SIGN_IN);
    assert!((800..4900).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    assert_eq!(first.closed().await, close::SIGN_IN);
    assert!(started.elapsed() >= Duration::from_millis(4900), "{:?}", started.elapsed());
}

#[tokio::test(crate = "crate::harness")]
async fn a_connection_without_a_complete_request_is_dropped() {
    let server = TestServer::start_with(Db::Sqlite, |config| config.limits.request_timeout = 1).await;
    let unfinished = || server.state().services.realtime.health().counts.requests_unfinished;
    let ended = async |said: &str| {
        let mut stream = TcpStream::connect(server.addr()).await.expect("the server listens");
        stream.write_all(said.as_bytes()).await.expect("it takes it");
        let started = Instant::now();
        let mut answer = Vec::new();
        // A reset ends it as well.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it ends in time");
        assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
        String::from_utf8_lossy(&answer).into_owned()
    };
    ended("").await;
    ended("GET /ws/notifications HTTP/1.1\r\nhost: x\r\nupgrade: webso").await;
    assert_eq!(unfinished(), 2);
    let answer = ended("GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(unfinished(), 2, "one that rests after a request has done nothing wrong");
    // An open socket is no waiting request.
    let ann = server.person("ann").await;
    let (project, task) = board(&ann).await;
    let mut socket = Socket::board(server.addr(), &ann, project, "").await;
    assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
    ended("").await;
    super::rename(&ann, task, "Still here").await;
    assert!(matches!(socket.frame().await, ServerFrame::Event(_)));
}

#[tokio::test(crate = "crate::harness")]
async fn a_page_of_another_build_is_too_old() {
    let site = tempfile::tempdir().expect("a folder");
    let pkg = site.path().join("pkg");
    fs::create_dir(&pkg).expect("a folder");
    for file in ["lockstep.css", "lockstep.js", "lockstep.wasm"] {
        fs::write(pkg.join(file), file).expect("a file");
    }
    let folder = site.path().to_owned();
    let server = TestServer::start_with(Db::Sqlite, move |config| config.site = Some(folder)).await;
    let build = server.state().files.version().expect("a version");
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    for more in [String::new(), format!("&build={build}")] {
        let mut socket = Socket::board(server.addr(), &ann, project, &more).await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)), "{more}");
    }
    let mut old = Socket::board(server.addr(), &ann, project, "&build=another").await;
    assert_eq!(old.closed().await, close::CLIENT_TOO_OLD);
    // Clients without a session are told the same: signing in would not help.
    let mut old = Socket::open(server.addr(), "/ws/notifications?build=another", &[]).await;
    assert_eq!(old.closed().await, close::CLIENT_TOO_OLD);
    let counts = server.state().services.realtime.health().counts;
    assert_eq!((counts.closed_outdated, counts.closes.with(close::CLIENT_TOO_OLD)), (2, 2));
    // A server without the page's files, as under `cargo leptos watch`, cannot compare.
    let server = TestServer::start(Db::Sqlite).await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    let mut socket = Socket::board(server.addr(), &ann, project, "&build=another").await;
    assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
}
