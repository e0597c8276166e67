//! The promises, and whether they are kept: some at every step, the others whenever everything has come to rest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::{
    Board, Epoch, Op, OpId, TaskId, UserId,
    room::{Place, Room, sequence::HELD},
    session::{Link, Session},
};

use crate::{
    database::{Database, Logged, Rows, id},
    happening::Happening,
    plan::{NODES, TABS},
    world::{Faults, World},
};

/// When the rooms have caught up after the last fault, in milliseconds.
const ROOMS_MS: u64 = 8_000;
/// How far they are behind the log from then on, at the most, in milliseconds: pages still send what they had to.
const LAG_MS: u64 = 2_000;
/// How long everything may take to come to rest after the last fault, in milliseconds: a socket that is dead
/// without a word is noticed after 35 s, and a page that is Offline probes every 30 s.
pub(crate) const REST_MS: u64 = 90_000;

/// What has to be remembered to judge.
#[derive(Default)]
pub(crate) struct Oracle {
    /// What was wanted, and in which tab.
    wished: BTreeMap<OpId, (usize, Op)>,
    /// What a session was told is done, and what it was told is not.
    acknowledged: BTreeSet<OpId>,
    refused: BTreeSet<OpId>,
    /// What was done in a log that a backup has replaced.
    undone: BTreeSet<OpId>,
    /// Who came and went, in each log and at which seq.
    access: HashMap<Epoch, Vec<(u64, UserId, bool)>>,
}

impl Oracle {
    pub(crate) fn wished(&mut self, op_id: OpId, tab: usize, op: &Op) {
        self.wished.insert(op_id, (tab, op.clone()));
    }

    pub(crate) fn acknowledged(&mut self, op_id: OpId) {
        self.acknowledged.insert(op_id);
    }

    pub(crate) fn refused(&mut self, op_id: OpId) {
        self.refused.insert(op_id);
    }

    /// The tasks that somebody has deleted in a tab.
    pub(crate) fn deleted_in(&self, tab: usize) -> Vec<TaskId> {
        let of_tab = self.wished.values().filter(|(of, _)| *of == tab);
        of_tab.filter_map(|(_, op)| if let Op::DeleteTask { task_id } = op { Some(*task_id) } else { None }).collect()
    }

    pub(crate) fn membership(&mut self, place: Place, user: UserId, there: bool) {
        self.access.entry(place.epoch).or_default().push((place.seq, user, there));
    }

    /// The database has another log, with rows that may be older.
    pub(crate) fn another_log(&mut self, before: &Rows, database: &Database) {
        let rows = &database.rows;
        self.undone.extend(before.done.keys().filter(|op_id| !rows.done.contains_key(op_id)));
        for n in 0..TABS as u64 {
            let user = id(5, n);
            self.membership(database.place(), user, database.role(user).is_some());
        }
    }

    /// Whether a user is in the project, or was in it at a place of a log.
    fn may(&self, database: &Database, user: UserId, place: Place) -> bool {
        let mut access = self.access.get(&place.epoch).into_iter().flatten();
        let then = access.rfind(|(seq, of, _)| *of == user && *seq <= place.seq);
        database.role(user).is_some() || then.is_some_and(|(_, _, there)| *there)
    }

    /// A node hands events to somebody's socket. It may be behind the log, but then in all things.
    pub(crate) fn delivered(&self, database: &Database, user: UserId, epoch: Epoch, events: &[Logged]) {
        for event in events {
            let before = Place { epoch, seq: event.seq - 1 };
            assert!(self.may(database, user, before), "event {} for {user}, who has no access", event.seq);
        }
    }

    /// A node lets somebody in.
    pub(crate) fn entered(&self, database: &Database, user: UserId, place: Place) {
        assert!(self.may(database, user, place), "{user} is let in at {place:?}, and has no access");
    }

    /// A room has done something.
    pub(crate) fn room(&self, room: &Room<Logged>) {
        assert!(room.held() <= HELD, "a room holds without a bound");
    }

    /// A session has done something. What is `answered` is done, and not in its log yet.
    pub(crate) fn session(&self, session: &Session, before: Place, answered: &[(OpId, Place)]) {
        assert_eq!(*session.view(), session.replayed(), "the view is the confirmed board and what is pending");
        let confirmed = session.confirmed();
        assert!(confirmed.epoch() != before.epoch || confirmed.seq() >= before.seq, "the cursor went back");
        for (op_id, _) in answered {
            let shown = session.wishes().any(|wish| wish.op_id == *op_id);
            assert!(shown, "what was done is not shown until the log shows it: {:?}", self.wished.get(op_id));
        }
        if let Link::Reconnecting { attempt } = session.link() {
            assert!((1..=5).contains(&attempt));
        }
    }
}

