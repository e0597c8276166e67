//! The bench's own PostgreSQL, with default settings: commits are durable.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use server::store::Store;
use tempfile::TempDir;

use crate::{
    Failure,
    child::{Child, free_address},
};

/// Where Debian installs what is not on the path.
const DEBIAN: &str = "/usr/lib/postgresql";
/// How often its readiness is checked.
const TRIES: u32 = 200;

/// A running cluster with one empty database.
pub(crate) struct Cluster {
    port: u16,
    _child: Child,
    _folder: TempDir,
}

impl Cluster {
    /// Creates and starts a cluster; `None` if PostgreSQL is not installed. Its output goes to `log`.
    pub(super) async fn start(log: &Path) -> Result<Option<Self>, Failure> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        // PostgreSQL refuses to run as root.
        let as_root = Command::new("id").arg("-u").output()?.stdout == b"0\n";
        if as_root {
            Command::new("chown").arg("postgres").arg(folder.path()).status()?;
        }
        let data = folder.path().join("data");
        let mut initdb = command(&programs.join("initdb"), as_root);
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "-D"]).arg(&data);
        let made = initdb.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if !made.success() {
            return Err("initdb failed".into());
        }
        let addr = free_address()?;
        let mut server = command(&programs.join("postgres"), as_root);
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        server.args(["-h", "127.0.0.1", "-p", &addr.port().to_string()]).current_dir(folder.path());
        let child = Child::start(server, addr, log).await?;
        let cluster = Self { port: addr.port(), _child: child, _folder: folder };
        cluster.answers().await?;
        Ok(Some(cluster))
    }

    /// Waits until it answers: it listens a moment earlier.
    async fn answers(&self) -> Result<(), Failure> {
        let mut tries = 0;
        loop {
            match Store::open(&self.url()).await {
                Ok(store) => {
                    store.close().await;
                    return Ok(());
                }
                Err(error) if tries == TRIES => return Err(format!("PostgreSQL does not answer: {error}").into()),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The URL of its database.
    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

/// As a user that PostgreSQL accepts.
fn command(program: &Path, as_root: bool) -> Command {
    if !as_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(program);
    command
}

/// The folder with `initdb` and `postgres`: of the newest version, or on the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = versions.collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}
