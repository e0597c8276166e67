//! Revoked access closes sockets: at once, on every node, and even without a message.

use std::time::{Duration, Instant};

use engine::{
    ProjectId, TaskId,
    wire::{ServerFrame, close},
};
use serde_json::json;
use server::realtime::{SessionId, Timing};
use tokio::process::Command;

use super::{
    board, pair, rename, server_with, session,
    socket::{Seen, Socket},
};
use crate::harness::{Client, PASSWORD, RedisServer, TestServer, on_both_databases, send};

/// So long that no sweep can have closed a socket.
const NEVER: Duration = Duration::from_secs(3600);
/// How soon the bus closes a socket.
const SOON: Duration = Duration::from_secs(2);

fn no_sweeps() -> Timing {
    Timing { access: NEVER, sweep: NEVER, ..Timing::default() }
}

async fn open(server: &TestServer, project: ProjectId, cookie: &str) -> Socket {
    let mut socket = Socket::open(server.addr(), &format!("/ws/projects/{project}"), &[("cookie", cookie)]).await;
    assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
    socket
}

async fn bell(server: &TestServer, cookie: &str) -> Socket {
    let mut bell = Socket::open(server.addr(), "/ws/notifications", &[("cookie", cookie)]).await;
    assert!(matches!(bell.next().await, Ok(ServerFrame::UnreadSync { .. })));
    bell
}

async fn logout(server: &TestServer, cookie: &str) {
    let request = server.anonymous().request(reqwest::Method::POST, "/api/auth/logout").header("cookie", cookie);
    send(request).await.expect(204);
}

/// The socket is still open: it receives a change.
async fn goes_on(socket: &mut Socket, client: &Client, task: TaskId, title: &str) {
    rename(client, task, title).await;
    assert!(matches!(socket.frame().await, ServerFrame::Event(event) if event.change.kind() == "task_updated"));
}

