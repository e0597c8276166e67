//! Notification sockets, on every tab, device and node of one user.

use std::{net::SocketAddr, time::Duration};

use engine::{
    Notification, ProjectId,
    notification::NotificationKind,
    wire::{NotificationRead, ServerFrame},
};
use serde_json::json;
use server::realtime::Timing;

use super::{
    pair, server_with,
    socket::{Socket, token},
    until,
};
use crate::harness::{Client, Db, RedisServer, TestServer, on_both_databases};

/// So long that no test sees it happen.
const NEVER: Duration = Duration::from_secs(3600);

/// Opens a notification socket. Returns the first page.
async fn open(addr: SocketAddr, client: &Client) -> (Socket, Vec<Notification>, u64) {
    let mut bell = Socket::open(addr, &format!("/ws/notifications?token={}", token(client).await), &[]).await;
    match bell.next().await.expect("a first frame") {
        ServerFrame::UnreadSync { notifications, unread } => (bell, notifications, unread),
        other => panic!("{other:?}"),
    }
}

/// The next frame, which has to be this one.
async fn received(bell: &mut Socket) -> Notification {
    match bell.frame().await {
        ServerFrame::Notification { data } => *data,
        other => panic!("{other:?}"),
    }
}

async fn read(bell: &mut Socket) -> NotificationRead {
    match bell.frame().await {
        ServerFrame::NotificationRead(read) => read,
        other => panic!("{other:?}"),
    }
}

/// Ann's board, which Ben edits.
async fn team(server: &TestServer) -> (Client, Client, ProjectId) {
    let (ann, ben) = (server.person("ann").await, server.person("ben").await);
    let project = ann.project("Board").await;
    ann.invite(project, &ben, "editor").await;
    (ann, ben, project)
}

/// Ann assigns Ben a new task.
async fn assign(ann: &Client, ben: &Client, project: ProjectId, title: &str) {
    let draft = json!({ "title": title, "assignee_id": ben.user().id });
    ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
}

/// A server on which only a forced comparison would repair losses.
fn deaf() -> Timing {
    Timing { bells: NEVER, bell_recheck: NEVER, ..Timing::default() }
}

/// The next frame, which has to replace a notification.
async fn changed(bell: &mut Socket) -> (Notification, engine::NotificationId) {
    match bell.frame().await {
        ServerFrame::NotificationChanged { data, replaces } => (*data, replaces),
        other => panic!("{other:?}"),
    }
}

