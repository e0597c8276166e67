//! Reconnecting with a cursor.

use engine::wire::{ResyncReason, ServerFrame, close};
use uuid::Uuid;

use super::{
    board, rename,
    socket::{Seen, Socket},
};
use crate::harness::{Db, TestServer, on_both_databases};

on_both_databases! {
    async fn a_returning_socket_gets_what_it_missed_and_then_what_is_new(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let (epoch, since) = { let board = ann.board(project).await; (board.epoch, board.seq) };
        // The board is open nowhere: these events are only in the log.
        for number in 0..120 {
            rename(&ann, task, &format!("Title {number} {}", "x".repeat(400))).await;
        }
        let mut socket = Socket::board(server.addr(), &ann, project, &format!("&epoch={epoch}&since={since}")).await;
        let mut seen = Seen::at(epoch, since);
        let first = socket.frame().await;
        assert!(matches!(&first, ServerFrame::Sync(sync) if sync.recovered && !sync.events.is_empty()), "{first:?}");
        seen.take(first);
        seen.read_to(&mut socket, since + 120).await;
        rename(&ann, task, "New").await;
        seen.read_to(&mut socket, since + 121).await;
        assert_eq!(seen.events, (since + 1..=since + 121).collect::<Vec<_>>());
        // The room has them cached: the next one needs no database.
        let mut other = Socket::board(server.addr(), &ann, project, &format!("&epoch={epoch}&since={}", since + 100)).await;
        let mut seen = Seen::at(epoch, since + 100);
        seen.read_to(&mut other, since + 121).await;
        assert_eq!(seen.events, (since + 101..=since + 121).collect::<Vec<_>>());
    }

    async fn a_cursor_of_another_log_or_too_far_back_gets_a_resync(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let addr = server.addr();
        let (epoch, since) = { let board = ann.board(project).await; (board.epoch, board.seq) };
        let expect = |reason| move |frame: ServerFrame, top: u64| {
            assert_eq!(frame, ServerFrame::Resync { reason, epoch, seq: top });
        };
        let mut other = Socket::board(addr, &ann, project, &format!("&epoch={}&since=0", Uuid::new_v4())).await;
        expect(ResyncReason::Epoch)(other.frame().await, since);
        let mut future = Socket::board(addr, &ann, project, &format!("&epoch={epoch}&since={}", since + 1000)).await;
        expect(ResyncReason::Epoch)(future.frame().await, since);
        rename(&ann, task, "Live all the same").await;
        let ServerFrame::Event(event) = other.frame().await else { panic!("no event") };
        assert_eq!(event.seq, since + 1);
        for number in 0..500 {
            rename(&ann, task, &format!("{number}")).await;
        }
        drop((other, future));
        let mut far = Socket::board(addr, &ann, project, &format!("&epoch={epoch}&since={since}")).await;
        expect(ResyncReason::Slow)(far.frame().await, since + 501);
        let mut near = Socket::board(addr, &ann, project, &format!("&epoch={epoch}&since={}", since + 1)).await;
        let mut seen = Seen::at(epoch, since + 1);
        seen.read_to(&mut near, since + 501).await;
        assert_eq!((seen.events.len(), seen.resyncs.len()), (500, 0));
    }
}

#[tokio::test(crate = "crate::harness")]
async fn an_invalid_cursor_is_a_bad_frame() {
    let server = TestServer::start(Db::Sqlite).await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    for nonsense in ["&since=-1", "&since=x", "&since=1&epoch=x"] {
        assert_eq!(Socket::board(server.addr(), &ann, project, nonsense).await.closed().await, close::BAD_FRAME);
    }
}
