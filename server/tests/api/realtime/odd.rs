//! Odd frames and addresses: answered or closed accordingly, without side effects.

use engine::wire::{ServerFrame, close};
use serde_json::json;

use super::{
    board,
    socket::{Socket, token},
};
use crate::harness::{TestServer, on_both_databases};

const TEXTS: [&str; 9] = [
    r#""\u0000""#,
    r#""a\u0000""#,
    r#""\ud800""#,
    r#""\u202e""#,
    r#""x""#,
    r#""task:\u0000""#,
    r#""task:x""#,
    "null",
    "1e999",
];

on_both_databases! {
    async fn a_frame_with_odd_values_is_answered_or_closes_its_socket(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let (project, _) = board(&ada).await;
        for path in [format!("/ws/projects/{project}"), "/ws/notifications".to_owned()] {
            for value in TEXTS {
                for frame in [
                    format!(r#"{{"type":"mark_read","notification_id":{value}}}"#),
                    format!(r#"{{"type":"subscribe","scope":{value}}}"#),
                    format!(r#"{{"type":"subscribe","scope":"oversight","epoch":{value},"since":{value}}}"#),
                    format!(r#"{{"type":"unsubscribe","scope":{value}}}"#),
                    format!(r#"{{"type":"presence","task_id":{value},"mode":"view"}}"#),
                    format!(r#"{{"type":"auth","token":{value}}}"#),
                    format!(r#"{{"type":{value}}}"#),
                ] {
                    let address = format!("{path}?token={}", token(&ada).await);
                    let mut socket = Socket::open(server.addr(), &address, &[]).await;
                    socket.send_text(&frame).await;
                    socket.send(json!({ "type": "ping" })).await;
                    loop {
                        match socket.next().await {
                            Ok(ServerFrame::Pong) => break,
                            Ok(_) => {}
                            Err(code) => {
                                assert_eq!(code, close::BAD_FRAME, "{path} {frame}");
                                break;
                            }
                        }
                    }
                }
            }
        }
        let mut socket = Socket::board(server.addr(), &ada, project, "").await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
    }

    async fn odd_socket_addresses_are_refused(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let (project, _) = board(&ada).await;
        for more in ["&epoch=%00&since=%00", "&since=-1", "&since=18446744073709551616", "&epoch=%ff&since=1", "&%00=%00"] {
            let mut socket = Socket::board(server.addr(), &ada, project, more).await;
            match socket.next().await {
                Ok(ServerFrame::Sync(_) | ServerFrame::Resync { .. }) => {}
                Ok(frame) => panic!("{more}: {frame:?}"),
                Err(code) => assert!(close::is_final(code), "{more}: {code}"),
            }
        }
        for path in ["/ws/projects/%00", "/ws/projects/x", "/ws/notifications?token=%00", "/ws/notifications?token=a.b.c%00"] {
            if let Some(mut socket) = Socket::try_open(server.addr(), path, &[]).await {
                socket.send(json!({ "type": "auth", "token": "\0" })).await;
                assert!(close::is_final(socket.closed().await), "{path}");
            }
        }
    }
}