on_both_databases! {
    async fn an_open_bell_counts_repetitions_and_quotes_the_current_comment(db: Db) {
        let server = server_with(db, deaf()).await;
        let (ann, ben, project) = team(&server).await;
        assign(&ann, &ben, project, "Card").await;
        let board = ann.board(project).await;
        let (task, columns) = (board.tasks[0].id, board.statuses);
        let (mut bell, _, unread) = open(server.addr(), &ben).await;
        assert_eq!(unread, 1);
        let to = |column: usize| json!({ "status_id": columns[column].id });
        ann.patch(&format!("/api/tasks/{task}/status"), to(1)).await.expect(200);
        let first = received(&mut bell).await;
        ann.patch(&format!("/api/tasks/{task}/status"), to(2)).await.expect(200);
        let (second, replaces) = changed(&mut bell).await;
        assert_eq!((replaces, second.times, second.id > first.id), (first.id, 2, true));

        let said = ann.post(&format!("/api/tasks/{task}/comments"), json!({ "body": "Frist" })).await;
        let comment = said.expect(201).field::<engine::Comment>("comment").id;
        let quoting = received(&mut bell).await;
        ann.patch(&format!("/api/comments/{comment}"), json!({ "body": "First" })).await.expect(200);
        let (edited, replaces) = changed(&mut bell).await;
        assert_eq!((replaces, edited.id, edited.message.as_str()), (quoting.id, quoting.id, "Card: First"));
        ann.delete(&format!("/api/comments/{comment}")).await.expect(200);
        assert_eq!(changed(&mut bell).await.0.message, "Card: this comment was deleted");
        // The numbers are those of the database.
        let (_, all, unread) = open(server.addr(), &ben).await;
        assert_eq!((all.len(), unread), (3, 3));
    }

    async fn an_open_bell_drops_notifications_of_a_removed_member(db: Db) {
        let server = server_with(db, Timing { bells: NEVER, ..Timing::default() }).await;
        let (ann, ben, project) = team(&server).await;
        let other = ann.project("Other").await;
        ann.invite(other, &ben, "editor").await;
        assign(&ann, &ben, project, "Secret").await;
        assign(&ann, &ben, other, "Open").await;
        let (mut bell, first, unread) = open(server.addr(), &ben).await;
        assert_eq!((first.len(), unread), (2, 2));
        ann.delete(&format!("/api/projects/{project}/members/{}", ben.user().id)).await.expect(200);
        let shown = loop {
            match bell.frame().await {
                ServerFrame::NotificationRead(read) => assert_eq!((read.ids.len(), read.unread), (0, 1)),
                ServerFrame::UnreadSync { notifications, unread: 1 } => break notifications,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(shown.iter().map(|received| received.message.as_str()).collect::<Vec<_>>(), ["Open"]);
        let (_again, shown, unread) = open(server.addr(), &ben).await;
        assert_eq!((shown.len(), unread), (1, 1));
    }

    async fn every_tab_receives_new_and_read_notifications(db: Db) {
        let server = server_with(db, deaf()).await;
        let (ann, ben, project) = team(&server).await;
        assign(&ann, &ben, project, "First").await;
        let (mut tab, first, unread) = open(server.addr(), &ben).await;
        assert_eq!((first.len(), unread), (1, 1));
        let (mut phone, ..) = open(server.addr(), &ben).await;
        let (mut other, nothing, _) = open(server.addr(), &ann).await;
        assert!(nothing.is_empty());

        assign(&ann, &ben, project, "Second").await;
        let second = received(&mut tab).await;
        assert_eq!((second.message.as_str(), received(&mut phone).await.id), ("Second", second.id));

        // One is read on the phone, over its socket; the rest over HTTP.
        phone.send(json!({ "type": "mark_read", "notification_id": second.id })).await;
        for bell in [&mut tab, &mut phone] {
            assert_eq!(read(bell).await, NotificationRead { ids: vec![second.id], up_to: None, unread: 1 });
        }
        ben.post("/api/notifications/read", json!({ "all": true })).await.expect(200);
        for bell in [&mut tab, &mut phone] {
            assert_eq!(read(bell).await, NotificationRead { ids: vec![], up_to: Some(second.id), unread: 0 });
        }
        // No one else receives any of it; users cannot read what is not theirs.
        assign(&ben, &ann, project, "Third").await;
        let third = received(&mut other).await;
        tab.send(json!({ "type": "mark_read", "notification_id": third.id })).await;
        assert_eq!(read(&mut tab).await.unread, 0);
        tab.send(json!({ "type": "mark_read", "notification_id": "nonsense" })).await;
        let (_, _, unread) = open(server.addr(), &ann).await;
        assert_eq!(unread, 1);
    }

    async fn notifications_lost_by_the_bus_arrive_with_the_next_comparison(db: Db) {
        let server = server_with(db, Timing::default()).await;
        let timing = Timing { bells: Duration::from_millis(50), ..deaf() };
        let other = server.beside(timing, |_| ()).await;
        let (ann, ben, project) = team(&server).await;
        let (mut bell, nothing, _) = open(other.addr(), &ben).await;
        assert!(nothing.is_empty());
        assign(&ann, &ben, project, "Card").await;
        let id = match bell.frame().await {
            ServerFrame::UnreadSync { notifications, unread: 1 } => notifications[0].id,
            frame => panic!("{frame:?}"),
        };
        ben.post("/api/notifications/read", json!({ "ids": [id] })).await.expect(200);
        let frame = bell.frame().await;
        assert!(matches!(frame, ServerFrame::UnreadSync { unread: 0, .. }), "{frame:?}");
        assert_eq!(other.state().services.realtime.health().counts.bells_healed, 2);
    }

    async fn ten_thousand_unread_are_counted_and_fifty_are_sent(db: Db) {
        let server = server_with(db, deaf()).await;
        let (ann, ben, project) = team(&server).await;
        let task = ann.task(project, "Card").await.id;
        let user = ben.user().id;
        server.execute_text(format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
             INSERT INTO notifications (id, user_id, kind, title, message, reference_type, reference_id, task_id,
              project_id, cause, in_bell, alert, created_at)
             SELECT '00000000-0000-7000-8000-' || substr('000000000000' || i, length('000000000000' || i) - 11),
              '{user}', 'comment', 'Somebody', 'wrote', 'task', '{task}', '{task}', '{project}', 'c' || i, 1, 0, i FROM n"
        )).await;
        let (mut bell, newest, unread) = open(server.addr(), &ben).await;
        assert_eq!((newest.len(), unread), (50, 10_000));
        assert_eq!(newest.last().map(|received| received.created_at.millis()), Some(9_951));
        assign(&ann, &ben, project, "One more").await;
        assert_eq!(received(&mut bell).await.message, "One more");
        ben.post("/api/notifications/read", json!({ "all": true })).await.expect(200);
        assert_eq!(read(&mut bell).await.unread, 0);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn one_mention_on_two_nodes_is_one_row_and_one_frame_per_socket() {
    let redis = RedisServer::start().await;
    let (one, two) = pair(Db::Postgres, &redis, &deaf()).await;
    let (ann, ben, project) = team(&one).await;
    let mut bells = Vec::new();
    for server in [&one, &one, &two, &two, &two] {
        bells.push(open(server.addr(), &ben).await.0);
    }
    watched(&redis, &ben, 2).await;
    let task = ann.task(project, "Card").await.id;
    for round in 1..=3_i64 {
        let comment = json!({ "body": format!("@ben, look: {round}") });
        ann.post(&format!("/api/tasks/{task}/comments"), comment).await.expect(201);
        for bell in &mut bells {
            let received = received(bell).await;
            assert_eq!(
                (received.kind, received.message),
                (NotificationKind::Mention, format!("Card: @ben, look: {round}"))
            );
        }
        assert_eq!(one.number("SELECT COUNT(*) FROM notifications").await, round);
    }
    // And each of them is told that it was read, whichever socket reads it.
    bells[4].send(json!({ "type": "mark_read", "notification_id": read_all(&ben).await })).await;
    for bell in &mut bells {
        let frame = read(bell).await;
        assert_eq!((frame.up_to.is_some(), frame.unread), (true, 0));
    }
    for bell in &mut bells {
        assert_eq!(read(bell).await.ids.len(), 1);
    }
    // With its last socket, a node stops watching.
    drop(bells.split_off(2));
    watched(&redis, &ben, 1).await;
}

/// Marks all as read over HTTP. Returns the newest.
async fn read_all(client: &Client) -> String {
    client.post("/api/notifications/read", json!({ "all": true })).await.expect(200);
    let page: engine::notification::NotificationPage = client.get("/api/notifications").await.expect(200).json();
    page.notifications[0].id.to_string()
}

/// Waits until this many nodes watch a user's notifications.
async fn watched(redis: &RedisServer, user: &Client, nodes: i64) {
    let channel = format!("notifications:{}", user.user().id);
    until("the nodes listen", async || {
        let answer = redis.command(&["PUBSUB", "NUMSUB", &channel]).await;
        matches!(answer, redis::Value::Array(values) if values.contains(&redis::Value::Int(nodes)))
    })
    .await;
}

#[tokio::test(crate = "crate::harness")]
async fn notifications_lost_during_a_redis_outage_arrive_after_it() {
    let mut redis = RedisServer::start().await;
    let (one, two) = pair(Db::Postgres, &redis, &deaf()).await;
    let (ann, ben, project) = team(&one).await;
    let (mut bell, ..) = open(two.addr(), &ben).await;
    watched(&redis, &ben, 1).await;
    redis.kill();
    assign(&ann, &ben, project, "While it was gone").await;
    redis.restart().await;
    // Resent, or by the message that waited for Redis: once in either case.
    let frame = bell.frame().await;
    let seen = match frame {
        ServerFrame::UnreadSync { notifications, unread: 1 } => notifications[0].message.clone(),
        ServerFrame::Notification { data } => data.message,
        other => panic!("{other:?}"),
    };
    assert_eq!(seen, "While it was gone");
    ben.post("/api/notifications/read", json!({ "all": true })).await.expect(200);
    assert_eq!(bell.find(|frame| matches!(frame, ServerFrame::NotificationRead(_))).await, {
        let up_to = ben.get("/api/notifications").await.json::<engine::notification::NotificationPage>();
        let up_to = Some(up_to.notifications[0].id);
        ServerFrame::NotificationRead(NotificationRead { ids: vec![], up_to, unread: 0 })
    });
}
