//! A real `lockstep serve` that can be killed.

use std::net::SocketAddr;

use server::config::Config;
use tempfile::TempDir;

use super::until;
use crate::harness::{Child, RedisServer, bound, free_port};

/// A separate `lockstep serve`.
pub(crate) struct Process {
    pub(crate) addr: SocketAddr,
    flags: Vec<String>,
    child: Option<Child>,
    _folder: TempDir,
}

impl Process {
    /// Starts one on this database, and returns when it is ready. Flags in `more` override its own.
    pub(crate) async fn start(database: &str, redis: Option<&RedisServer>, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut flags = vec![format!("--addr={addr}"), format!("--database-url={database}")];
        flags.push(format!("--data-dir={}", folder.path().display()));
        flags.extend(Config::isolated("").monitoring.token.map(|token| format!("--metrics-token={token}")));
        flags.push("--secret=one secret for all of the processes".into());
        flags.push("--log=warn".into());
        let unlimited = ["auth-limit", "account-limit", "sockets-per-user", "sockets-per-address"];
        let unlimited =
            unlimited.into_iter().chain(["pending-sockets", "pending-sockets-per-address", "writes-per-second"]);
        let unlimited = unlimited.chain(["connections", "connections-per-address"]);
        flags.extend(unlimited.map(|limit| format!("--{limit}=0")));
        let is_said_again = |flag: &String| {
            let name = flag.split('=').next().unwrap_or_default();
            more.iter().any(|more| more.split('=').next() == Some(name))
        };
        flags.retain(|flag| !is_said_again(flag));
        flags.extend(redis.map(|redis| format!("--redis-url={}", redis.url())));
        let mut process = Self { addr, flags, child: None, _folder: folder };
        process.restart(more).await;
        process
    }

    /// Restarts it at its address, with further flags, and returns when it is ready.
    pub(crate) async fn restart(&mut self, more: &[&str]) {
        self.kill();
        let mut command = bound(env!("CARGO_BIN_EXE_lockstep"), None);
        command.arg("serve").args(&self.flags).args(more);
        self.child = Some(Child::start(command));
        until("the process is ready", async || {
            assert!(self.is_running(), "it ended");
            let answer = reqwest::get(format!("http://{}/ready", self.addr)).await;
            answer.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
    }

    /// Ends it like `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child = None;
    }

    /// Whether it is still running.
    pub(crate) fn is_running(&self) -> bool {
        self.child.as_ref().is_some_and(Child::is_running)
    }

    /// Its process.
    pub(crate) fn child(&self) -> &Child {
        self.child.as_ref().expect("it was started")
    }
}