/// Runs `lockstep` like an operator.
async fn operator(server: &TestServer, redis: &RedisServer, words: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.args(words).args(["--database-url", &server.state().config.database_url(), "--redis-url", &redis.url()]);
    let output = command.arg("--data-dir").arg(folder.path()).kill_on_drop(true).output();
    let output = output.await.expect("lockstep runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

on_both_databases! {
    async fn signing_out_closes_the_sockets_of_that_session_and_no_others(db: Db) {
        let server = server_with(db, no_sweeps()).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let (here, there) = (session(&ann).await, session(&ann).await);
        let token = {
            let request = server.anonymous().request(reqwest::Method::POST, "/api/ws-token").header("cookie", &here);
            send(request).await.expect(200).field::<String>("token")
        };
        let path = format!("/ws/projects/{project}?token={token}");
        let mut sockets = vec![open(&server, project, &here).await, bell(&server, &here).await];
        sockets.push(Socket::open(server.addr(), &path, &[]).await);
        let mut other = open(&server, project, &there).await;
        let started = Instant::now();
        logout(&server, &here).await;
        for socket in &mut sockets {
            assert_eq!(socket.closed().await, close::SIGN_IN);
        }
        assert!(started.elapsed() < SOON);
        goes_on(&mut other, &ann, task, "Still here").await;
        // The token would be valid for a minute, but its session is not.
        assert_eq!(Socket::open(server.addr(), &path, &[]).await.closed().await, close::SIGN_IN);
        let bell = format!("/ws/notifications?token={token}");
        assert_eq!(Socket::open(server.addr(), &bell, &[]).await.closed().await, close::SIGN_IN);
    }

    async fn a_new_password_ends_all_other_sessions(db: Db) {
        let server = server_with(db, no_sweeps()).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let (mine, thief) = (session(&ann).await, session(&ann).await);
        let (mut kept, mut stolen) = (open(&server, project, &mine).await, open(&server, project, &thief).await);
        let change = async |current: &str, password: &str| {
            let request = server.anonymous().request(reqwest::Method::POST, "/api/auth/password");
            send(request.header("cookie", &mine).json(&json!({ "current": current, "password": password }))).await
        };
        assert_eq!(change("wrong horse", "another horse").await.refused(403, "wrong_password")["field"], "current");
        assert_eq!(change(PASSWORD, "short").await.refused(422, "invalid")["field"], "password");
        change(PASSWORD, "another horse").await.expect(204);
        assert_eq!(stolen.closed().await, close::SIGN_IN);
        let login = async |password: &str| {
            let credentials = json!({ "email": ann.user().email, "password": password });
            let client = server.anonymous();
            (client.post("/api/auth/login", credentials).await, client)
        };
        login(PASSWORD).await.0.refused(401, "wrong_credentials");
        let (answer, again) = login("another horse").await;
        answer.expect(200);
        ann.get("/api/me").await.refused(401, "not_signed_in");
        goes_on(&mut kept, &again, task, "Still here").await;
    }

    async fn unannounced_revocations_are_found(db: Db) {
        let timing = Timing { access: Duration::from_millis(50), ..Timing::default() };
        let server = server_with(db, timing).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, task) = board(&ann).await;
        ann.invite(project, &bob, "editor").await;
        let (revoked, expired) = (session(&ann).await, session(&bob).await);
        let mut sockets = [
            open(&server, project, &revoked).await,
            bell(&server, &revoked).await,
            open(&server, project, &expired).await,
        ];
        let mut kept = Socket::board(server.addr(), &ann, project, "").await;
        assert!(matches!(kept.frame().await, ServerFrame::Sync(_)));
        let id = SessionId::of(revoked.split_once('=').expect("a cookie").1);
        server.execute_text(format!("DELETE FROM sessions WHERE token_hash = '{id}'")).await;
        server.execute("UPDATE sessions SET expires_at = 1 WHERE user_id = (SELECT id FROM users WHERE name = 'bob')").await;
        for socket in &mut sockets {
            assert_eq!(socket.closed().await, close::SIGN_IN);
        }
        goes_on(&mut kept, &ann, task, "Still here").await;
    }

    async fn a_membership_that_ended_without_an_event_is_found(db: Db) {
        let timing = Timing { access: Duration::from_millis(50), ..Timing::default() };
        let server = server_with(db, timing).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, _) = board(&ann).await;
        ann.invite(project, &bob, "editor").await;
        let cookie = session(&bob).await;
        let (mut his, mut bell) = (open(&server, project, &cookie).await, bell(&server, &cookie).await);
        server.execute("DELETE FROM project_members WHERE role = 'editor'").await;
        assert_eq!(his.closed().await, close::NO_ACCESS);
        bell.send(json!({ "type": "ping" })).await;
        assert_eq!(bell.next().await, Ok(ServerFrame::Pong), "he is still signed in");
    }

    async fn every_node_receives_revocations_through_redis(db: Db) {
        let redis = RedisServer::start().await;
        let (one, two) = pair(db, &redis, &no_sweeps()).await;
        let (ann, bob) = (one.person("ann").await, one.person("bob").await);
        let (project, task) = board(&ann).await;
        ann.invite(project, &bob, "editor").await;
        let cookie = session(&ann).await;
        let mut hers = [open(&one, project, &cookie).await, open(&two, project, &cookie).await, bell(&two, &cookie).await];
        let mut his = Socket::board(two.addr(), &bob, project, "").await;
        assert!(matches!(his.frame().await, ServerFrame::Sync(_)));
        let started = Instant::now();
        logout(&one, &cookie).await;
        for socket in &mut hers {
            assert_eq!(socket.closed().await, close::SIGN_IN);
        }
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());

        // A lower role: he stays, but can no longer write.
        let member = format!("/api/projects/{project}/members/{}", bob.user().id);
        ann.patch(&member, json!({ "role": "viewer" })).await.expect(200);
        let received = |frame: &ServerFrame| matches!(frame, ServerFrame::Event(event) if event.change.kind() == "member_updated");
        his.find(received).await;
        bob.at(two.addr()).patch(&format!("/api/tasks/{task}"), json!({ "title": "No" })).await.refused(403, "forbidden");
        goes_on(&mut his, &ann, task, "Still here").await;

        let started = Instant::now();
        ann.delete(&member).await.expect(200);
        assert_eq!(his.closed().await, close::NO_ACCESS);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    }

    async fn without_redis_every_node_finds_revocations_by_itself(db: Db) {
        let mut redis = RedisServer::start().await;
        let timing = Timing { access: Duration::from_millis(100), ..Timing::default() };
        let (one, two) = pair(db, &redis, &timing).await;
        let (ann, bob) = (one.person("ann").await, one.person("bob").await);
        let (project, _) = board(&ann).await;
        ann.invite(project, &bob, "editor").await;
        let cookie = session(&ann).await;
        let mut hers = open(&two, project, &cookie).await;
        let mut his = Socket::board(two.addr(), &bob, project, "").await;
        let mut seen = Seen::default();
        seen.take(his.frame().await);
        redis.kill();
        logout(&one, &cookie).await;
        assert_eq!(hers.closed().await, close::SIGN_IN);
        let member = format!("/api/projects/{project}/members/{}", bob.user().id);
        ann.delete(&member).await.expect(200);
        assert_eq!(his.closed().await, close::NO_ACCESS);
    }

    async fn revocations_during_a_redis_outage_are_found_after_it(db: Db) {
        let mut redis = RedisServer::start().await;
        let (one, two) = pair(db, &redis, &no_sweeps()).await;
        let ann = one.person("ann").await;
        let (project, _) = board(&ann).await;
        let cookie = session(&ann).await;
        let mut hers = [open(&two, project, &cookie).await, bell(&two, &cookie).await];
        redis.kill();
        let id = SessionId::of(cookie.split_once('=').expect("a cookie").1);
        one.execute_text(format!("DELETE FROM sessions WHERE token_hash = '{id}'")).await;
        redis.restart().await;
        for socket in &mut hers {
            assert_eq!(socket.closed().await, close::SIGN_IN);
        }
    }

    async fn the_operator_ends_sessions_on_every_node(db: Db) {
        let redis = RedisServer::start().await;
        let (one, two) = pair(db, &redis, &no_sweeps()).await;
        let ann = one.person("ann").await;
        let (project, _) = board(&ann).await;
        let email = ann.user().email.clone();
        let mut by_reset = [open(&one, project, &session(&ann).await).await, open(&two, project, &session(&ann.at(two.addr())).await).await];
        operator(&one, &redis, &["user", "reset-password", &email]).await;
        for socket in &mut by_reset {
            assert_eq!(socket.closed().await, close::SIGN_IN);
        }
        let bob = one.person("bob").await;
        let (project, _) = board(&bob).await;
        let mut by_disabling = open(&two, project, &session(&bob).await).await;
        operator(&one, &redis, &["user", "disable", &bob.user().email]).await;
        assert_eq!(by_disabling.closed().await, close::SIGN_IN);
        bob.get("/api/me").await.refused(401, "not_signed_in");
        let credentials = json!({ "email": bob.user().email, "password": PASSWORD });
        let login = async || one.anonymous().post("/api/auth/login", credentials.clone()).await;
        login().await.refused(403, "account_disabled");
        let wrong = json!({ "email": bob.user().email, "password": "wrong horse" });
        one.anonymous().post("/api/auth/login", wrong).await.refused(401, "wrong_credentials");
        operator(&one, &redis, &["user", "enable", &bob.user().email]).await;
        login().await.expect(200);
    }
}
