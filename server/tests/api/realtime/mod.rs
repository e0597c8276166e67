//! Sockets and the bus.

mod access;
mod batch;
mod bus;
mod faults;
mod join;
mod limits;
mod nodes;
mod resume;
mod socket;
mod stop;

use std::{future::Future, time::Duration};

use engine::{ProjectId, TaskId};
use serde_json::json;
use server::{config::Config, realtime::Timing};

use crate::harness::{Client, Db, TestServer};

/// How long anything may take before a test gives up. No test waits for this long to pass.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with other intervals.
async fn server_with(db: Db, timing: Timing) -> TestServer {
    let folder = tempfile::tempdir().expect("a folder for the server");
    let mut config = Config::isolated(folder.path());
    config.database_url = Some(db.fresh(folder.path()).await);
    TestServer::run(config, timing, folder).await
}

/// Waits until something is so.
async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "waited in vain until {what}");
}

/// Renames a task, which is one event.
async fn rename(client: &Client, task: TaskId, title: &str) {
    client.patch(&format!("/api/tasks/{task}"), json!({ "title": title })).await.expect(200);
}

/// Makes a project with one task, and gives both.
async fn board(client: &Client) -> (ProjectId, TaskId) {
    let project = client.project("Board").await;
    let task = client.task(project, "Card").await;
    (project, task.id)
}
