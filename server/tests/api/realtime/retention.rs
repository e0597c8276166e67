//! Pruned logs, and logs with a new epoch.

use engine::{
    Epoch, Timestamp,
    wire::{ResyncReason, ServerFrame},
};
use serde_json::json;
use server::service::retention;

use super::{
    board, rename,
    socket::{Seen, Socket},
};
use crate::harness::{TestServer, on_both_databases};

fn now() -> Timestamp {
    server::clock::now()
}

on_both_databases! {
    async fn old_events_are_pruned_and_old_cursors_fetch_the_board(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        for number in 0..40 {
            rename(&ann, task, &format!("{number}")).await;
        }
        let (epoch, top) = { let board = ann.board(project).await; (board.epoch, board.seq) };
        let store = &server.state().services.store;
        let first = async || server.number("SELECT COALESCE(MIN(seq), 0) FROM project_events").await;
        // Young events stay, however many there are.
        let yesterday = now().plus(-24 * 60 * 60 * 1000);
        assert_eq!(retention::prune(store, yesterday, 5).await.expect("it prunes"), 0);
        // Old ones are pruned up to the first young one: the rest has no gap, whatever the clock did.
        server.execute("UPDATE project_events SET created_at = 1 WHERE seq <= 20 OR seq = 25").await;
        assert_eq!(retention::prune(store, yesterday, 5).await.expect("it prunes"), 20);
        assert_eq!(first().await, 21);
        // The newest stay, however old they are.
        server.execute("UPDATE project_events SET created_at = 1").await;
        assert_eq!(retention::prune(store, yesterday, 15).await.expect("it prunes"), top - 20 - 15);
        let min = u64::try_from(first().await).expect("a seq");
        assert_eq!(min, top - 15 + 1);
        assert_eq!(retention::prune(store, yesterday, 15).await.expect("it prunes"), 0, "once");

        let events = async |since: u64| {
            ann.get(&format!("/api/projects/{project}/events?epoch={epoch}&since={since}")).await
        };
        events(min - 2).await.refused(410, "log_pruned");
        assert_eq!(events(min - 1).await.expect(200).field::<Vec<serde_json::Value>>("events").len(), 15);
        let open = async |since: u64| {
            Socket::board(server.addr(), &ann, project, &format!("&epoch={epoch}&since={since}")).await
        };
        let mut late = open(min - 2).await;
        assert_eq!(late.frame().await, ServerFrame::Resync { reason: ResyncReason::LogPruned, epoch, seq: top });
        drop(late);
        let mut just = open(min - 1).await;
        let mut seen = Seen::at(epoch, min - 1);
        seen.read_to(&mut just, top).await;
        assert_eq!((seen.events.len(), seen.resyncs.len()), (15, 0));
        rename(&ann, task, "On it goes").await;
        seen.read_to(&mut just, top + 1).await;
    }

    async fn a_log_is_pruned_in_chunks_while_others_write(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        // A log of years, inserted directly into the database.
        let rows = "WITH RECURSIVE n(seq) AS (SELECT 100 UNION ALL SELECT seq + 1 FROM n WHERE seq < 5000)
                    INSERT INTO project_events (project_id, seq, event_id, frame, created_at)
                    SELECT p.id, n.seq, 'x', '{}', 1 FROM projects p, n";
        server.execute(rows).await;
        server.execute("UPDATE projects SET seq = 5000").await;
        server.execute("DELETE FROM project_events WHERE seq < 100").await;
        let store = server.state().services.store.clone();
        let pruning = tokio::spawn(async move { retention::prune(&store, now(), 100).await });
        for number in 0..10 {
            rename(&ann, task, &format!("{number}")).await;
        }
        let removed = pruning.await.expect("no panic").expect("it prunes");
        assert!((4801..=4811).contains(&removed), "{removed}");
        assert_eq!(ann.board(project).await.seq, 5010);
        assert_eq!(server.number("SELECT COUNT(*) FROM project_events").await, 4911 - removed as i64);
    }

    async fn a_restored_database_gets_new_epochs_and_every_client_refetches(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        rename(&ann, task, r#"Says "epoch":"x" to confuse"#).await;
        let before = ann.board(project).await;
        let mut open = Socket::board(server.addr(), &ann, project, "").await;
        assert!(matches!(open.frame().await, ServerFrame::Sync(_)));
        assert_eq!(retention::rotate_epochs(&server.state().services.store).await.expect("it rotates"), 1);
        let after = ann.board(project).await;
        assert!(after.epoch != before.epoch && after.seq == before.seq);
        // Open sockets are told within seconds; returning ones with the old cursor at once.
        let anew = ServerFrame::Resync { reason: ResyncReason::Epoch, epoch: after.epoch, seq: after.seq };
        assert_eq!(open.frame().await, anew);
        let old = format!("&epoch={}&since={}", before.epoch, before.seq);
        assert_eq!(Socket::board(server.addr(), &ann, project, &old).await.frame().await, anew);
        // The log continues, and its events carry the new epoch.
        let events: Vec<serde_json::Value> = ann.events(project).await;
        let epochs: Vec<Epoch> = events.iter().map(|event| serde_json::from_value(event["epoch"].clone()).expect("an epoch")).collect();
        assert!(!epochs.is_empty() && epochs.iter().all(|epoch| *epoch == after.epoch));
        assert!(events.iter().any(|event| event["data"]["title"] == json!(r#"Says "epoch":"x" to confuse"#)));
        rename(&ann, task, "On it goes").await;
        assert!(matches!(open.frame().await, ServerFrame::Event(event) if event.epoch == after.epoch));
    }
}
