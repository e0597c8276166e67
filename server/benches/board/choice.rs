//! Selects the cases and topologies.
//!
//! `CASES=100,storm` names cases and `ON=sqlite,postgres-two` topologies. Without `CASES` all of them run: the three
//! that fan out on every topology, the others on one process with SQLite.

use std::fmt;

use crate::Failure;

/// A case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// 100 members of one board, 50 writes a second.
    Hundred,
    /// 1 000 members of one board, 20 writes a second.
    Thousand,
    /// 1 000 members over 50 boards, 200 writes a second.
    Projects,
    /// The maximum deliveries per second with p99 ≤ 100 ms, 100 members.
    RampHundred,
    /// The maximum deliveries per second with p99 ≤ 100 ms, 1 000 members.
    RampThousand,
    /// Writes as fast as they are answered, over 50 boards.
    Writes,
    /// Writes as fast as they are answered, on one board.
    WritesOne,
    /// 64 writers on one board, and the effect on another board.
    Hot,
    /// 500 tasks by one request.
    Bulk,
    /// 10 000 idle sockets.
    Idle,
    /// A restart to which 2 000 sockets return.
    Storm,
    /// 1 000 sockets that don't read.
    Stalled,
    /// 1 000 notification sockets, 100 notifications per second; and one with 10 000 unread.
    Bell,
    /// Oversight of 100 000 tasks and 200 users, computed and cached.
    Oversight,
}

/// A topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topology {
    /// PostgreSQL instead of SQLite.
    pub(crate) postgres: bool,
    /// Redis between the processes.
    pub(crate) redis: bool,
    /// The number of processes.
    pub(crate) nodes: usize,
    /// Whether acknowledged writes are on the disk.
    pub(crate) durable: bool,
}

/// The selected cases and topologies.
pub(crate) struct Choice {
    cases: Vec<Case>,
    topologies: Vec<Topology>,
    /// No cases were named.
    all: bool,
}

const TOPOLOGIES: [Topology; 8] = [
    Topology { postgres: false, redis: false, nodes: 1, durable: true },
    Topology { postgres: false, redis: true, nodes: 1, durable: true },
    Topology { postgres: false, redis: true, nodes: 2, durable: true },
    Topology { postgres: true, redis: false, nodes: 1, durable: true },
    Topology { postgres: true, redis: true, nodes: 1, durable: true },
    Topology { postgres: true, redis: true, nodes: 2, durable: true },
    Topology { postgres: false, redis: false, nodes: 1, durable: false },
    Topology { postgres: true, redis: false, nodes: 1, durable: false },
];
/// The number of topologies that are measured by default.
const USUAL: usize = 6;

impl Case {
    const ALL: [Self; 14] = [
        Self::Hundred,
        Self::Thousand,
        Self::Projects,
        Self::RampHundred,
        Self::RampThousand,
        Self::WritesOne,
        Self::Writes,
        Self::Hot,
        Self::Bulk,
        Self::Idle,
        Self::Storm,
        Self::Stalled,
        Self::Bell,
        Self::Oversight,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Hundred => "100",
            Self::Thousand => "1000",
            Self::Projects => "projects",
            Self::RampHundred => "ramp-100",
            Self::RampThousand => "ramp-1000",
            Self::Writes => "writes",
            Self::WritesOne => "writes-one",
            Self::Hot => "hot",
            Self::Bulk => "bulk",
            Self::Idle => "idle",
            Self::Storm => "storm",
            Self::Stalled => "stalled",
            Self::Bell => "bell",
            Self::Oversight => "oversight",
        }
    }

    fn fans_out(self) -> bool {
        matches!(self, Self::Hundred | Self::Thousand | Self::Projects)
    }
}

impl Topology {
    fn name(self) -> String {
        let database = if self.postgres { "postgres" } else { "sqlite" };
        match (self.redis, self.nodes) {
            (false, _) if !self.durable => format!("{database}-normal"),
            (false, _) => database.to_owned(),
            (true, 1) => format!("{database}-redis"),
            (true, _) => format!("{database}-two"),
        }
    }
}

impl Choice {
    /// Reads `CASES` and `ON`.
    pub(crate) fn from_env() -> Result<Self, Failure> {
        let of = |name| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
        let (cases, on) = (of("CASES"), of("ON"));
        let all = cases.is_none();
        let topologies = match on {
            Some(text) => named(&text, &TOPOLOGIES, |topology| topology.name())?,
            None if all => TOPOLOGIES[..USUAL].to_vec(),
            None => TOPOLOGIES[..1].to_vec(),
        };
        let cases = match cases {
            Some(text) => named(&text, &Case::ALL, |case| case.name().to_owned())?,
            None => Case::ALL.to_vec(),
        };
        Ok(Self { cases, topologies, all })
    }

    /// The selected topologies, in order.
    pub(crate) fn topologies(&self) -> impl Iterator<Item = Topology> {
        self.topologies.iter().copied()
    }

    /// The cases of a topology.
    pub(crate) fn cases(&self, on: Topology) -> Vec<Case> {
        let hot = on.postgres && !on.redis;
        let wanted = |case: &&Case| !self.all || case.fans_out() || on == TOPOLOGIES[0] || (hot && **case == Case::Hot);
        self.cases.iter().filter(wanted).copied().collect()
    }
}

fn named<T: Copy>(text: &str, all: &[T], name: impl Fn(T) -> String) -> Result<Vec<T>, Failure> {
    let find = |wanted: &str| {
        all.iter().copied().find(|one| name(*one) == wanted).ok_or_else(|| {
            let names: Vec<String> = all.iter().map(|one| name(*one)).collect();
            Failure::from(format!("there is no {wanted}, only {}", names.join(", ")))
        })
    };
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(find).collect()
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hundred => "100 members, 50 moves/s",
            Self::Thousand => "1 000 members, 20 moves/s",
            Self::Projects => "1 000 members over 50 boards, 200 moves/s",
            Self::RampHundred => "most deliveries/s, 100 members",
            Self::RampThousand => "most deliveries/s, 1 000 members",
            Self::Writes => "moves/s over 50 boards",
            Self::WritesOne => "moves/s on one board",
            Self::Hot => "64 writers at one board",
            Self::Bulk => "500 tasks by one request",
            Self::Idle => "10 000 idle sockets",
            Self::Storm => "2 000 sockets and a restart",
            Self::Stalled => "1 000 sockets that do not read",
            Self::Bell => "1 000 bells, 100 notifications/s",
            Self::Oversight => "oversight of 100 000 tasks, 200 people",
        })
    }
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = if self.postgres { "PostgreSQL" } else { "SQLite" };
        match (self.redis, self.nodes) {
            (false, _) if !self.durable => write!(f, "{database}, durability normal"),
            (false, _) => write!(f, "{database}"),
            (true, 1) => write!(f, "{database}, Redis"),
            (true, nodes) => write!(f, "{database}, Redis, {nodes} nodes"),
        }
    }
}
