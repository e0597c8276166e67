//! A change of many tasks reaches a socket in few frames.

use engine::{Bulk, BulkChange, limit::FRAME_BYTES, wire::ServerFrame};

use super::{
    socket::{Seen, Socket},
    until,
};
use crate::harness::{TestServer, new_op, on_both_databases};

/// Tasks that are changed at once: sent one by one, their events would overflow a socket's queue.
const TASKS: usize = 300;

on_both_databases! {
    async fn hundreds_of_events_of_one_op_are_a_few_frames(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Many").await;
        let mut ids = Vec::with_capacity(TASKS);
        for number in 0..TASKS {
            ids.push(ann.task(project, &number.to_string()).await.id);
        }
        let mut socket = Socket::board(server.addr(), &ann, project, "").await;
        let mut seen = Seen::default();
        seen.take(socket.frame().await);
        let start = seen.seq();
        let op = new_op();
        ann.op(Bulk { ids, change: BulkChange::Delete }.request(project), op).await.expect(200);
        let (end, mut frames) = (start + TASKS as u64, Vec::new());
        while seen.seq() < end {
            let frame = socket.frame().await;
            seen.take(frame.clone());
            frames.push(frame);
        }
        assert_eq!((seen.events.len(), seen.resyncs.len()), (TASKS, 0), "exactly what happened");
        assert!((2..20).contains(&frames.len()), "{} frames", frames.len());
        for frame in &frames {
            assert!(serde_json::to_string(frame).expect("JSON").len() <= FRAME_BYTES);
        }
        let ops = frames.iter().filter(|frame| matches!(frame, ServerFrame::Batch(batch) if batch.op_id == Some(op)));
        assert_eq!(ops.count(), 1, "the last one names the op");
        let counts = server.state().services.realtime.health().counts;
        assert_eq!((counts.events_out, counts.queue_drops), (TASKS as u64, 0));
        assert_eq!(counts.events_in_by_type.of("task_created"), TASKS as u64);
        assert_eq!(counts.events_out_by_type.of("task_deleted"), TASKS as u64);
        let metrics = async || ann.get("/metrics").await.expect(200).text;
        let is_shown = async |line: &str| metrics().await.lines().any(|shown| shown == line);
        assert!(is_shown(&format!("lockstep_events_out_by_type_total{{type=\"task_deleted\"}} {TASKS}")).await);
        assert!(is_shown("lockstep_queue_bytes 0").await && is_shown("lockstep_delivering 1").await);
        // The duration is recorded once it is sent, which is after it is read.
        until("deliveries are counted", async || server.state().services.realtime.health().counts.delivery.count() > 0).await;
    }
}
