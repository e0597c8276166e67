//! What must hold when the faults are over.

use std::collections::HashMap;

use engine::{Board, OpId, ProjectId, session::Link};

use super::tab::Tab;
use crate::harness::Client;

/// Waits until every tab is idle and up to date. Then: each event reached each tab once, no tab refetched the board,
/// each op is in the log once, nothing was refused, and all boards are equal, byte for byte.
pub(super) async fn settled(reader: &Client, project: ProjectId, mut tabs: Vec<Tab>) {
    for tab in &mut tabs {
        tab.keeps_up(0).await;
    }
    let snapshot = reader.board(project).await;
    let (seq, board) = (snapshot.seq, canonical(&Board::new(snapshot)));
    for tab in &mut tabs {
        tab.shows("the end of the log", |sight| sight.seq == seq && sight.link == Link::Live).await;
    }
    let log = ops_in_the_log(reader, project).await;
    for tab in tabs {
        let ended = tab.close().await;
        let came = |seq: &u64| ended.events.contains_key(seq) || ended.fetched.contains(seq);
        let lost: Vec<u64> = (ended.start + 1..=seq).filter(|seq| !came(seq)).collect();
        let twice: Vec<_> = ended.events.iter().filter(|(_, times)| **times > 1).collect();
        assert!(lost.is_empty() && twice.is_empty(), "lost {lost:?}, and more than once (seq, times) {twice:?}");
        assert_eq!((ended.snapshots, ended.refused), (0, vec![]), "boards fetched anew, and refusals");
        assert_eq!(canonical(ended.session.view()), board, "another board than the server's");
        for op in ended.edits {
            assert_eq!(log.get(&op), Some(&1), "an edit is in the log once");
        }
    }
}

/// How many events each op caused.
async fn ops_in_the_log(reader: &Client, project: ProjectId) -> HashMap<OpId, usize> {
    let mut ops = HashMap::new();
    for event in reader.events(project).await {
        if let Ok(op) = serde_json::from_value::<OpId>(event["op_id"].clone()) {
            *ops.entry(op).or_default() += 1;
        }
    }
    ops
}

/// A board in comparable form: without the viewer's role.
fn canonical(board: &Board) -> String {
    let mut snapshot = board.snapshot();
    snapshot.project.role = None;
    serde_json::to_string(&snapshot).expect("JSON")
}
