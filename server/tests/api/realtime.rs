//! Sockets and the bus.

mod access;
mod batch;
mod bell;
mod bus;
mod counters;
mod crash;
mod crowds;
mod faults;
mod frames;
mod hangups;
mod healing;
mod invalidation;
mod join;
mod limits;
mod lost_events;
mod nodes;
mod odd;
mod page_user;
mod presence;
pub(crate) mod process;
mod proof;
mod resume;
mod retention;
mod revocation;
mod scopes;
mod secrets;
mod skew;
pub(crate) mod socket;
mod stalled;
mod stop;
mod storm;
mod tab;
mod tls;
mod undelivered;
mod wire;
mod writers;

use std::{net::SocketAddr, sync::Arc};

use engine::{ProjectId, TaskId};
use serde_json::json;
use server::{
    config::Config,
    connections::{self, Serving},
    realtime::{Log, Realtime, Timing, bus::Bus},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) use crate::harness::until;
use crate::harness::{Client, Db, PASSWORD, PATIENCE, RedisServer, TestServer};

/// A server with other intervals.
async fn server_with(db: Db, timing: Timing) -> TestServer {
    let folder = tempfile::tempdir().expect("a folder for the server");
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(db.fresh(folder.path()).await);
    TestServer::run(config, timing, folder).await
}

/// Another node on the database of `server`, with this log and this bus.
async fn node(server: &TestServer, log: Arc<dyn Log>, bus: impl Bus, timing: Timing) -> (SocketAddr, Realtime) {
    let mut state = server.state().clone();
    let inbox = Arc::new(state.services.store.clone());
    state.services.realtime = Realtime::on_bus(log, inbox, Arc::new(bus), timing);
    let (realtime, config) = (state.services.realtime.clone(), Arc::clone(&state.config));
    let router = server::http::router(&state).merge(server::sockets::router()).with_state(state);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    let serving = Serving { router, config, realtime: realtime.clone() };
    tokio::spawn(connections::serve(listener, serving, CancellationToken::new()));
    (addr, realtime)
}

/// Two servers on one database and one Redis, both of which have proven delivery.
pub(crate) async fn pair(db: Db, redis: &RedisServer, timing: &Timing) -> (TestServer, TestServer) {
    let folder = tempfile::tempdir().expect("a folder for the server");
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(db.fresh(folder.path()).await);
    config.redis.url = Some(redis.url());
    let one = TestServer::run(config, timing.clone(), folder).await;
    let two = one.beside(timing.clone(), |config| config.redis.url = Some(redis.url())).await;
    for server in [&one, &two] {
        until("delivery is proven", async || server.state().services.realtime.ready()).await;
    }
    (one, two)
}

/// Signs in once more. Returns the cookie of that session.
pub(crate) async fn session(client: &Client) -> String {
    let credentials = json!({ "email": client.user().email, "password": PASSWORD });
    let answer = client.anonymous().post("/api/auth/login", credentials).await.expect(200);
    let cookie = answer.headers["set-cookie"].to_str().expect("a text");
    cookie.split(';').next().expect("a cookie").to_owned()
}

/// Renames a task, which is one event.
async fn rename(client: &Client, task: TaskId, title: &str) {
    client.patch(&format!("/api/tasks/{task}"), json!({ "title": title })).await.expect(200);
}

/// Creates a project with one task. Returns both.
pub(crate) async fn board(client: &Client) -> (ProjectId, TaskId) {
    let project = client.project("Board").await;
    let task = client.task(project, "Card").await;
    (project, task.id)
}
