//! The server as a process of its own, and what the kernel says of it.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{net::TcpStream, time::Instant};

use crate::Failure;

/// Ticks a second in `/proc/<pid>/stat`: fixed on Linux, whatever the kernel's own clock.
const TICKS: f64 = 100.0;
/// How long the server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running release server. It dies with the bench.
pub(crate) struct Server {
    child: Child,
    addr: SocketAddr,
    binary: PathBuf,
    _data: tempfile::TempDir,
}

impl Server {
    /// Starts `LOCKSTEP_BIN`, or the binary that cargo built for this bench.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let binary = std::env::var_os("LOCKSTEP_BIN").map_or(env!("CARGO_BIN_EXE_lockstep").into(), PathBuf::from);
        let data = tempfile::tempdir()?;
        let addr = free_port()?;
        let mut command = Command::new(&binary);
        command.arg("serve").stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(log(data.path()))?);
        command.env("LOCKSTEP_ADDR", addr.to_string()).env("LOCKSTEP_DATA_DIR", data.path());
        // No limit stands in the way of one machine that plays a thousand people.
        for limit in ["AUTH_LIMIT", "BODY_LIMIT", "FRAME_LIMIT", "SOCKETS_PER_USER", "SOCKETS_PER_ADDRESS"] {
            command.env(format!("LOCKSTEP_{limit}"), "0");
        }
        for other in ["LOCKSTEP_DEMO", "LOCKSTEP_REGISTRATION", "LOCKSTEP_TRUSTED_PROXY", "LOCKSTEP_LOG"] {
            command.env_remove(other);
        }
        let mut server = Self { child: command.spawn()?, addr, binary, _data: data };
        server.wait().await?;
        Ok(server)
    }

    async fn wait(&mut self) -> Result<(), Failure> {
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(self.addr).await.is_err() {
            if self.child.try_wait()?.is_some() || Instant::now() > end {
                let said = fs::read_to_string(log(self._data.path())).unwrap_or_default();
                return Err(format!("{} did not start:\n{said}", self.binary.display()).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What is measured.
    pub(crate) fn describe(&self) -> String {
        let of = |name| std::env::var(name).is_ok();
        let database = if of("DATABASE_URL") { "the database of DATABASE_URL" } else { "SQLite" };
        let bus = if of("REDIS_URL") { "Redis" } else { "one process" };
        format!("{} ({database}, {bus})", self.binary.display())
    }

    /// CPU seconds that it has used so far, in user and kernel mode.
    pub(crate) fn cpu_seconds(&self) -> Result<f64, Failure> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the name in parentheses, which may hold blanks.
        let (_, after) = stat.rsplit_once(')').ok_or("an unreadable /proc/<pid>/stat")?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
        let (user, system) = ticks(11).zip(ticks(12)).ok_or("an unreadable /proc/<pid>/stat")?;
        Ok((user + system) / TICKS)
    }

    /// Resident memory, in KiB.
    pub(crate) fn memory_kib(&self) -> Result<f64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// The page's assets: `LOCKSTEP_SITE`, or where the build puts them.
    pub(crate) fn site(&self) -> PathBuf {
        if let Some(site) = std::env::var_os("LOCKSTEP_SITE") {
            return site.into();
        }
        self.binary.ancestors().nth(2).unwrap_or(Path::new("target")).join("site")
    }

    /// Stops it as a service manager does.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let end = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > end {
                return Err("the server did not stop".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` there is nothing left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log(data: &Path) -> PathBuf {
    data.join("server.log")
}

fn free_port() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
