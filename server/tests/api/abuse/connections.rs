//! Connections that stall, come in large numbers, or are refused before their request is complete.

use std::time::Duration;

use engine::wire::ServerFrame;
use serde_json::json;
use tokio::{task::JoinSet, time::interval};

use super::Raw;
use crate::{
    harness::{Db, TestServer, on_both_databases},
    realtime::{board, session, socket::Socket, until},
};

const HEALTH: &str = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";

fn head(method: &str, path: &str, length: usize, more: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n"
    )
}

on_both_databases! {
    async fn a_body_that_does_not_arrive_in_time_is_refused_and_its_connection_closed(db: Db) {
        let server = TestServer::start_with(db, |config| config.limits.body_timeout = 1).await;
        let ann = server.person("ann").await;
        let cookie = format!("cookie: {}\r\n", session(&ann).await);
        let mut connections = JoinSet::new();
        for number in 0..60 {
            let (addr, cookie) = (server.addr(), cookie.clone());
            connections.spawn(async move {
                let mut raw = Raw::connect(addr).await;
                let request = match number % 2 {
                    0 => head("POST", "/api/auth/login", 8000, ""),
                    _ => head("POST", "/api/projects", 900_000, &cookie),
                };
                raw.send(request).await;
                raw.send("x".repeat(4000)).await;
                raw.ended().await
            });
        }
        server.anonymous().get("/health").await.expect(200);
        assert_eq!(ann.get("/api/me").await.expect(200).status, 200, "others are served meanwhile");
        while let Some(ended) = connections.join_next().await {
            let (answer, after) = ended.expect("it does not panic");
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            assert!(answer.contains(r#""code":"request_timeout""#) && answer.contains("connection: close\r\n"), "{answer}");
            assert!(after < Duration::from_secs(20), "{after:?}");
        }
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_body_sent_byte_by_byte_is_too_slow_too() {
    let server = TestServer::start_with(Db::Sqlite, |config| config.limits.body_timeout = 1).await;
    let mut raw = Raw::connect(server.addr()).await;
    raw.send(head("POST", "/api/auth/login", 8000, "")).await;
    let (mut reading, mut writing) = raw.0.into_split();
    let dripping = tokio::spawn(async move {
        let mut ticks = interval(Duration::from_millis(50));
        while tokio::io::AsyncWriteExt::write_all(&mut writing, b"x").await.is_ok() {
            ticks.tick().await;
        }
    });
    let mut answer = Vec::new();
    let reading = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut answer);
    let _ = tokio::time::timeout(crate::harness::PATIENCE, reading).await.expect("it ends in time");
    assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 408 "));
    dripping.abort();
}

#[tokio::test(crate = "crate::harness")]
async fn a_refusal_before_the_body_is_read_closes_the_connection() {
    let server = TestServer::start_with(Db::Sqlite, |config| config.limits.body_limit = 100_000).await;
    let ann = server.person("ann").await;
    let cookie = format!("cookie: {}\r\n", session(&ann).await);
    let evil = "origin: https://evil.example\r\n";
    let other = "lockstep-user: 00000000-0000-4000-8000-000000000001\r\n";
    for (request, status) in [
        (head("POST", "/api/projects", 1000, ""), 401),
        (head("POST", "/api/projects", 1000, evil), 403),
        (head("POST", "/api/projects", 1000, &format!("{cookie}{other}")), 409),
        (head("POST", "/api/projects", 100_001, &cookie), 413),
        (head("POST", "/api/auth/login", 20_000, ""), 413),
        (head("POST", "/api/nothing", 1000, ""), 404),
        (head("PUT", "/api/me", 1000, ""), 405),
        (head("GET", "/health", 1000, ""), 200),
    ] {
        let mut raw = Raw::connect(server.addr()).await;
        // The next bytes are the beginning of the body, and must not be parsed as a request.
        raw.send(format!("{request}{HEALTH}")).await;
        let (answer, after) = raw.ended().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}\n{answer}");
        assert!(answer.contains("connection: close\r\n"), "{request}\n{answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{request}\n{answer}");
        assert!(after < Duration::from_secs(5), "{request}: {after:?}");
    }
    // Without a body, or after all of it, the connection stays open.
    let mut raw = Raw::connect(server.addr()).await;
    let login = json!({ "email": "ann@example.org", "password": "wrong horse" }).to_string();
    raw.send(format!("{HEALTH}{}{login}", head("POST", "/api/auth/login", login.len(), ""))).await;
    raw.send("GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let (answers, _) = raw.ended().await;
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 3, "{answers}");
    assert_eq!(answers.matches("connection: close").count(), 1, "{answers}");
}

#[tokio::test(crate = "crate::harness")]
async fn a_request_for_another_host_closes_the_connection_too() {
    let url = "https://board.example.org";
    let server = TestServer::start_with(Db::Sqlite, |config| config.public_url = Some(url.into())).await;
    let mut raw = Raw::connect(server.addr()).await;
    raw.send(format!("{}{HEALTH}", head("POST", "/api/projects", 1000, ""))).await;
    let (answer, _) = raw.ended().await;
    assert!(answer.starts_with("HTTP/1.1 421 ") && answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

#[tokio::test(crate = "crate::harness")]
async fn a_client_that_is_still_sending_can_read_the_refusal() {
    let server = TestServer::start_with(Db::Sqlite, |config| config.limits.body_limit = 100_000).await;
    let ann = server.person("ann").await;
    for _ in 0..20 {
        let body = json!({ "name": "x".repeat(900_000) });
        ann.post("/api/projects", body).await.refused(413, "body_too_large");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn connections_are_limited_per_address() {
    let server = TestServer::start_with(Db::Sqlite, |config| config.limits.connections_per_address = 5).await;
    let addr = server.addr();
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(Raw::connect_from("127.0.0.2", addr).await);
    }
    for _ in 0..20 {
        let mut one = Raw::connect_from("127.0.0.2", addr).await;
        one.send(HEALTH).await;
        let (answer, _) = one.ended().await;
        assert!(answer.starts_with("HTTP/1.1 429 ") && answer.contains("too_many_connections"), "{answer}");
        assert!(answer.contains("connection: close\r\n") && answer.contains("retry-after: 10\r\n"), "{answer}");
    }
    assert_eq!(server.state().services.realtime.health().counts.connections_refused, 20);
    server.anonymous().get("/health").await.expect(200);
    for one in &mut idle {
        one.send(HEALTH).await;
        assert!(one.next().await.starts_with("HTTP/1.1 200 "), "those that are there go on");
    }
    drop(idle);
    until("there is room again", async || {
        let mut one = Raw::connect_from("127.0.0.2", addr).await;
        one.send(HEALTH).await;
        one.next().await.starts_with("HTTP/1.1 200 ")
    })
    .await;
}

#[tokio::test(crate = "crate::harness")]
async fn open_sockets_and_trusted_proxies_do_not_count_and_the_total_is_limited() {
    let server = TestServer::start_with(Db::Sqlite, |config| {
        (config.limits.connections, config.limits.connections_per_address) = (12, 5);
        (config.proxy.trusted, config.proxy.networks) = (true, vec!["127.0.0.3/32".parse().expect("a network")]);
    })
    .await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
        sockets.push(socket);
    }
    drop(ann);
    let health = server.state().services.realtime.clone();
    let refused = health.health().counts.connections_refused;
    let mut open = Vec::new();
    while health.health().counts.connections_refused == refused {
        let mut one = Raw::connect_from("127.0.0.3", server.addr()).await;
        one.send(HEALTH).await;
        let answer = one.next().await;
        if answer.starts_with("HTTP/1.1 200 ") {
            open.push(one);
        } else {
            assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains(r#""code":"busy""#), "{answer}");
        }
    }
    assert!((6..=12).contains(&open.len()), "more than any other address: {}", open.len());
}

#[tokio::test(crate = "crate::harness")]
async fn a_client_that_does_not_read_its_response_is_dropped() {
    let server = TestServer::start_with(Db::Sqlite, |config| {
        (config.limits.request_timeout, config.limits.connections_per_address) = (1, 1);
    })
    .await;
    let mut deaf = Raw::connect_from("127.0.0.2", server.addr()).await;
    // More responses than the system buffers at both ends.
    deaf.send("GET /api/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(500)).await;
    let served = async || {
        let mut one = Raw::connect_from("127.0.0.2", server.addr()).await;
        one.send(HEALTH).await;
        one.next().await
    };
    assert!(served().await.starts_with("HTTP/1.1 429 "), "its place is taken");
    until("its place is free", async || served().await.starts_with("HTTP/1.1 200 ")).await;
    drop(deaf);
}

#[tokio::test(crate = "crate::harness")]
async fn only_a_configured_proxy_is_trusted() {
    let server = TestServer::start_with(Db::Sqlite, |config| {
        (config.proxy.trusted, config.proxy.networks) = (true, vec!["127.0.0.3/32".parse().expect("a network")]);
    })
    .await;
    server.person("ann").await;
    let login = json!({ "email": "ann@example.org", "password": crate::harness::PASSWORD }).to_string();
    let request = head("POST", "/api/auth/login", login.len(), "x-forwarded-proto: https\r\nconnection: close\r\n");
    for (from, secure) in [("127.0.0.1", false), ("127.0.0.3", true)] {
        let mut raw = Raw::connect_from(from, server.addr()).await;
        raw.send(format!("{request}{login}")).await;
        let (answer, _) = raw.ended().await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert_eq!(answer.contains("__Host-lockstep_session=") && answer.contains("; Secure"), secure, "{answer}");
    }
}
