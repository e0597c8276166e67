//! A server whose log the test reads.

use std::{fs, net::SocketAddr, path::PathBuf};

use tempfile::TempDir;

use super::{Child, Client, LIMITLESS, bound, free_port, until};

/// A real `lockstep serve` that logs to a file.
pub(crate) struct LoggedServer {
    addr: SocketAddr,
    log: PathBuf,
    child: Child,
    _folder: TempDir,
}

impl LoggedServer {
    /// Starts one on this database, with further flags, and returns when it is ready.
    pub(crate) async fn start(database: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let log = folder.path().join("log");
        let mut command = bound(env!("CARGO_BIN_EXE_lockstep"), None);
        command.stderr(fs::File::create(&log).expect("the folder can be written"));
        command.arg("serve").args([&format!("--addr={addr}"), &format!("--database-url={database}")]);
        command.arg(format!("--data-dir={}", folder.path().join("data").display())).args(LIMITLESS).args(more);
        let child = Child::start(command);
        let server = Self { addr, log, child, _folder: folder };
        until("the process is ready", async || {
            assert!(server.child.is_running(), "it ended: {}", server.log());
            let answer = reqwest::get(format!("http://{addr}/ready")).await;
            answer.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        server
    }

    /// Its address.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// An anonymous client.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(self.addr)
    }

    /// A signed-in client with a new account.
    pub(crate) async fn person(&self, name: &str) -> Client {
        let mut client = self.anonymous();
        client.register(name).await;
        client
    }

    /// Everything logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log can be read")
    }

    /// The lines of the audit log, without timestamps, once there are `count` of them.
    pub(crate) async fn audit(&self, count: usize) -> Vec<String> {
        let lines = || -> Vec<String> {
            let log = self.log();
            let parts =
                log.lines().filter_map(|line| line.split_once(" audit: ").filter(|(head, _)| !head.contains('"')));
            parts.map(|(_, fields)| fields.to_owned()).collect()
        };
        until(&format!("there are {count} audit lines: {:#?}", lines()), async || lines().len() >= count).await;
        lines()
    }
}
