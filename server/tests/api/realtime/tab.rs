//! An open board: a browser's session over real requests and sockets, with every incoming event counted. All tests of
//! faults use it.

mod client_socket;
mod page;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use engine::{
    ApiError, Op, OpId, ProjectId, TaskId, TaskPatch,
    session::{Link, Session},
};
use tokio::{
    sync::{
        mpsc::{UnboundedSender, unbounded_channel},
        watch,
    },
    task::JoinHandle,
    time::timeout,
};

use super::{PATIENCE, session as sign_in};
use crate::harness::{Client, new_op};
use page::Page;

/// Where a tab connects, and how fast its time passes.
#[derive(Clone)]
pub(super) struct Way {
    /// Nodes, or proxies in front of them. After a failure the next one is tried, like a load balancer does.
    pub(super) nodes: Vec<SocketAddr>,
    /// Session seconds per real second: its timeouts are made for people.
    pub(super) haste: u32,
}

/// What a tab shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    /// Its position in the log.
    pub(super) seq: u64,
    /// Ops submitted.
    asked: usize,
    /// Ops not confirmed yet.
    unconfirmed: usize,
    /// Its connection indicator.
    pub(super) link: Link,
    /// Sockets opened.
    pub(super) sockets: u32,
}

/// An open board.
pub(super) struct Tab {
    ops: UnboundedSender<(OpId, Op)>,
    asked: usize,
    sight: watch::Receiver<Sight>,
    task: JoinHandle<Ended>,
}

/// A closed tab.
pub(super) struct Ended {
    /// Its last state.
    pub(super) session: Session,
    /// How often each event arrived on its sockets, by seq.
    pub(super) events: BTreeMap<u64, u32>,
    /// Events that it requested, because later ones arrived first.
    pub(super) fetched: BTreeSet<u64>,
    /// The position of its first snapshot.
    pub(super) start: u64,
    /// How often the whole board was refetched, for any reason.
    pub(super) snapshots: u32,
    /// Titles that it set: each causes an event, unlike some moves.
    pub(super) edits: Vec<OpId>,
    /// Ops that were refused.
    pub(super) refused: Vec<ApiError>,
}

impl Tab {
    /// Opens a board.
    pub(super) async fn open(client: &Client, project: ProjectId, way: Way) -> Self {
        let client = client.at(way.nodes[0]);
        let cookie = sign_in(&client).await;
        let snapshot = client.board(project).await;
        let start = snapshot.seq;
        let session = Session::new(snapshot, client.user().id, 0);
        let sight = Sight { seq: start, asked: 0, unconfirmed: 0, link: session.link(), sockets: 0 };
        let (ops, wanted) = unbounded_channel();
        let (shown, sight) = watch::channel(sight);
        let (events, fetched, edits, refused) = (BTreeMap::new(), BTreeSet::new(), Vec::new(), Vec::new());
        let ended = Ended { session, events, fetched, start, snapshots: 0, edits, refused };
        let page = Page::new(client, cookie, project, way, ended);
        Self { ops, asked: 0, sight, task: tokio::spawn(page.live(wanted, shown)) }
    }

    /// Submits an op.
    pub(super) fn submit(&mut self, op: Op) {
        self.asked += 1;
        self.ops.send((new_op(), op)).expect("the tab is open");
    }

    /// Renames a task this many times.
    pub(super) fn rename(&mut self, task_id: TaskId, times: usize) {
        for _ in 0..times {
            let title = Some(new_op().to_string());
            self.submit(Op::UpdateTask { task_id, patch: TaskPatch { title, ..TaskPatch::default() } });
        }
    }

    /// Its unconfirmed ops.
    pub(super) fn waiting(&self) -> usize {
        let sight = self.sight();
        sight.unconfirmed + self.asked - sight.asked
    }

    /// Waits until no more than this many ops are unconfirmed.
    pub(super) async fn keeps_up(&mut self, most: usize) {
        let asked = self.asked;
        self.shows("its ops to get on", |sight| sight.asked == asked && sight.unconfirmed <= most).await;
    }

    /// What it shows now.
    pub(super) fn sight(&self) -> Sight {
        *self.sight.borrow()
    }

    /// Waits until it shows something.
    pub(super) async fn shows(&mut self, what: &str, fits: impl Fn(&Sight) -> bool) {
        let seen = timeout(PATIENCE * 2, self.sight.wait_for(fits)).await.is_ok_and(|seen| seen.is_ok());
        assert!(seen, "waited in vain for {what}: {:?}", self.sight());
    }

    /// Closes it.
    pub(super) async fn close(self) -> Ended {
        drop(self.ops);
        self.task.await.expect("a tab does not panic")
    }
}
