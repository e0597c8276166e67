//! Databases that go back in time and keep their epochs: browsers and rooms know events that are no longer in the log,
//! whose seqs are used again.

use std::time::Duration;

use engine::{EventId, ProjectId, Snapshot, TaskId, wire::ResyncReason, wire::ServerFrame};
use serde_json::Value;
use server::{config::Config, realtime::Timing};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    board, rename, server_with,
    socket::{Seen, Socket},
};
use crate::harness::{Client, TestServer, on_both_databases};

/// The position that these logs go back to.
const KEPT: u64 = 5;
/// Their position before that.
const TOP: u64 = 10;

/// A board with a log that ends at [`TOP`].
async fn long_board(client: &Client) -> (ProjectId, TaskId, Snapshot) {
    let (project, task) = board(client).await;
    for number in 2..=TOP {
        rename(client, task, &format!("before {number}")).await;
    }
    (project, task, client.board(project).await)
}

/// Deletes the last events directly in the database.
async fn lose(server: &TestServer) {
    server.execute_text(format!("UPDATE projects SET seq = {KEPT}")).await;
    server.execute_text(format!("DELETE FROM project_events WHERE seq > {KEPT}")).await;
}

/// Other clients write until the log has its former length.
async fn use_seqs_again(client: &Client, task: TaskId) {
    for number in KEPT + 1..=TOP {
        rename(client, task, &format!("after {number}")).await;
    }
}

async fn event_at(client: &Client, project: ProjectId, seq: u64) -> EventId {
    let event = client.events(project).await.swap_remove(usize::try_from(seq).expect("an index") - 1);
    serde_json::from_value(event["event_id"].clone()).expect("an id")
}

/// The cursor of a browser with a board.
fn cursor(board: &Snapshot) -> String {
    let last = board.last.expect("the log has its last event");
    format!("epoch={}&since={}&last={last}", board.epoch, board.seq)
}

async fn first_frame(server: &TestServer, client: &Client, project: ProjectId, cursor: &str) -> ServerFrame {
    Socket::board(server.addr(), client, project, &format!("&{cursor}")).await.frame().await
}

/// A server on an existing database.
async fn server_on(url: &str) -> TestServer {
    let folder = tempfile::tempdir().expect("a folder for the server");
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(url.to_owned());
    TestServer::run(config, Timing::default(), folder).await
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for a database")
}

