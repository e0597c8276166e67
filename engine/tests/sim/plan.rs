//! The plan of a run, as data: made from one seed, saved when it fails, replayed and shrunk.

use serde::{Deserialize, Serialize};

use crate::dice::Dice;

/// Nodes of the server.
pub(crate) const NODES: usize = 2;
/// Projects.
pub(crate) const BOARDS: usize = 2;
/// Users.
pub(crate) const CLIENTS: usize = 4;
/// Tabs of all users: two each.
pub(crate) const TABS: usize = 2 * CLIENTS;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Seed of the random faults.
    pub(crate) seed: u64,
    pub(crate) steps: Vec<SimStep>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum SimStep {
    /// Time passes, in milliseconds.
    Pass { ms: u64 },
    /// All faults end, and the system has to settle, with the same view everywhere.
    Quiet,
    /// A user acts; `dice` determines how.
    Gesture { tab: usize, dice: u64 },
    /// A socket breaks, and both ends notice.
    Cut { tab: usize },
    /// A socket silently passes nothing any more.
    HalfOpen { tab: usize },
    /// A browser reads nothing from a socket for a while.
    Stall { tab: usize, ms: u64 },
    /// Frames on a socket are lost, repeated and reordered until it breaks.
    Shake { tab: usize, ms: u64 },
    /// A tab is reloaded.
    Reload { tab: usize },
    /// A page crashes, and is reloaded.
    Crash { tab: usize },
    /// A tab opens another board.
    Visit { tab: usize, board: usize },
    /// A tab is closed. Its waiting ops are stored.
    Shut { tab: usize },
    /// A tab is opened.
    Open { tab: usize },
    /// A tab hangs for a while, unannounced.
    Sleep { tab: usize, ms: u64 },
    /// A laptop sleeps for a while.
    Lid { client: usize, ms: u64 },
    /// The browser freezes a tab for a while, and announces it.
    Freeze { tab: usize, ms: u64 },
    /// A tab is hidden for a while.
    Hide { tab: usize, ms: u64 },
    /// Sets the longest delay of messages between tabs.
    Channel { ms: u64 },
    /// The user presses Retry.
    Retry { tab: usize },
    /// `kill -9`; the node restarts after a while.
    Kill { node: usize, ms: u64 },
    /// `kill -9` right after the next commit, before it is published.
    KillAtCommit { node: usize, ms: u64 },
    /// The node is stopped with a `bye`, and restarts after a while.
    Stop { node: usize, ms: u64 },
    /// Sets the faults of the bus, in per cent, and its longest delay.
    Bus { lost: u64, twice: u64, ms: u64 },
    /// Sets how many HTTP requests, or their answers, are lost, in per cent.
    Answers { lost: u64 },
    /// Sets how many transactions the database rolls back, in per cent.
    Rollbacks { percent: u64 },
    /// The database does not answer for a while.
    Outage { ms: u64 },
    /// Old events are pruned.
    Prune { board: usize, keep: u64 },
    /// A log is replaced by an empty one.
    Rotate { board: usize },
    /// A backup is made.
    BackUp { board: usize },
    /// The last backup is restored.
    Restore { board: usize },
    /// The last commits are lost. The log keeps its epoch, and the nodes keep running.
    LoseCommits { board: usize, commits: usize },
    /// The same while no node runs, so that no room remembers them. No cursor may rotate the epoch either: only the
    /// pages can notice.
    LoseCommitsUnseen { board: usize, commits: usize },
    /// A member is removed.
    Revoke { board: usize, client: usize },
    /// A member is added, or gets another role.
    Admit { board: usize, client: usize, viewer: bool },
    /// One transaction moves several cards.
    Shuffle { board: usize, dice: u64 },
    /// A user's session is ended elsewhere.
    SignOut { client: usize },
    /// A user's session expires, unannounced.
    Expire { client: usize },
    /// A user's account is disabled.
    Disable { client: usize },
    /// An account is enabled, and its user signs in again.
    SignIn { client: usize },
    /// A proxy in front of a node blocks sockets for a while, but passes requests.
    Block { node: usize, how: Proxy, ms: u64 },
    /// All other faults end and no socket gets through: the system has to settle by requests alone.
    QuietWithoutSockets { how: Proxy },
}

/// How a proxy blocks sockets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Proxy {
    /// It refuses the upgrade, or closes the socket after opening it.
    Refuses,
    /// It never answers the upgrade.
    Hangs,
    /// It passes the upgrade, and no frames.
    Swallows,
}

/// Number of kinds of faults.
const KINDS: u64 = 36;

