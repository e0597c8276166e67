//! Invariants checked at every step, and the records needed to check the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::{
    CommentId, Epoch, Op, OpId, StatusId, TaskId, UserId,
    room::{LogPlace, Room, log_cursor::REORDER_CAPACITY},
    session::{
        Link, Session,
        connection::{DOUBT_MS, IDLE_MS, IDLE_SPREAD_MS},
    },
    wire::{DEAD_AFTER_MS, LogPosition},
};

use crate::{
    database::Database,
    ids::id,
    plan::CLIENTS,
    rows::{Logged, Rows},
    tab::Tab,
    world::World,
};

/// How long a resumed tab may take to update its connection state, in milliseconds: queued input reaches it only now.
const WAKING_MS: u64 = DEAD_AFTER_MS + HANDOVER_MS;
/// How much later than its socket a shared connection may be given up, in milliseconds.
const HANDOVER_MS: u64 = 4_000;
/// Records for the checks.
#[derive(Default)]
pub(crate) struct Oracle {
    pub(crate) submitted: BTreeMap<OpId, SubmittedOp>,
    /// Ops that a session was told are done, and ones that it was told are refused.
    pub(crate) acknowledged: BTreeSet<OpId>,
    pub(crate) refused: BTreeSet<OpId>,
    /// Ops shown to their user as rejected; true if they may be done.
    pub(crate) rejected: BTreeMap<OpId, bool>,
    /// Ops done in a log that was replaced by a backup.
    pub(crate) undone: BTreeSet<OpId>,
    /// Changes of membership, by log and seq.
    access: HashMap<Epoch, Vec<(u64, UserId, bool)>>,
    /// Logs that lost their last events and kept their epoch.
    went_back: BTreeSet<Epoch>,
    /// When the server last reached a browser, or a tab that shares nothing, for each board.
    contact: BTreeMap<(usize, usize), u64>,
}

/// A submitted op, with its tab, page and board.
#[derive(Debug)]
pub(crate) struct SubmittedOp {
    pub(crate) tab: usize,
    pub(crate) page: (usize, u64),
    pub(crate) board: usize,
    pub(crate) op: Op,
}

impl Oracle {
    pub(crate) fn submitted(&mut self, op_id: OpId, tab: usize, it: &Tab, op: &Op) {
        let submitted = SubmittedOp { tab, page: (tab, it.generation), board: it.board, op: op.clone() };
        self.submitted.insert(op_id, submitted);
    }

    pub(crate) fn acknowledged(&mut self, op_id: OpId) {
        self.acknowledged.insert(op_id);
    }

    pub(crate) fn refused(&mut self, op_id: OpId) {
        self.refused.insert(op_id);
    }

    pub(crate) fn rejected(&mut self, op_id: OpId, unclear: bool) {
        self.rejected.insert(op_id, unclear);
    }

    /// Tasks deleted in a tab.
    pub(crate) fn deleted_in(&self, tab: usize, board: usize) -> Vec<TaskId> {
        let here = self.submitted.values().filter(|entry| (entry.tab, entry.board) == (tab, board));
        here.filter_map(|entry| if let Op::DeleteTask { task_id } = entry.op { Some(task_id) } else { None }).collect()
    }

    /// Columns deleted in a tab.
    pub(crate) fn columns_deleted_in(&self, tab: usize, board: usize) -> Vec<StatusId> {
        let here = self.submitted.values().filter(|entry| (entry.tab, entry.board) == (tab, board));
        here.filter_map(|entry| if let Op::DeleteStatus { status_id, .. } = entry.op { Some(status_id) } else { None })
            .collect()
    }

    /// Comments written in a tab, with their tasks.
    pub(crate) fn written_in(&self, tab: usize, board: usize) -> Vec<(TaskId, CommentId)> {
        let here = self.submitted.values().filter(|entry| (entry.tab, entry.board) == (tab, board));
        let added = here.filter(|entry| matches!(entry.op, Op::AddComment { .. }));
        added.filter_map(|entry| entry.op.task_id().zip(entry.op.comment_id())).collect()
    }

    /// Whether a tab's last op on a comment was a deletion.
    pub(crate) fn is_deleted_in(&self, tab: usize, comment: CommentId) -> bool {
        let mut here =
            self.submitted.values().filter(|entry| entry.tab == tab && entry.op.comment_id() == Some(comment));
        here.next_back().is_some_and(|entry| matches!(entry.op, Op::DeleteComment { .. }))
    }

    pub(crate) fn membership(&mut self, place: LogPlace, user: UserId, there: bool) {
        self.access.entry(place.epoch).or_default().push((place.seq, user, there));
    }