on_both_databases! {
    async fn a_restored_backup_is_another_log_to_clients_that_have_seen_more(db: Db) {
        let (original, backup) = (folder(), folder());
        let url = db.fresh(original.path()).await;
        let server = server_on(&url).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        for number in 2..=KEPT {
            rename(&ann, task, &format!("both {number}")).await;
        }
        let kept = ann.board(project).await;
        server.stop().await;
        let copy = db.copy(&url, backup.path()).await;

        let server = server_on(&url).await;
        let ann = ann.at(server.addr());
        for number in KEPT + 1..=TOP {
            rename(&ann, task, &format!("before {number}")).await;
        }
        let seen = ann.board(project).await;
        assert_eq!((seen.epoch, seen.seq), (kept.epoch, TOP));
        server.stop().await;

        let server = server_on(&copy).await;
        let ann = ann.at(server.addr());
        use_seqs_again(&ann, task).await;
        let truth = ann.board(project).await;
        assert_eq!((truth.epoch, truth.seq), (seen.epoch, seen.seq), "by its numbers it is the same log");
        // Clients that only know shared events continue, and so, blindly, do those that don't name their event.
        for (cursor, missed) in [(cursor(&kept), 5), (format!("epoch={}&since={TOP}", seen.epoch), 0)] {
            let ServerFrame::Sync(sync) = first_frame(&server, &ann, project, &cursor).await else { panic!("no sync") };
            assert_eq!((sync.recovered, sync.seq, sync.events.len()), (true, TOP, missed));
            assert_eq!(sync.last, truth.last);
        }
        let ServerFrame::Resync { reason, epoch, seq } = first_frame(&server, &ann, project, &cursor(&seen)).await else {
            panic!("five cards that are gone are shown for ever")
        };
        assert_eq!((reason, seq), (ResyncReason::Epoch, TOP));
        let anew = ann.board(project).await;
        assert_eq!((anew.epoch, anew.last), (epoch, truth.last));
        assert_ne!(epoch, seen.epoch, "all other cursors of the old log are void with it");
        let resync = ServerFrame::Resync { reason, epoch, seq };
        assert_eq!(first_frame(&server, &ann, project, &cursor(&kept)).await, resync);
        let ServerFrame::Sync(sync) = first_frame(&server, &ann, project, &cursor(&anew)).await else { panic!("no sync") };
        assert_eq!((sync.recovered, sync.events.len()), (true, 0));
    }

    async fn a_cursor_past_the_end_belongs_to_another_log(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, _, seen) = long_board(&ann).await;
        lose(&server).await;
        let ServerFrame::Resync { reason, epoch, seq } = first_frame(&server, &ann, project, &cursor(&seen)).await else {
            panic!("no resync")
        };
        assert_eq!((reason, seq), (ResyncReason::Epoch, KEPT));
        assert!(epoch != seen.epoch && epoch == ann.board(project).await.epoch);
    }

    async fn rooms_ahead_of_the_log_restart_on_every_node(db: Db) {
        let server = TestServer::start(db).await;
        // It receives no messages of the other one.
        let other = server.beside(Timing::default(), |_| ()).await;
        let ann = server.person("ann").await;
        let (project, task, seen) = long_board(&ann).await;
        let mut sockets = Vec::new();
        for addr in [server.addr(), server.addr(), other.addr()] {
            let mut socket = Socket::board(addr, &ann, project, "").await;
            assert!(matches!(socket.frame().await, ServerFrame::Sync(sync) if sync.seq == TOP));
            sockets.push(socket);
        }
        lose(&server).await;
        let mut epochs = Vec::new();
        for socket in &mut sockets {
            let ServerFrame::Resync { reason, epoch, seq } = socket.frame().await else { panic!("no resync") };
            assert_eq!((reason, seq), (ResyncReason::Epoch, KEPT));
            epochs.push(epoch);
        }
        let epoch = ann.board(project).await.epoch;
        assert_ne!(epoch, seen.epoch);
        assert_eq!(epochs, [epoch; 3], "once, and the same everywhere");
        use_seqs_again(&ann, task).await;
        for mut socket in sockets {
            let mut after = Seen::at(epoch, KEPT);
            after.read_to(&mut socket, TOP).await;
            assert_eq!((after.events.len(), after.resyncs.len()), (5, 0));
        }
    }

    async fn an_event_with_a_reused_seq_is_not_delivered(db: Db) {
        // No comparison: only published events arrive.
        let server = server_with(db, Timing { sweep: Duration::from_secs(3600), ..Timing::default() }).await;
        let ann = server.person("ann").await;
        let (project, task, seen) = long_board(&ann).await;
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(sync) if sync.seq == TOP));
        lose(&server).await;
        use_seqs_again(&ann, task).await;
        rename(&ann, task, "Past where the room was").await;
        let ServerFrame::Resync { reason, epoch, .. } = socket.frame().await else { panic!("no resync") };
        assert_eq!(reason, ResyncReason::Epoch);
        assert_ne!(epoch, seen.epoch);
    }

    async fn cursors_with_another_last_event_are_refused(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task, seen) = long_board(&ann).await;
        let first = event_at(&ann, project, 1).await;
        let events = async |cursor: String| ann.get(&format!("/api/projects/{project}/events?{cursor}")).await;
        let page = events(format!("epoch={}&since=1&last={first}&limit=3", seen.epoch)).await.expect(200);
        let seqs: Vec<Value> = page.field::<Vec<Value>>("events").iter().map(|event| event["seq"].clone()).collect();
        assert_eq!(seqs, [2, 3, 4], "the event that the cursor names is not among them");
        assert_eq!(events(cursor(&seen)).await.expect(200).field::<Vec<Value>>("events").len(), 0);
        events(format!("{}x", cursor(&seen))).await.refused(422, "invalid");

        lose(&server).await;
        events(cursor(&seen)).await.refused(410, "log_pruned");
        assert_ne!(ann.board(project).await.epoch, seen.epoch, "past the end");

        let again = ann.board(project).await;
        use_seqs_again(&ann, task).await;
        let other = Snapshot { seq: TOP, epoch: again.epoch, ..seen };
        events(cursor(&other)).await.refused(410, "log_pruned");
        events(cursor(&ann.board(project).await)).await.expect(200);
    }

    async fn made_up_cursors_do_not_make_everyone_refetch_repeatedly(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, eve) = (server.person("ann").await, server.person("eve").await);
        let (project, task, before) = long_board(&ann).await;
        ann.invite(project, &eve, "viewer").await;
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        assert!(matches!(socket.frame().await, ServerFrame::Sync(_)));
        let mut epochs = Vec::new();
        for round in 0..4 {
            let now = ann.board(project).await;
            let made_up = Snapshot { last: Some(EventId::new(Uuid::new_v4())), ..now };
            if round % 2 == 1 {
                eve.get(&format!("/api/projects/{project}/events?{}", cursor(&made_up))).await.refused(410, "log_pruned");
                continue;
            }
            let frame = first_frame(&server, &eve, project, &cursor(&made_up)).await;
            let ServerFrame::Resync { reason: ResyncReason::Epoch, epoch, .. } = frame else { panic!("{frame:?}") };
            epochs.push(epoch);
        }
        let epoch = ann.board(project).await.epoch;
        assert_eq!(epochs, [epoch; 2], "the second time, only who asks is sent for it");
        assert_ne!(epoch, before.epoch);
        rename(&ann, task, "On it goes").await;
        let mut resyncs = 0;
        loop {
            match socket.frame().await {
                ServerFrame::Resync { .. } => resyncs += 1,
                ServerFrame::Event(event) if event.seq > TOP + 1 => break,
                frame => panic!("{frame:?}"),
            }
        }
        assert_eq!(resyncs, 1);
    }
}
