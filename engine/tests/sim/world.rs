//! The simulated world: its time, its parts, and the steps of a plan.

use std::collections::BTreeMap;

use engine::{
    OpId, Role, Timestamp, UserId,
    session::{SessionInput, SharedSocketInput},
};

use crate::{
    browser::Browser,
    database::Database,
    dice::Dice,
    ids::{id, owner},
    node::Node,
    oracle::Oracle,
    plan::{BOARDS, CLIENTS, NODES, Plan, Proxy, SimStep, TABS},
    rows::Logged,
    scheduled::Scheduled,
    socket::Socket,
    tab::Tab,
};

/// The board that each tab shows at first.
const SHOWN: [usize; TABS] = [0, 0, 0, 0, 0, 1, 1, 1];
/// The members of each project at first.
const MEMBERS: [&[usize]; BOARDS] = [&[0, 1, 2], &[1, 2, 3]];
/// The client whose browser has no locks: each of its tabs has a socket.
const WITHOUT_LOCKS: usize = 3;

/// Random faults, in per cent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) bus_lost: u64,
    pub(crate) bus_twice: u64,
    pub(crate) bus_delay: u64,
    pub(crate) answers_lost: u64,
    pub(crate) rollbacks: u64,
    /// In milliseconds.
    pub(crate) channel_delay: u64,
}

pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) now: u64,
    pub(crate) database: Database,
    pub(crate) nodes: Vec<Node>,
    pub(crate) browsers: Vec<Browser>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) sockets: BTreeMap<u64, Socket>,
    pub(crate) faults: Faults,
    /// For each node, until when a proxy in front of it blocks sockets, and how.
    pub(crate) blocked: [Option<(u64, Proxy)>; NODES],
    pub(crate) oracle: Oracle,
    pub(crate) scheduled: BTreeMap<(u64, u64), Scheduled>,
    count: u64,
    /// The longest time that the system took to settle, in milliseconds.
    pub(crate) longest_settling: u64,
    /// Hash of all that happened: equal for two runs of one plan.
    trace: u64,
}