impl SimStep {
    /// Whether the database has to keep earlier states of the boards for it.
    pub(crate) fn loses(self) -> bool {
        matches!(self, Self::LoseCommits { .. } | Self::LoseCommitsUnseen { .. })
    }
}

impl Plan {
    /// The plan of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut steps = Vec::new();
        // Most runs have a few kinds of faults: combined faults hide single ones.
        let kinds: Vec<u64> = (0..2 + dice.below(6)).map(|_| dice.below(KINDS)).collect();
        for _ in 0..1 + dice.below(3) {
            for _ in 0..10 + dice.below(25) {
                let step = match dice.below(10) {
                    0..6 => SimStep::Gesture { tab: dice.below(TABS as u64) as usize, dice: dice.roll() },
                    _ => fault(dice.pick(&kinds).unwrap(), &mut dice),
                };
                // A tab hands over after minutes of being hidden.
                let hidden = matches!(step, SimStep::Hide { .. }) && dice.chance(40);
                steps.push(step);
                let ms = match dice.below(100) {
                    _ if hidden => 300_000 + dice.below(10_000),
                    0..8 => dice.below(40_000),
                    _ => dice.below(600),
                };
                steps.push(SimStep::Pass { ms });
            }
            steps.push(SimStep::Quiet);
        }
        // Every third plan has a proxy.
        if seed % 3 == 1 {
            block(&mut steps, &mut Dice(seed ^ 0xB10C));
        }
        Self { seed, steps }
    }
}

/// Blocks sockets now and then, and in place of the first quiet step.
fn block(steps: &mut Vec<SimStep>, dice: &mut Dice) {
    let all = [Proxy::Refuses, Proxy::Hangs, Proxy::Swallows];
    for _ in 0..1 + dice.below(3) {
        let node = dice.below(NODES as u64) as usize;
        let step = SimStep::Block { node, how: dice.pick(&all).unwrap(), ms: dice.below(60_000) };
        steps.insert(dice.below(steps.len() as u64) as usize, step);
    }
    let rest = steps.iter().position(|step| *step == SimStep::Quiet).unwrap();
    steps.insert(rest, SimStep::QuietWithoutSockets { how: dice.pick(&all).unwrap() });
}

fn fault(kind: u64, dice: &mut Dice) -> SimStep {
    let tab = dice.below(TABS as u64) as usize;
    let node = dice.below(NODES as u64) as usize;
    let client = dice.below(CLIENTS as u64) as usize;
    let board = dice.below(BOARDS as u64) as usize;
    let (short, long) = (dice.below(3_000), dice.below(60_000));
    match kind {
        0 => SimStep::Cut { tab },
        1 => SimStep::HalfOpen { tab },
        2 => SimStep::Stall { tab, ms: long / 2 },
        3 => SimStep::Shake { tab, ms: short },
        4 => SimStep::Reload { tab },
        5 => SimStep::Shut { tab },
        6 => SimStep::Open { tab },
        7 => SimStep::Sleep { tab, ms: long },
        8 => SimStep::Retry { tab },
        9 => SimStep::Kill { node, ms: short },
        10 => SimStep::KillAtCommit { node, ms: short },
        11 => SimStep::Stop { node, ms: short },
        12 => SimStep::Bus { lost: dice.below(60), twice: dice.below(30), ms: 1 + dice.below(800) },
        13 => SimStep::Bus { lost: 100, twice: 0, ms: 1 },
        14 => SimStep::Answers { lost: dice.below(90) },
        15 => SimStep::Rollbacks { percent: dice.below(50) },
        16 => SimStep::Outage { ms: long / 3 },
        17 => SimStep::Prune { board, keep: dice.below(10) },
        18 => SimStep::Rotate { board },
        19 => SimStep::BackUp { board },
        20 => SimStep::Restore { board },
        21 => SimStep::Revoke { board, client },
        22 => SimStep::Admit { board, client, viewer: dice.chance(30) },
        23 => SimStep::Shuffle { board, dice: dice.roll() },
        24 => SimStep::Crash { tab },
        25 => SimStep::Visit { tab, board },
        26 => SimStep::Lid { client, ms: long },
        27 => SimStep::Freeze { tab, ms: long },
        28 => SimStep::Hide { tab, ms: 310_000 + long },
        29 => SimStep::Channel { ms: 1 + dice.below(1_000) },
        30 => SimStep::SignOut { client },
        31 => SimStep::Expire { client },
        32 => SimStep::Disable { client },
        33 => SimStep::SignIn { client },
        34 => SimStep::LoseCommits { board, commits: 1 + dice.below(11) as usize },
        _ => SimStep::LoseCommitsUnseen { board, commits: 1 + dice.below(11) as usize },
    }
}
