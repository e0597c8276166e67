//! Processes that die without notice, as by `kill -9`.

use std::time::{Duration, Instant};

use engine::{Op, TaskPatch, session::Link};
use tempfile::TempDir;

use super::{
    board,
    process::Process,
    proof::settled,
    tab::{Tab, Way},
    until,
};
use crate::harness::{Client, Db, RedisServer, new_op, on_both_databases};

/// A second for the sweep, and as much again for a busy machine.
const SOON: Duration = Duration::from_secs(3);

/// A separate database, in a folder that lives as long as the returned value.
async fn database(db: Db) -> (String, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (db.fresh(folder.path()).await, folder)
}

/// A process dies between a commit and its publication.
async fn dies_before_it_tells(db: Db, redis: Option<&RedisServer>) {
    let (database, _folder) = database(db).await;
    let survivor = Process::start(&database, redis, &[]).await;
    let doomed = Process::start(&database, redis, &["--die-after-commits=3"]).await;
    let mut ann = Client::new(survivor.addr);
    ann.register("ann").await;
    let (project, task) = board(&ann).await;
    let mut tab = Tab::open(&ann, project, Way { nodes: vec![survivor.addr], haste: 1 }).await;
    tab.shows("a connection", |sight| sight.link == Link::Live).await;
    let start = tab.sight().seq;
    let there = ann.at(doomed.addr);
    let mut edits = Vec::new();
    for number in 1..=3 {
        let patch = TaskPatch { title: Some(format!("Title {number}")), ..TaskPatch::default() };
        let (op, request) = (new_op(), Op::UpdateTask { task_id: task, patch }.request());
        edits.push((op, request.clone()));
        let answered = there.ask(request, Some(op)).await;
        assert_eq!(answered.is_ok(), number < 3, "{answered:?}");
    }
    until("the process is gone", async || !doomed.is_running()).await;
    let died = Instant::now();
    tab.shows("what nobody said", |sight| sight.seq == start + 3).await;
    assert!(died.elapsed() < SOON, "{:?}", died.elapsed());
    // A client without a response repeats its request: it was executed, and is not executed twice.
    let (op, request) = edits.remove(2);
    let answer = ann.op(request, op).await.expect(200);
    assert_eq!(answer.field::<u64>("seq"), start + 3);
    let made = ann.events(project).await.into_iter().filter(|event| event["op_id"] == op.to_string()).count();
    assert_eq!(made, 1);
    settled(&ann, project, vec![tab]).await;
}

on_both_databases! {
    async fn unpublished_commits_of_a_killed_process_arrive_without_redis(db: Db) {
        dies_before_it_tells(db, None).await;
    }

    async fn unpublished_commits_of_a_killed_process_arrive_with_redis(db: Db) {
        let redis = RedisServer::start().await;
        dies_before_it_tells(db, Some(&redis)).await;
    }

    async fn a_process_killed_under_load_loses_and_repeats_nothing(db: Db) {
        let (database, _folder) = database(db).await;
        let redis = match db {
            Db::Sqlite => None,
            Db::Postgres => Some(RedisServer::start().await),
        };
        let mut one = Process::start(&database, redis.as_ref(), &[]).await;
        let two = Process::start(&database, redis.as_ref(), &[]).await;
        let mut ann = Client::new(two.addr);
        ann.register("ann").await;
        let (project, task) = board(&ann).await;
        let mut tabs = Vec::new();
        for number in 0..8 {
            let nodes = if number % 2 == 0 { vec![one.addr, two.addr] } else { vec![two.addr, one.addr] };
            tabs.push(Tab::open(&ann, project, Way { nodes, haste: 1 }).await);
        }
        for round in [1, 2] {
            let start = tabs[1].sight().seq;
            for tab in &mut tabs {
                tab.rename(task, 20);
            }
            tabs[1].shows("the first half", |sight| sight.seq > start + 60).await;
            one.kill();
            let waiting = tabs.iter().map(|tab| tab.waiting()).sum::<usize>();
            assert!(waiting > 0, "it was killed too late, in round {round}");
            one.restart(&[]).await;
        }
        settled(&ann, project, tabs).await;
    }
}
