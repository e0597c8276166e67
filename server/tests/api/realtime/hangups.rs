//! Clients that disconnect before their write is answered.

use std::{net::SocketAddr, time::Duration};

use engine::{ProjectId, wire::ServerFrame};
use serde_json::json;
use server::{config::Config, realtime::Timing};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{
    server_with, session,
    socket::{Seen, Socket, token},
    until,
};
use crate::harness::{Client, PATIENCE, TestServer, WriteLock, on_both_databases};

/// So long that no test sees it happen.
const NEVER: Duration = Duration::from_secs(3600);
/// Requests that are cancelled, each at a different moment.
const HANGUPS: u64 = 120;

/// A server on which only the publication of a write itself reaches others.
fn silent() -> Timing {
    Timing { sweep: NEVER, bells: NEVER, bell_recheck: NEVER, access: NEVER, ..Timing::default() }
}

/// A client that writes over connections of its own.
struct Caller {
    addr: SocketAddr,
    cookie: String,
    project: ProjectId,
    assignee: engine::UserId,
}

impl Caller {
    async fn new(server: &TestServer, ann: &Client, ben: &Client, project: ProjectId) -> Self {
        Self { addr: server.addr(), cookie: session(ann).await, project, assignee: ben.user().id }
    }

    /// Requests a new task for Ben.
    async fn ask(&self, title: &str) -> TcpStream {
        let body = json!({ "title": title, "assignee_id": self.assignee }).to_string();
        let (project, cookie, length) = (self.project, &self.cookie, body.len());
        let request = format!(
            "POST /api/projects/{project}/tasks HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            self.addr
        );
        let mut stream = TcpStream::connect(self.addr).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("it is sent");
        stream
    }

    /// Sends the same request, and disconnects; returns when the server has noticed.
    async fn ask_and_hang_up(&self, title: &str) {
        let mut stream = self.ask(title).await;
        stream.shutdown().await.expect("it hangs up");
        let mut answer = Vec::new();
        // However that ends.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the server ends the connection");
        assert!(answer.is_empty(), "it was answered before it hung up: {}", String::from_utf8_lossy(&answer));
    }
}

async fn team(server: &TestServer) -> (Client, Client, ProjectId) {
    let (ann, ben) = (server.person("ann").await, server.person("ben").await);
    let project = ann.project("Board").await;
    ann.invite(project, &ben, "editor").await;
    (ann, ben, project)
}

async fn bell_of(addr: SocketAddr, client: &Client) -> Socket {
    let mut bell = Socket::open(addr, &format!("/ws/notifications?token={}", token(client).await), &[]).await;
    assert!(matches!(bell.next().await, Ok(ServerFrame::UnreadSync { .. })));
    bell
}

on_both_databases! {
    async fn a_write_continues_without_its_client_and_is_published(db: Db) {
        let server = server_with(db, silent()).await;
        let (ann, ben, project) = team(&server).await;
        let caller = Caller::new(&server, &ann, &ben, project).await;
        let mut socket = Socket::board(server.addr(), &ben, project, "").await;
        let mut seen = Seen::default();
        seen.take(socket.frame().await);
        let mut bell = bell_of(server.addr(), &ben).await;
        let start = seen.seq();
        let lock = WriteLock::take(&server).await;
        caller.ask_and_hang_up("Unheard").await;
        lock.release().await;
        seen.read_to(&mut socket, start + 1).await;
        let ServerFrame::Notification { data } = bell.frame().await else { panic!("no notification") };
        assert_eq!(data.message, "Unheard");
        assert_eq!(ann.board(project).await.tasks.len(), 1);
    }

    async fn every_stored_write_is_published_whenever_its_client_hangs_up(db: Db) {
        let server = server_with(db, silent()).await;
        let (ann, ben, project) = team(&server).await;
        let caller = Caller::new(&server, &ann, &ben, project).await;
        let mut socket = Socket::board(server.addr(), &ben, project, "").await;
        let mut seen = Seen::default();
        seen.take(socket.frame().await);
        let (start, mut bell) = (seen.seq(), bell_of(server.addr(), &ben).await);
        for number in 0..HANGUPS {
            let stream = caller.ask(&format!("Card {number}")).await;
            // From before it is read to after it is answered.
            sleep(Duration::from_micros(number * 50)).await;
            drop(stream);
        }
        // The last one waits for the others: they write to one project.
        let draft = json!({ "title": "Last", "assignee_id": ben.user().id });
        ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
        let board = ann.board(project).await;
        seen.read_to(&mut socket, board.seq).await;
        assert_eq!((seen.events.len() as u64, seen.resyncs.len()), (board.seq - start, 0));
        let counts = server.state().services.realtime.health().counts;
        assert_eq!((counts.gap_repairs, counts.bells_healed), (0, 0), "published by each write itself");
        let mut published = 0;
        loop {
            let ServerFrame::Notification { data } = bell.frame().await else { panic!("no notification") };
            published += 1;
            if data.message == "Last" {
                break;
            }
        }
        assert_eq!(published, board.tasks.len());
    }

    async fn a_stopping_server_finishes_writes_of_disconnected_clients(db: Db) {
        let (folder, kept) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let mut config = Config::isolated(folder.path());
        config.database.url = Some(db.fresh(kept.path()).await);
        let server = TestServer::run(config.clone(), silent(), folder).await;
        let (ann, ben, project) = team(&server).await;
        let caller = Caller::new(&server, &ann, &ben, project).await;
        let lock = WriteLock::take(&server).await;
        caller.ask_and_hang_up("Unheard").await;
        let addr = server.addr();
        let stopping = tokio::spawn(server.stop());
        until("no new connections", async || TcpStream::connect(addr).await.is_err()).await;
        lock.release().await;
        stopping.await.expect("a good end");
        let folder = tempfile::tempdir().expect("a folder");
        config.data_dir = folder.path().into();
        let again = TestServer::run(config, Timing::default(), folder).await;
        assert_eq!(again.number("SELECT COUNT(*) FROM tasks").await, 1);
    }
}
