//! Oversight pages are notified of changes, on every node.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use engine::{oversight::Report, wire::ServerFrame};
use serde_json::json;
use server::realtime::Timing;

use super::{
    board, pair, rename, server_with,
    socket::{Socket, token},
};
use crate::harness::{Client, RedisServer, on_both_databases, path};

/// Opens a notification socket that is subscribed to oversight.
async fn oversee(addr: SocketAddr, client: &Client) -> Socket {
    let mut bell = Socket::open(addr, &format!("/ws/notifications?token={}", token(client).await), &[]).await;
    bell.send(json!({ "type": "subscribe", "scope": "oversight" })).await;
    let subscribed = |frame: &ServerFrame| matches!(frame, ServerFrame::Subscribed(to) if to.scope == "oversight");
    bell.find(subscribed).await;
    changed(&mut bell).await;
    bell
}

/// Waits until a change is announced.
async fn changed(bell: &mut Socket) {
    bell.find(|frame| matches!(frame, ServerFrame::Changed { scope } if scope == "oversight")).await;
}

/// The next frame about notifications or oversight, as one word.
async fn next(bell: &mut Socket) -> &'static str {
    let received =
        |frame: &ServerFrame| matches!(frame, ServerFrame::Changed { .. } | ServerFrame::Notification { .. });
    match bell.find(received).await {
        ServerFrame::Changed { .. } => "changed",
        _ => "notification",
    }
}

/// With so short a pause that each change is announced separately.
fn restless() -> Timing {
    Timing { oversight: Duration::from_millis(20), oversight_pause: Duration::from_millis(1), ..Timing::default() }
}

on_both_databases! {
    async fn a_change_is_announced_on_both_nodes_even_without_the_bus(db: Db) {
        let mut redis = RedisServer::start().await;
        let (one, two) = pair(db, &redis, &Timing::default()).await;
        let ann = one.person("ann").await;
        let (_, task) = board(&ann).await;
        let mut bells = [oversee(one.addr(), &ann).await, oversee(two.addr(), &ann).await];
        rename(&ann, task, "Another").await;
        for bell in &mut bells {
            changed(bell).await;
        }
        redis.kill();
        rename(&ann, task, "And another").await;
        for bell in &mut bells {
            changed(bell).await;
        }
        ann.put(&format!("/api/users/{}/capacity", ann.user().id), json!({ "hours": ([1.0; 7]) })).await.expect(200);
        for bell in &mut bells {
            changed(bell).await;
        }
    }

    /// Two nodes without a common bus: all messages are lost.
    async fn unannounced_changes_are_found_within_half_a_minute(db: Db) {
        let one = server_with(db, Timing::default()).await;
        let two = one.beside(Timing::default(), |_| ()).await;
        let ann = one.person("ann").await;
        let (project, task) = board(&ann).await;
        let there = ann.at(two.addr());
        let mut bell = oversee(two.addr(), &there).await;
        let report = async || there.get("/api/oversight/report").await.expect(200).json::<Report>();
        let mut seen = report().await;
        for number in 0..3 {
            let began = Instant::now();
            match number {
                0 => rename(&ann, task, "Another").await,
                1 => drop(ann.task(project, "One more").await),
                _ => drop(ann.delete(&path(task)).await.expect(200)),
            }
            changed(&mut bell).await;
            assert!(began.elapsed() < Duration::from_secs(30), "{number}");
            let now = report().await;
            assert_ne!(now.version, seen.version);
            seen = now;
        }
        let titles: Vec<&str> = seen.created.iter().map(|task| task.title.as_str()).collect();
        assert_eq!(titles, ["One more"]);
    }

    async fn only_subscribers_of_changed_projects_are_notified(db: Db) {
        let server = server_with(db, restless()).await;
        let (ann, ben, eve) = (server.person("ann").await, server.person("ben").await, server.person("eve").await);
        let (project, task) = board(&ann).await;
        let (mut anns, mut bens) = (oversee(server.addr(), &ann).await, oversee(server.addr(), &ben).await);
        let mut eves = oversee(server.addr(), &eve).await;
        eves.send(json!({ "type": "unsubscribe", "scope": "oversight" })).await;
        eves.send(json!({ "type": "ping" })).await;
        eves.find(|frame| matches!(frame, ServerFrame::Pong)).await;
        rename(&ann, task, "Another").await;
        changed(&mut anns).await;
        // Ben joins, which is the first change for him.
        ann.invite(project, &ben, "editor").await;
        changed(&mut anns).await;
        changed(&mut bens).await;
        // Eve's next message is caused by herself: not by Ann's changes, nor on her own board, since she has
        // unsubscribed.
        let (hers, _) = board(&eve).await;
        eve.invite(hers, &ann, "editor").await;
        let draft = json!({ "title": "For Eve", "assignee_id": eve.user().id });
        ann.post(&format!("/api/projects/{hers}/tasks"), draft).await.expect(201);
        assert_eq!(next(&mut eves).await, "notification");
        changed(&mut anns).await;
        // A removed member is notified too.
        ann.delete(&format!("/api/projects/{project}/members/{}", ben.user().id)).await.expect(200);
        changed(&mut bens).await;
    }
}
