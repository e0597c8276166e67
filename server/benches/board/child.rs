//! A child process, and its CPU and memory according to the kernel.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child as Process, Command, Stdio},
    time::Duration,
};

use tokio::{net::TcpStream, time::Instant};

use crate::Failure;

/// Ticks per second in `/proc/<pid>/stat`: fixed on Linux, whatever the kernel's clock.
const TICKS: f64 = 100.0;
/// Timeout for a process to start or stop.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A running process. It dies with the bench.
pub(crate) struct Child {
    process: Process,
    name: String,
}

impl Child {
    /// Starts it, and waits until it listens at `addr`. Its output goes to `log`.
    pub(crate) async fn start(mut command: Command, addr: SocketAddr, log: &Path) -> Result<Self, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(log)?);
        let mut child = Self { process: command.spawn().map_err(|error| format!("{name}: {error}"))?, name };
        let end = Instant::now() + TIMEOUT;
        while TcpStream::connect(addr).await.is_err() {
            if child.process.try_wait()?.is_some() || Instant::now() > end {
                let said = fs::read_to_string(log).unwrap_or_default();
                return Err(format!("{} did not start:\n{said}", child.name).into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(child)
    }

    /// CPU seconds used so far, in user and kernel mode.
    pub(crate) fn cpu_seconds(&self) -> Result<f64, Failure> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The second field is the name in parentheses, which may contain spaces.
        let (_, after) = stat.rsplit_once(')').ok_or("an unreadable /proc/<pid>/stat")?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
        let (user, system) = ticks(11).zip(ticks(12)).ok_or("an unreadable /proc/<pid>/stat")?;
        Ok((user + system) / TICKS)
    }

    /// Resident memory, in KiB.
    pub(crate) fn memory_kib(&self) -> Result<f64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// Stops it like a service manager does.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        Command::new("kill").arg(self.process.id().to_string()).status()?;
        let end = Instant::now() + TIMEOUT;
        while self.process.try_wait()?.is_none() {
            if Instant::now() > end {
                return Err(format!("{} did not stop", self.name).into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // After `stop` there is nothing left to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An unused address of this machine.
pub(crate) fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
