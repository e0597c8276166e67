//! The system under test: one or two nodes, their database, and optionally Redis.

mod postgres;

use std::{net::SocketAddr, path::PathBuf, process::Command};

use postgres::Cluster;
use server::store::Store;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    Failure,
    child::{Child, free_address},
    choice::Topology,
    progress::progress,
};

/// The limits that are turned off.
const LIMITS: [&str; 16] = [
    "AUTH_LIMIT",
    "ACCOUNT_LIMIT",
    "BODY_LIMIT",
    "FRAME_LIMIT",
    "SOCKETS_PER_USER",
    "SOCKETS_PER_ADDRESS",
    "PENDING_SOCKETS",
    "PENDING_SOCKETS_PER_ADDRESS",
    "CONNECTIONS",
    "CONNECTIONS_PER_ADDRESS",
    "WRITES_PER_SECOND",
    "PROJECTS_PER_USER",
    "CARDS_PER_PROJECT",
    "COMMENTS_PER_CARD",
    "MEMBERS_PER_PROJECT",
    "INVITATIONS_PER_DAY",
];

/// Running nodes. They die with the bench.
pub(crate) struct Stack {
    nodes: Vec<Node>,
    database_url: String,
    redis_url: Option<String>,
    durable: bool,
    // Last, so that they outlive the nodes.
    _redis: Option<Child>,
    _postgres: Option<Cluster>,
    folder: TempDir,
}

struct Node {
    addr: SocketAddr,
    child: Option<Child>,
}

impl Stack {
    /// Starts everything; `None` with a message if something is not installed.
    pub(crate) async fn start(on: Topology) -> Result<Option<Self>, Failure> {
        let folder = tempfile::tempdir()?;
        let (mut redis, mut redis_url, mut postgres) = (None, None, None);
        if on.redis {
            let addr = free_address()?;
            let Some(child) = start_redis(addr, &folder).await? else {
                progress(&format!("{on}: skipped, there is no redis-server"));
                return Ok(None);
            };
            (redis, redis_url) = (Some(child), Some(format!("redis://{addr}")));
        }
        let database_url = if on.postgres {
            let Some(cluster) = Cluster::start(&folder.path().join("postgres.log")).await? else {
                progress(&format!("{on}: skipped, there is no PostgreSQL"));
                return Ok(None);
            };
            let url = cluster.url();
            postgres = Some(cluster);
            url
        } else {
            format!("sqlite:{}", folder.path().join("lockstep.db").display())
        };
        let durable = on.durable;
        let mut stack =
            Self { nodes: Vec::new(), database_url, redis_url, durable, _redis: redis, _postgres: postgres, folder };
        for _ in 0..on.nodes {
            stack.nodes.push(Node { addr: free_address()?, child: None });
            stack.start_node(stack.nodes.len() - 1).await?;
        }
        Ok(Some(stack))
    }

    async fn start_node(&mut self, index: usize) -> Result<(), Failure> {
        let addr = self.nodes[index].addr;
        let mut command = Command::new(binary());
        command.arg("serve").env("LOCKSTEP_ADDR", addr.to_string()).env("DATABASE_URL", &self.database_url);
        command.env("LOCKSTEP_DATA_DIR", self.folder.path());
        // No limit may affect one machine that plays a thousand users.
        for limit in LIMITS {
            command.env(format!("LOCKSTEP_{limit}"), "0");
        }
        for other in ["REDIS_URL", "LOCKSTEP_DEMO", "LOCKSTEP_REGISTRATION", "LOCKSTEP_TRUSTED_PROXY", "LOCKSTEP_LOG"] {
            command.env_remove(other);
        }
        command.env("LOCKSTEP_DURABILITY", if self.durable { "full" } else { "normal" });
        if let Some(url) = &self.redis_url {
            command.env("REDIS_URL", url);
        }
        let log = self.folder.path().join(format!("node{index}.log"));
        self.nodes[index].child = Some(Child::start(command, addr, &log).await?);
        answers(addr).await
    }

    /// The address of a node. The first one takes the writes.
    pub(crate) fn addr(&self, node: usize) -> SocketAddr {
        self.nodes[node % self.nodes.len()].addr
    }

    /// The URL of the shared database.
    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The shared database.
    pub(crate) async fn store(&self) -> Result<Store, Failure> {
        Ok(Store::open(&self.database_url).await?)
    }

    /// CPU seconds used by all nodes so far.
    pub(crate) fn cpu_seconds(&self) -> Result<f64, Failure> {
        self.children().map(Child::cpu_seconds).sum()
    }

    /// Resident memory of all nodes, in KiB.
    pub(crate) fn memory_kib(&self) -> Result<f64, Failure> {
        self.children().map(Child::memory_kib).sum()
    }

    fn children(&self) -> impl Iterator<Item = &Child> {
        self.nodes.iter().filter_map(|node| node.child.as_ref())
    }

    /// Stops the nodes one by one like a service manager does, and restarts each at its address.
    pub(crate) async fn restart(&mut self) -> Result<(), Failure> {
        for index in 0..self.nodes.len() {
            if let Some(child) = self.nodes[index].child.take() {
                child.stop().await?;
            }
            self.start_node(index).await?;
        }
        Ok(())
    }

    /// Stops everything.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        for child in self.nodes.into_iter().filter_map(|node| node.child) {
            child.stop().await?;
        }
        Ok(())
    }
}

/// `LOCKSTEP_BIN`, or the binary that cargo built for this bench.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("LOCKSTEP_BIN").map_or(env!("CARGO_BIN_EXE_lockstep").into(), PathBuf::from)
}

/// Waits for a node's first response: it listens before its database is open.
async fn answers(addr: SocketAddr) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
    if stream.read(&mut [0; 64]).await? == 0 { Err("a node ended at its first request".into()) } else { Ok(()) }
}

async fn start_redis(addr: SocketAddr, folder: &TempDir) -> Result<Option<Child>, Failure> {
    if !is_installed("redis-server") {
        return Ok(None);
    }
    let mut command = Command::new("redis-server");
    command.args(["--port", &addr.port().to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    command.arg("--dir").arg(folder.path());
    Ok(Some(Child::start(command, addr, &folder.path().join("redis.log")).await?))
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}
