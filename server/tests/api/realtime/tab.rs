//! Somebody's open board: the session that a browser runs, over real requests and sockets, with every event counted
//! that comes in. All tests of faults look through it.

mod line;
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

/// Where a tab connects to, and how quickly time passes for it.
#[derive(Clone)]
pub(super) struct Way {
    /// Nodes, or proxies before them. After a failure the next one is tried, as a load balancer would.
    pub(super) nodes: Vec<SocketAddr>,
    /// How often a second of the session goes by in a real one: its patience is made for people.
    pub(super) haste: u32,
}

/// What a tab shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    /// Its place in the log.
    pub(super) seq: u64,
    /// Ops that it was given.
    asked: usize,
    /// Those of them that nothing has confirmed.
    unconfirmed: usize,
    /// What its indicator says.
    pub(super) link: Link,
    /// Sockets that it has opened.
    pub(super) sockets: u32,
}

/// Somebody's open board.
pub(super) struct Tab {
    ops: UnboundedSender<(OpId, Op)>,
    asked: usize,
    sight: watch::Receiver<Sight>,
    task: JoinHandle<Ended>,
}

/// A tab that was closed.
pub(super) struct Ended {
    /// As it was.
    pub(super) session: Session,
    /// How often each event came on its sockets, by seq.
    pub(super) events: BTreeMap<u64, u32>,
    /// Events that it asked for, because others came before them.
    pub(super) fetched: BTreeSet<u64>,
    /// The place of its first snapshot.
    pub(super) start: u64,
    /// How often the whole board had to be fetched, for whatever reason.
    pub(super) snapshots: u32,
    /// Titles that it gave: each leaves an event, where a move may lead nowhere.
    pub(super) edits: Vec<OpId>,
    /// Ops that it has refused.
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

    /// Does something.
    pub(super) fn submit(&mut self, op: Op) {
        self.asked += 1;
        self.ops.send((new_op(), op)).expect("the tab is open");
    }

    /// Renames a task so many times.
    pub(super) fn rename(&mut self, task_id: TaskId, times: usize) {
        for _ in 0..times {
            let title = Some(new_op().to_string());
            self.submit(Op::UpdateTask { task_id, patch: TaskPatch { title, ..TaskPatch::default() } });
        }
    }

    /// Its ops that nothing has confirmed.
    pub(super) fn waiting(&self) -> usize {
        let sight = self.sight();
        sight.unconfirmed + self.asked - sight.asked
    }

    /// Waits until no more of its ops than this are unconfirmed.
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
