//! Who may join, and who is removed.

use engine::wire::{ServerFrame, close};
use serde_json::json;
use server::realtime::Timing;
use std::time::Duration;

use super::{
    PATIENCE, board, server_with,
    socket::{Socket, token},
};
use crate::harness::{Db, PASSWORD, TestServer, on_both_databases};

on_both_databases! {
    async fn a_session_a_token_and_an_auth_frame_open_a_board(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, _) = board(&ann).await;
        let (addr, path) = (server.addr(), format!("/ws/projects/{project}"));
        let answer = ann.post("/api/auth/login", json!({ "email": ann.user().email, "password": PASSWORD })).await;
        let cookie = answer.expect(200).headers["set-cookie"].to_str().expect("a text").to_owned();

        let cookie = cookie.split_once(';').expect("attributes").0.to_owned();

        let mut by_cookie = Socket::open(addr, &path, &[("cookie", &cookie)]).await;
        let ServerFrame::Sync(sync) = by_cookie.frame().await else { panic!("no sync") };
        let snapshot = ann.board(project).await;
        assert_eq!((sync.epoch, sync.seq, sync.recovered), (snapshot.epoch, snapshot.seq, true));
        assert!(sync.events.is_empty());

        let mut by_token = Socket::board(addr, &ann, project, "").await;
        assert!(matches!(by_token.frame().await, ServerFrame::Sync(_)));

        let mut by_frame = Socket::open(addr, &path, &[]).await;
        by_frame.send(json!({ "type": "auth", "token": token(&ann).await })).await;
        assert!(matches!(by_frame.frame().await, ServerFrame::Sync(_)));

        // A foreign page, in a browser that sends the cookie along.
        let foreign = [("cookie", cookie.as_str()), ("origin", "http://evil.example")];
        let mut foreign = Socket::open(addr, &path, &foreign).await;
        foreign.send(json!({ "type": "presence", "task_id": null, "mode": "view" })).await;
        assert_eq!(foreign.closed().await, close::SIGN_IN);
    }

    async fn strangers_and_non_members_are_refused(db: Db) {
        let timing = Timing { auth: Duration::from_millis(50), ..Timing::default() };
        let server = server_with(db, timing).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, _) = board(&ann).await;
        let (addr, path) = (server.addr(), format!("/ws/projects/{project}"));
        assert_eq!(Socket::open(addr, &path, &[]).await.closed().await, close::SIGN_IN, "said nothing");
        assert_eq!(Socket::open(addr, "/ws/notifications", &[]).await.closed().await, close::SIGN_IN);
        let stale = [("cookie", "lockstep_session=stale")];
        assert_eq!(Socket::open(addr, &path, &stale).await.closed().await, close::SIGN_IN);
        let forged = format!("{path}?token=forged");
        assert_eq!(Socket::open(addr, &forged, &[]).await.closed().await, close::SIGN_IN);
        assert_eq!(Socket::board(addr, &bob, project, "").await.closed().await, close::NO_ACCESS);
        let nowhere = format!("/ws/projects/nowhere?token={}", token(&bob).await);
        assert_eq!(Socket::open(addr, &nowhere, &[]).await.closed().await, close::NO_ACCESS);
        assert_eq!(server.state().services.realtime.health().rooms, 0, "a refusal leaves no room behind");
    }

    async fn a_removed_member_receives_the_removal_and_nothing_more(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let (project, task) = board(&ann).await;
        ann.invite(project, &bob, "editor").await;
        let mut hers = Socket::board(server.addr(), &ann, project, "").await;
        let mut his = Socket::board(server.addr(), &bob, project, "").await;
        assert!(matches!(hers.frame().await, ServerFrame::Sync(_)));
        assert!(matches!(his.frame().await, ServerFrame::Sync(_)));
        let removed = ann.delete(&format!("/api/projects/{project}/members/{}", bob.user().id)).await;
        assert!(removed.status < 300, "{}", removed.text);
        super::rename(&ann, task, "Not for him").await;
        let ServerFrame::Event(event) = his.frame().await else { panic!("no event") };
        assert_eq!(event.change.kind(), "member_removed");
        assert_eq!(his.closed().await, close::NO_ACCESS);
        hers.find(|frame| matches!(frame, ServerFrame::Event(event) if event.change.kind() == "task_updated")).await;
        assert_eq!(Socket::board(server.addr(), &bob, project, "").await.closed().await, close::NO_ACCESS);
        ann.invite(project, &bob, "viewer").await;
        let mut again = Socket::board(server.addr(), &bob, project, "").await;
        assert!(matches!(again.frame().await, ServerFrame::Sync(_)), "invited again");
    }

    async fn a_deleted_project_closes_its_sockets(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, _) = board(&ann).await;
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
        let deleted = ann.delete(&format!("/api/projects/{project}")).await;
        assert!(deleted.status < 300, "{}", deleted.text);
        assert_eq!(socket.closed().await, close::NO_ACCESS);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_page_without_a_cookie_is_refused_at_once() {
    // A client that waits for an `auth` frame would wait forever here.
    let server = server_with(Db::Sqlite, Timing { auth: Duration::from_secs(86_400), ..Timing::default() }).await;
    let mut socket = Socket::open(server.addr(), "/ws/notifications?build=of-a-page", &[]).await;
    assert_eq!(socket.closed().await, close::SIGN_IN);
}

#[tokio::test(crate = "crate::harness")]
async fn a_notification_socket_opens_and_answers_pings() {
    let server = TestServer::start(Db::Sqlite).await;
    let ann = server.person("ann").await;
    let path = format!("/ws/notifications?token={}", token(&ann).await);
    let mut bell = Socket::open(server.addr(), &path, &[]).await;
    let first = bell.next().await.unwrap();
    assert_eq!(first, ServerFrame::UnreadSync { notifications: vec![], unread: 0 });
    bell.send(json!({ "type": "ping" })).await;
    let answer = tokio::time::timeout(PATIENCE, bell.next()).await.unwrap();
    assert_eq!(answer, Ok(ServerFrame::Pong));
}

#[tokio::test(crate = "crate::harness")]
async fn users_see_each_other_arrive_work_and_leave() {
    let timing = Timing { presence: Duration::from_millis(10), leave: Duration::from_millis(10), ..Timing::default() };
    let server = server_with(Db::Sqlite, timing).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let (project, task) = board(&ann).await;
    ann.invite(project, &bob, "editor").await;
    let mut hers = Socket::board(server.addr(), &ann, project, "").await;
    assert!(matches!(hers.frame().await, ServerFrame::Sync(_)));
    let mut his = Socket::board(server.addr(), &bob, project, "").await;
    let ServerFrame::Sync(sync) = his.frame().await else { panic!("no sync") };
    let mut names: Vec<_> = sync.presence.iter().map(|person| person.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["ann", "bob"]);
    let bob_id = bob.user().id;
    hers.find(
        |frame| matches!(frame, ServerFrame::Presence { join, .. } if join.iter().any(|who| who.user_id == bob_id)),
    )
    .await;
    his.send(json!({ "type": "presence", "task_id": task, "mode": "drag" })).await;
    let drags = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::Presence { editing, .. }
            if editing.iter().any(|who| who.user_id == bob_id && who.task_id == Some(task)))
    };
    hers.find(drags).await;
    drop(his);
    hers.find(|frame| matches!(frame, ServerFrame::Presence { leave, .. } if leave.contains(&bob_id))).await;
}
