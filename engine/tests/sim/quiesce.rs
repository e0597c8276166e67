//! Invariants that hold once the system has settled.

use engine::{Board, Snapshot, session::Link};

use crate::{
    ids::id,
    oracle::{Oracle, SubmittedOp},
    plan::{BOARDS, CLIENTS, NODES, Proxy, TABS},
    scheduled::Scheduled,
    world::{Faults, World},
};

/// Time for the rooms to catch up after the last fault, in milliseconds.
const ROOMS_MS: u64 = 8_000;
/// How far they may lag behind the log from then on, in milliseconds: pages are still sending.
const LAG_MS: u64 = 2_000;
/// Time to settle after the last fault, in milliseconds: a silently dead socket is noticed after 35 s, and an Offline
/// page probes every 30 s.
const SETTLE_MS: u64 = 90_000;

impl World {
    /// Ends all faults. The system has to settle in bounded time, with the same view everywhere.
    pub(crate) fn quiesce(&mut self) {
        self.blocked = Default::default();
        self.end_faults();
        self.settle_all();
    }

    /// The same without any socket: by requests alone.
    pub(crate) fn quiesce_without_sockets(&mut self, how: Proxy) {
        self.end_faults();
        for node in 0..NODES {
            self.block(node, how, u64::MAX);
        }
        self.settle_all();
        self.blocked = Default::default();
    }

    fn settle_all(&mut self) {
        self.settle();
        // Signed-out tabs settle as such first.
        if self.all_sign_in() {
            self.settle();
        }
    }

    fn end_faults(&mut self) {
        self.faults = Faults::default();
        self.database.down = false;
        self.database.up_since = self.now;
        for node in 0..NODES {
            self.start(node);
            self.nodes[node].kill_at_commit = None;
        }
        let sockets: Vec<u64> = self.sockets.keys().copied().collect();
        for socket in sockets {
            let it = self.socket(socket);
            it.stalled_until = 0;
            let end = if it.shaken { Scheduled::Cut { socket } } else { Scheduled::Drain { socket } };
            self.schedule(self.now, end);
        }
        for tab in 0..TABS {
            self.open(tab);
            self.awake(tab);
            self.show(tab);
        }
    }

    /// Reopens every board with stored ops. Afterwards none may be left.
    pub(crate) fn finish_stored_work(&mut self) {
        for board in 0..BOARDS {
            for tab in 0..TABS {
                if self.browser(tab).has_stored(board) {
                    self.visit(tab, board);
                    self.reload(tab);
                }
            }
            self.quiesce();
            for n in (0..CLIENTS).filter(|n| self.database.role(board, id(5, *n as u64)).is_some()) {
                assert!(!self.browsers[n].has_stored(board), "what {n} has left to do on board {board} is not done");
            }
        }
    }

    fn settle(&mut self) {
        let since = self.now;
        self.pass(since + ROOMS_MS);
        let then: Vec<_> = (0..BOARDS).map(|board| self.database.place(board)).collect();
        self.pass(self.now + LAG_MS);
        for (board, open) in self.nodes.iter().flat_map(|node| &node.rooms) {
            // A new room reads its place. If it never does, its members never settle.
            let (at, then) = (open.room.position(), then[*board]);
            // A page that was ahead of the log may have rotated its epoch meanwhile.
            let (was_there, now) =
                (at.is_none_or(|at| at.epoch == then.epoch && at.seq >= then.seq), self.database.place(*board));
            let there = was_there || at.is_some_and(|at| at.epoch == now.epoch && now.epoch != then.epoch);
            assert!(there, "a room is at {at:?}, where the log was at {then:?} {LAG_MS} ms ago");
            let known = at.and_then(|at| open.room.id_at(at.seq).zip(self.database.boards[*board].id_at(at.seq)));
            assert!(known.is_none_or(|(own, id)| own == id), "a room is at {at:?}, and has another event there");
        }
        while let Some(what) = self.unsettled() {
            assert!(self.now < since + SETTLE_MS, "no rest {SETTLE_MS} ms after the last fault: {what}");
            self.pass(self.now + 500);
            self.check_link_honesty();
        }
        self.longest_settling = self.longest_settling.max(self.now - since);
        self.check_promises();
    }