impl World {
    /// All faults end. Then everything comes to rest in bounded time, and everybody sees the same.
    pub(crate) fn quiet(&mut self) {
        self.faults = Faults::default();
        self.database.down = false;
        for node in 0..NODES {
            self.start(node);
            self.nodes[node].kill_at_commit = None;
        }
        let sockets: Vec<u64> = self.sockets.keys().copied().collect();
        for socket in sockets {
            let it = self.socket(socket);
            it.stalled_until = 0;
            let end = if it.shaken { Happening::Cut { socket } } else { Happening::Drain { socket } };
            self.come(self.now, end);
        }
        for tab in 0..TABS {
            self.open(tab);
            self.awake(tab);
        }
        let since = self.now;
        self.pass(since + ROOMS_MS);
        let then = self.database.place();
        self.pass(self.now + LAG_MS);
        for room in self.nodes.iter().filter_map(|node| node.room.as_ref()) {
            // One that was opened just now reads its place. If it never does, nobody in it comes to rest.
            let there = room.position().is_none_or(|at| at.epoch == then.epoch && at.seq >= then.seq);
            assert!(there, "a room is at {:?}, where the log was at {then:?} {LAG_MS} ms ago", room.position());
        }
        while let Some(what) = self.unrest() {
            assert!(self.now < since + REST_MS, "no rest {REST_MS} ms after the last fault: {what}");
            self.pass(self.now + 500);
        }
        self.longest_rest = self.longest_rest.max(self.now - since);
        self.judge();
    }

    /// What is not at rest yet.
    fn unrest(&self) -> Option<String> {
        let top = self.database.place();
        self.tabs.iter().enumerate().filter(|(_, tab)| self.database.role(tab.user).is_some()).find_map(|(n, tab)| {
            let Some(session) = &tab.session else { return Some(format!("tab {n} is not loaded")) };
            let confirmed = session.confirmed();
            let place = Place { epoch: confirmed.epoch(), seq: confirmed.seq() };
            let (link, pending) = (session.link(), session.unconfirmed());
            let rests = link == Link::Live && pending == 0 && place == top;
            (!rests).then(|| format!("tab {n} is {link:?} with {pending} pending, at {place:?} of {top:?}"))
        })
    }

    fn judge(&self) {
        let rows = &self.database.rows;
        for (n, tab) in self.tabs.iter().enumerate() {
            let (Some(truth), Some(session)) = (self.database.snapshot(tab.user), &tab.session) else { continue };
            let truth = canonical(&Board::new(truth));
            for seen in [session.confirmed(), session.view()].map(canonical) {
                let same = seen.bytes().zip(truth.bytes()).take_while(|(a, b)| a == b).count();
                let differs = |text: &str| text[same.saturating_sub(60)..].chars().take(160).collect::<String>();
                assert!(seen == truth, "tab {n} sees …{}… where there is …{}…", differs(&seen), differs(&truth));
            }
        }
        let seqs: Vec<u64> = rows.log.keys().copied().collect();
        let first = seqs.first().copied().unwrap_or(rows.seq + 1);
        assert!(seqs.into_iter().eq(first..=rows.seq), "the log has a gap");
        for status in &rows.statuses {
            let column = rows.column(status.id, id(7, 0));
            assert!(column.windows(2).all(|pair| pair[0].0 < pair[1].0), "a column is out of order: {column:?}");
        }
        let Oracle { wished, acknowledged, refused, undone, .. } = &self.oracle;
        for (op_id, (tab, op)) in wished {
            let done = rows.done.get(op_id).copied().unwrap_or_default();
            let was = undone.contains(op_id);
            assert!(done <= 1, "done {done} times: {op:?}");
            assert!(!acknowledged.contains(op_id) || done == 1 || was, "acknowledged, and not in the log: {op:?}");
            assert!(!refused.contains(op_id) || done == 0, "refused, and in the log: {op:?}");
            let outside = self.database.role(self.tabs[*tab].user).is_none();
            assert!(done == 1 || refused.contains(op_id) || was || outside, "lost without a word: {op:?}");
        }
    }
}

/// A board as it is compared, byte for byte.
fn canonical(board: &Board) -> String {
    serde_json::to_string(&board.snapshot()).unwrap()
}