/// Result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RunResult {
    /// Hash of everything that happened in the sessions.
    pub(crate) trace: u64,
    /// The longest time that the system took to settle after the last fault, in milliseconds.
    pub(crate) settling: u64,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut world = Self {
            dice: Dice(seed ^ 0x5EED),
            now: 0,
            database: Database::new(),
            nodes: (0..NODES).map(|_| Node::default()).collect(),
            browsers: (0..CLIENTS).map(|n| Browser::new(n != WITHOUT_LOCKS)).collect(),
            tabs: (0..TABS).map(|tab| Tab::new(tab, SHOWN[tab])).collect(),
            sockets: BTreeMap::new(),
            faults: Faults::default(),
            blocked: [None; NODES],
            oracle: Oracle::default(),
            scheduled: BTreeMap::new(),
            count: 0,
            longest_settling: 0,
            trace: 0,
        };
        for (board, members) in MEMBERS.into_iter().enumerate() {
            for n in members {
                world.set_role(board, client(*n), Some(Role::Editor));
            }
        }
        for node in 0..NODES {
            world.start(node);
        }
        world.all_sign_in();
        for tab in 0..TABS {
            world.open(tab);
        }
        world
    }

    /// Runs a plan to its end. Panics if a promise is broken.
    pub(crate) fn run(plan: &Plan) -> RunResult {
        let mut world = Self::new(plan.seed);
        if plan.steps.iter().any(|step| step.loses()) {
            world.database.remember_commits();
        }
        for step in &plan.steps {
            world.step(*step);
        }
        world.quiesce();
        world.finish_stored_work();
        RunResult { trace: world.trace, settling: world.longest_settling }
    }

    fn step(&mut self, step: SimStep) {
        let now = self.now;
        match step {
            SimStep::Pass { ms } => self.pass(now + ms),
            SimStep::Quiet => self.quiesce(),
            SimStep::Gesture { tab, dice } => self.gesture(tab, &mut Dice(dice)),
            SimStep::Cut { tab } => self.on_socket(tab, World::cut),
            SimStep::HalfOpen { tab } => self.on_socket(tab, |world, socket| world.socket(socket).half_open = true),
            SimStep::Stall { tab, ms } => {
                self.on_socket(tab, |world, socket| world.socket(socket).stalled_until = now + ms);
            }
            SimStep::Shake { tab, ms } => self.on_socket(tab, |world, socket| {
                world.socket(socket).shaken = true;
                world.schedule(now + ms, Scheduled::Cut { socket });
            }),
            SimStep::Reload { tab } => self.reload(tab),
            SimStep::Shut { tab } => self.shut(tab),
            SimStep::Open { tab } => self.open(tab),
            SimStep::Crash { tab } => self.crash(tab),
            SimStep::Visit { tab, board } => self.visit(tab, board),
            SimStep::Sleep { tab, ms } => self.sleep(tab, ms),
            SimStep::Lid { client, ms } => self.laptop_sleep(client, ms),
            SimStep::Freeze { tab, ms } => self.freeze(tab, ms),
            SimStep::Hide { tab, ms } => self.hide(tab, ms),
            SimStep::Channel { ms } => self.faults.channel_delay = ms,
            SimStep::Retry { tab } if self.tabs[tab].runs() => {
                self.input(tab, SessionInput::Retry);
                self.shared_input(tab, SharedSocketInput::Retry);
            }
            SimStep::Retry { .. } => {}
            SimStep::Kill { node, ms } => self.kill(node, ms),
            SimStep::KillAtCommit { node, ms } => self.nodes[node].kill_at_commit = Some(ms),
            SimStep::Stop { node, ms } => self.stop(node, ms),
            SimStep::Bus { lost, twice, ms } => {
                self.faults = Faults { bus_lost: lost, bus_twice: twice, bus_delay: ms, ..self.faults };
            }
            SimStep::Answers { lost } => self.faults.answers_lost = lost,
            SimStep::Rollbacks { percent } => self.faults.rollbacks = percent,
            SimStep::Outage { ms } => {
                self.database.down = true;
                self.schedule(now + ms, Scheduled::DatabaseUp);
            }
            SimStep::Prune { board, keep } => self.database.prune(board, keep),
            SimStep::Rotate { board } => self.another_log(board, Database::rotate),
            SimStep::BackUp { board } => self.database.back_up(board),
            SimStep::Restore { board } => self.another_log(board, Database::restore),
            SimStep::LoseCommits { board, commits } => self.lose_commits(board, commits),
            SimStep::LoseCommitsUnseen { board, commits } => self.lose_commits_unseen(board, commits),
            SimStep::Revoke { board, client: n } => self.set_role(board, client(n), None),
            SimStep::Admit { board, client: n, viewer } => {
                self.set_role(board, client(n), Some(if viewer { Role::Viewer } else { Role::Editor }));
            }
            SimStep::Shuffle { board, dice } => self.shuffle(board, &mut Dice(dice)),
            SimStep::SignOut { client } => self.sign_out(client),
            SimStep::Expire { client } => self.expire(client),
            SimStep::Disable { client } => self.disable(client),
            SimStep::SignIn { client } => self.sign_in(client),
            SimStep::Block { node, how, ms } => self.block(node, how, now + ms),
            SimStep::QuietWithoutSockets { how } => self.quiesce_without_sockets(how),
        }
        self.check_link_honesty();
    }

    fn on_socket(&mut self, tab: usize, act: impl FnOnce(&mut Self, u64)) {
        let socket = self.tabs[tab].page.as_ref().and_then(|page| page.socket);
        if let Some(socket) = socket.filter(|socket| self.sockets.contains_key(socket)) {
            act(self, socket);
        }
    }

    pub(crate) fn another_log(&mut self, board: usize, replace: impl FnOnce(&mut Database, usize)) {
        let before = self.database.boards[board].clone();
        replace(&mut self.database, board);
        self.oracle.another_log(&before, board, &self.database);
    }

    /// Adds, removes or changes a member, as the owner does at some node.
    fn set_role(&mut self, board: usize, user: UserId, role: Option<Role>) {
        if let Some(change) = self.database.boards[board].membership(user, role) {
            let op_id = self.fresh();
            let events = self.database.append(board, owner(), op_id, vec![change], self.now);
            self.oracle.membership(self.database.place(board), user, role.is_some());
            self.committed_by_owner(board, events);
        }
    }

    /// Moves several cards at once, as the owner does.
    fn shuffle(&mut self, board: usize, dice: &mut Dice) {
        let changes = self.database.boards[board].shuffle(dice, Timestamp::from_millis(self.now as i64));
        if !changes.is_empty() {
            let op_id = self.fresh();
            let events = self.database.append(board, owner(), op_id, changes, self.now);
            self.committed_by_owner(board, events);
        }
    }

    fn committed_by_owner(&mut self, board: usize, events: Vec<Logged>) {
        let node = self.dice.below(NODES as u64) as usize;
        self.committed(node, board, events);
    }

    pub(crate) fn schedule(&mut self, at: u64, event: Scheduled) {
        self.count += 1;
        self.scheduled.insert((at.max(self.now), self.count), event);
    }

    /// A new number.
    pub(crate) fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(crate) fn fresh(&mut self) -> OpId {
        id(6, self.number())
    }

    /// Adds to the trace, by FNV-1a.
    pub(crate) fn record(&mut self, what: u64) {
        self.trace = (self.trace ^ what ^ self.now).wrapping_mul(0x0100_0000_01B3);
    }

    /// A random time shortly after now.
    pub(crate) fn soon(&mut self, most: u64) -> u64 {
        self.now + 1 + self.dice.below(most)
    }
}

/// The id of the `n`th user.
pub(crate) fn client(n: usize) -> UserId {
    id(5, n as u64)
}