    /// The first part that has not settled yet.
    fn unsettled(&self) -> Option<String> {
        (0..TABS).find_map(|n| {
            let (tab, top) = (&self.tabs[n], self.database.place(self.tabs[n].board));
            if !self.signed_in(n) {
                let out = tab.page.as_ref().is_none_or(|page| page.session.link() == Link::SignedOut);
                return (!out).then(|| format!("tab {n} does not know that it is signed out"));
            }
            self.database.role(tab.board, tab.user)?;
            let Some(page) = &tab.page else { return Some(format!("tab {n} is not loaded")) };
            let (link, pending, place) = (page.session.link(), page.session.unconfirmed(), page.place());
            let best =
                if self.blocked[0].is_some_and(|(until, _)| until == u64::MAX) { Link::Polling } else { Link::Live };
            // A reused seq is another place, which a silently dead socket may hide for a while.
            let (own, id) = (page.session.confirmed().last(), self.database.boards[tab.board].id_at(top.seq));
            let there = place == top && own.zip(id).is_none_or(|(own, id)| own == id);
            let rests = link == best && pending == 0 && there;
            (!rests).then(|| format!("tab {n} is {link:?} with {pending} pending, at {place:?} of {top:?}"))
        })
    }

    fn check_promises(&self) {
        for n in 0..TABS {
            let tab = &self.tabs[n];
            let expected = self.database.snapshot(tab.board, tab.user).filter(|_| self.signed_in(n));
            let (Some(expected), Some(page)) = (expected, &tab.page) else { continue };
            // A pruned log does not have the id of its last event.
            let known = expected.last.is_some() && page.session.confirmed().last().is_some();
            let expected = canonical(&Board::new(expected), known);
            for seen in [page.session.confirmed(), page.session.view()].map(|board| canonical(board, known)) {
                let same = seen.bytes().zip(expected.bytes()).take_while(|(a, b)| a == b).count();
                let differs = |text: &str| text[same.saturating_sub(60)..].chars().take(160).collect::<String>();
                assert!(seen == expected, "tab {n} sees …{}… where there is …{}…", differs(&seen), differs(&expected));
            }
        }
        for rows in &self.database.boards {
            let seqs: Vec<u64> = rows.log.keys().copied().collect();
            let first = seqs.first().copied().unwrap_or(rows.seq + 1);
            assert!(seqs.into_iter().eq(first..=rows.seq), "the log has a gap");
            for status in &rows.statuses {
                let column = rows.column(status.id, id(7, 0));
                assert!(column.windows(2).all(|pair| pair[0].0 < pair[1].0), "a column is out of order: {column:?}");
            }
        }
        self.check_sockets();
        self.check_ops();
        self.check_comments();
    }

    /// Checks that each browser has at most one socket for each board.
    fn check_sockets(&self) {
        for (n, board) in (0..CLIENTS).flat_map(|n| (0..BOARDS).map(move |board| (n, board))) {
            let pages =
                [2 * n, 2 * n + 1].map(|tab| self.tabs[tab].page.as_ref().filter(|_| self.tabs[tab].board == board));
            let sockets = pages.iter().flatten().filter(|page| page.socket.is_some()).count();
            assert!(sockets <= 1 || !self.browsers[n].shares, "{sockets} sockets for board {board} in browser {n}");
        }
    }

    fn check_ops(&self) {
        let Oracle { submitted, acknowledged, refused, rejected, undone, .. } = &self.oracle;
        for (op_id, SubmittedOp { tab, board, op, .. }) in submitted {
            let done = self.database.boards[*board].done.get(op_id).copied().unwrap_or_default();
            let was = undone.contains(op_id);
            assert!(done <= 1, "done {done} times: {op:?}");
            assert!(!acknowledged.contains(op_id) || done == 1 || was, "acknowledged, and not in the log: {op:?}");
            // Without locks two tabs may have the same op: one may reject it while the other gets it done.
            let shares = self.browser(*tab).shares;
            assert!(!refused.contains(op_id) || done == 0 || !shares, "refused, and in the log: {op:?}");
            assert!(
                rejected.get(op_id) != Some(&false) || done == 0 || !shares,
                "said to be not done, and in the log: {op:?}"
            );
            let reported = refused.contains(op_id) || rejected.contains_key(op_id);
            let waits = self.browser(*tab).keeps(*op_id);
            assert!(done == 1 || reported || was || waits, "lost without a word: {op:?}");
        }
    }
}

/// A board in a form that is compared byte by byte.
fn canonical(board: &Board, last: bool) -> String {
    let snapshot = board.snapshot();
    let last = snapshot.last.filter(|_| last);
    serde_json::to_string(&Snapshot { last, ..snapshot }).unwrap()
}