    /// Records that a board has another log, with rows that may be older.
    pub(crate) fn another_log(&mut self, before: &Rows, board: usize, database: &Database) {
        let rows = &database.boards[board];
        self.undone.extend(before.done.keys().filter(|op_id| !rows.done.contains_key(op_id)));
        for n in 0..CLIENTS as u64 {
            let user = id(5, n);
            self.membership(database.place(board), user, database.role(board, user).is_some());
        }
    }

    /// Records that a log lost its last events.
    pub(crate) fn goes_back(&mut self, epoch: Epoch) {
        self.went_back.insert(epoch);
    }

    /// Whether a log has ever lost its last events.
    pub(crate) fn went_back(&self, epoch: Epoch) -> bool {
        self.went_back.contains(&epoch)
    }

    /// Whether a user is a member, or was one at a place of a log.
    fn may(&self, database: &Database, board: usize, user: UserId, place: LogPlace) -> bool {
        let mut access = self.access.get(&place.epoch).into_iter().flatten();
        if self.went_back(place.epoch) {
            // Its seqs belong to several logs: membership in any of them is accepted.
            return database.role(board, user).is_some() || access.any(|(_, of, there)| *of == user && *there);
        }
        let then = access.rfind(|(seq, of, _)| *of == user && *seq <= place.seq);
        database.role(board, user).is_some() || then.is_some_and(|(_, _, there)| *there)
    }

    /// Checks that a node may deliver events to a user. It may lag behind the log, but then in everything.
    pub(crate) fn delivered(&self, database: &Database, board: usize, user: UserId, epoch: Epoch, events: &[Logged]) {
        for event in events {
            let before = LogPlace { epoch, seq: event.seq - 1 };
            assert!(self.may(database, board, user, before), "event {} for {user}, who has no access", event.seq);
        }
    }

    /// Checks that a node may admit a user.
    pub(crate) fn entered(&self, database: &Database, board: usize, user: UserId, place: LogPlace) {
        assert!(self.may(database, board, user, place), "{user} is let in at {place:?}, and has no access");
    }

    /// Checks the place from which a node goes on: it has the event that the socket's page has there. The page would
    /// notice as well, but only after another request.
    pub(crate) fn resumed(&self, page: LogPosition, node: LogPosition) {
        let other = page.last.zip(node.last).is_some_and(|(had, has)| had != has);
        assert!((page.epoch, page.since) != (node.epoch, node.since) || !other, "a page goes on from another event");
    }

    /// Checks a room after an input.
    pub(crate) fn room(&self, room: &Room<Logged>) {
        assert!(room.held() <= REORDER_CAPACITY, "a room holds without a bound");
    }

    /// Checks a session after an input. `answered` are ops that are done and not in its log yet.
    pub(crate) fn session(&self, session: &Session, before: LogPlace, answered: &[(OpId, LogPlace)]) {
        assert_eq!(*session.view(), session.replayed(), "the view is the confirmed board and what is pending");
        let confirmed = session.confirmed();
        let back = confirmed.epoch() == before.epoch && confirmed.seq() < before.seq;
        assert!(!back || self.went_back(before.epoch), "the cursor went back");
        for (op_id, _) in answered {
            let shown = session.pending_ops().any(|op| op.op_id == *op_id);
            assert!(shown, "what was done is not shown until the log shows it: {:?}", self.submitted.get(op_id));
        }
        if let Link::Reconnecting { attempt } = session.link() {
            assert!((1..=5).contains(&attempt));
        }
    }
}

impl World {
    /// Records that a node reached a tab, and the tabs that share its socket.
    pub(crate) fn record_contact(&mut self, tab: usize) {
        let connection = (self.end_of(tab), self.tabs[tab].board);
        self.oracle.contact.insert(connection, self.now);
    }

    /// The owner of the tab's connection: its browser, or the tab itself.
    fn end_of(&self, tab: usize) -> usize {
        if self.browser(tab).shares { tab / 2 * 2 } else { tab }
    }

    /// Checks that tabs which say Live have heard from the server lately.
    pub(crate) fn check_link_honesty(&self) {
        for (n, tab) in self.tabs.iter().enumerate() {
            let Some(page) = tab.page.as_ref().filter(|_| tab.runs() && self.now > tab.awake_since + WAKING_MS) else {
                continue;
            };
            let contact = self.oracle.contact.get(&(self.end_of(n), tab.board)).copied().unwrap_or_default();
            // A visible tab has to notice sooner.
            let seen = !tab.hidden && self.now > tab.shown_since + DEAD_AFTER_MS;
            let silence = if seen { IDLE_MS + IDLE_SPREAD_MS + DOUBT_MS } else { DEAD_AFTER_MS };
            let in_contact = page.session.link() != Link::Live || self.now <= contact + silence + HANDOVER_MS;
            assert!(in_contact, "tab {n} says that it is live at {}, and has heard nothing since {contact}", self.now);
        }
    }
}
