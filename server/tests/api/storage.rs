//! Durability: an acknowledged write is on the disk, and a full disk acknowledges none.

use std::collections::BTreeSet;

use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Client, DiskServer};

#[tokio::test(crate = "crate::harness")]
async fn a_write_is_flushed_before_its_response() {
    let server = DiskServer::start(&[]).await;
    let ada = server.person("ada").await;
    let project = ada.project("Engine").await;
    let task = ada.task(project, "moves").await;
    for number in 0..20 {
        let before = server.flushes();
        match number % 3 {
            0 => drop(ada.task(project, "new").await),
            1 => drop(ada.project("Another").await),
            _ => drop(ada.patch(&crate::harness::path(task.id), json!({ "title": "other" })).await.expect(200)),
        }
        assert!(server.flushes() > before, "write {number} was answered before it was on the disk");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn with_normal_durability_the_response_precedes_the_flush() {
    let server = DiskServer::start(&["--durability=normal"]).await;
    let ada = server.person("ada").await;
    let project = ada.project("Engine").await;
    let mut early = 0;
    for _ in 0..40 {
        let before = server.flushes();
        ada.task(project, "new").await;
        early += u32::from(server.flushes() == before);
    }
    assert!(early > 0, "each write was flushed");
}

#[tokio::test(crate = "crate::harness")]
async fn a_full_disk_is_reported_and_acknowledged_writes_stay() {
    let server = DiskServer::start(&[]).await;
    let ada = server.person("ada").await;
    let (project, other) = (ada.project("Engine").await, ada.project("Other").await);
    ada.task(project, "before").await;
    let mut kept = BTreeSet::from(["before".to_owned()]);
    for round in 0..3 {
        server.set_full(true);
        let refused = post(&ada, project, "refused").await;
        assert_eq!(refused.0, 507, "{}", refused.1);
        assert!(refused.1.contains(r#""code":"storage_full""#), "{}", refused.1);
        // Reads continue.
        assert_eq!(ada.board(project).await.tasks.len(), kept.len());
        // Concurrent writes share a transaction, which the database rolls back as a whole.
        let mut writes = JoinSet::new();
        for number in 0..30 {
            let (ada, project) = (ada.clone(), if number % 2 == 0 { project } else { other });
            writes.spawn(async move { post(&ada, project, "refused").await });
        }
        while let Some(answer) = writes.join_next().await {
            let (status, text) = answer.expect("no panic");
            assert!(matches!(status, 503 | 507), "{status} {text}");
        }
        server.set_full(false);
        let title = format!("after {round}");
        let (status, text) = post(&ada, project, &title).await;
        assert_eq!(status, 201, "{text}");
        kept.insert(title);
        let board = ada.board(project).await;
        let titles: BTreeSet<String> = board.tasks.iter().map(|task| task.title.clone()).collect();
        assert_eq!((titles, board.seq), (kept.clone(), kept.len() as u64));
        assert!(ada.board(other).await.tasks.is_empty());
    }
}

#[tokio::test(crate = "crate::harness")]
async fn writes_acknowledged_while_the_disk_filled_up_are_stored() {
    let server = DiskServer::start(&[]).await;
    let ada = server.person("ada").await;
    let project = ada.project("Engine").await;
    let mut writes = JoinSet::new();
    for number in 0..200 {
        let ada = ada.clone();
        writes.spawn(async move { (number, post(&ada, project, &number.to_string()).await.0) });
    }
    let mut kept = BTreeSet::new();
    let mut answers = 0;
    while let Some(answer) = writes.join_next().await {
        let (number, status) = answer.expect("no panic");
        answers += 1;
        if answers % 40 == 20 {
            server.set_full(true);
        } else if answers % 40 == 30 {
            server.set_full(false);
        }
        match status {
            201 => drop(kept.insert(number.to_string())),
            status => assert!(matches!(status, 503 | 507), "{status}"),
        }
    }
    let board = ada.board(project).await;
    let titles: BTreeSet<String> = board.tasks.iter().map(|task| task.title.clone()).collect();
    assert_eq!((titles, board.seq), (kept.clone(), kept.len() as u64));
}

async fn post(client: &Client, project: engine::ProjectId, title: &str) -> (u16, String) {
    let answer = client.post(&format!("/api/projects/{project}/tasks"), json!({ "title": title })).await;
    (answer.status, answer.text)
}
