//! A Redis that a test can kill, stop and start again.

use std::{io, time::Duration};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    PATIENCE,
    process::{Child, bound, free_port},
};

/// A redis-server on its own port, without persistence.
#[derive(Debug)]
pub(crate) struct RedisServer {
    port: u16,
    folder: TempDir,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts one, and returns when it answers.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder for Redis");
        let mut redis = Self { port: free_port(), folder, process: None };
        redis.restart().await;
        redis
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it, like a crash.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Makes it hang: connections stay open, and nothing is answered.
    pub(crate) fn hang(&self) {
        self.process.as_ref().expect("it runs").signal("STOP");
    }

    /// Resumes it.
    pub(crate) fn resume(&self) {
        self.process.as_ref().expect("it runs").signal("CONT");
    }

    /// Sends it a command.
    pub(crate) async fn command(&self, words: &[&str]) -> redis::Value {
        let client = redis::Client::open(self.url()).expect("a good URL");
        let mut connection = client.get_multiplexed_async_connection().await.expect("Redis answers");
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut connection).await.expect("Redis does it")
    }

    /// Restarts it on its port, empty, and returns when it answers.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        let mut command = bound("redis-server", None);
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.arg("--dir").arg(self.folder.path());
        self.process = Some(Child::start(command));
        let answers = async {
            while let Err(error) = self.ping().await {
                let runs = self.process.as_ref().is_some_and(Child::is_running);
                assert!(runs, "Redis ended ({error}): somebody else has port {}?", self.port);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, answers).await.expect("Redis answers in time");
    }

    async fn ping(&self) -> io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(b"PING\r\n").await?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).await?;
        if answer == *b"+PONG\r\n" { Ok(()) } else { Err(io::Error::other("not a PONG")) }
    }
}
