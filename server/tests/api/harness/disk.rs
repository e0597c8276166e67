//! A server on a simulated disk that counts flushes and can be full.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::{Child, Client, LIMITLESS, bound, free_port};

/// The library preloaded into the server. Built once, with the compiler that also builds SQLite.
static LIBRARY: OnceCell<PathBuf> = OnceCell::const_new();

/// A real `lockstep serve` on SQLite, with the library between it and its disk.
pub(crate) struct DiskServer {
    addr: SocketAddr,
    folder: TempDir,
    _child: Child,
}

impl DiskServer {
    /// Starts one with further flags, and returns when it is ready.
    pub(crate) async fn start(more: &[&str]) -> Self {
        let library = library().await;
        let folder = tempfile::tempdir().expect("a folder");
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = bound(env!("CARGO_BIN_EXE_lockstep"), None);
        command.arg("serve").args([&format!("--addr={addr}"), "--log=warn"]).args(LIMITLESS);
        command.arg(format!("--data-dir={}", folder.path().display())).args(more);
        under(&mut command, library, folder.path(), "lockstep.db");
        command.env_remove("DATABASE_URL");
        let child = Child::start(command);
        while !reqwest::get(format!("http://{addr}/ready")).await.is_ok_and(|answer| answer.status() == 200) {
            assert!(child.is_running(), "it ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { addr, folder, _child: child }
    }

    /// An anonymous client.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(self.addr)
    }

    /// A signed-in client with a new account.
    pub(crate) async fn person(&self, name: &str) -> Client {
        let mut client = Client::new(self.addr);
        client.register(name).await;
        client
    }

    /// How often the write-ahead log has been flushed.
    pub(crate) fn flushes(&self) -> u64 {
        fs::metadata(self.folder.path().join("flushes")).map_or(0, |file| file.len())
    }

    /// Makes the disk full, or frees it.
    pub(crate) fn set_full(&self, full: bool) {
        set(self.folder.path(), "full", full);
    }

    /// Keeps files from growing, as on a full disk, or permits it again.
    pub(crate) fn set_fixed(&self, fixed: bool) {
        set(self.folder.path(), "fixed", fixed);
    }
}

/// The library that processes on such a disk preload.
pub(super) async fn library() -> &'static Path {
    LIBRARY.get_or_init(async || build()).await
}

/// Puts files whose paths contain this part on a disk controlled by `folder`.
pub(super) fn under(command: &mut Command, library: &Path, folder: &Path, files: &str) {
    command.env("LD_PRELOAD", library).env("DISK_FOLDER", folder).env("DISK_FILES", files);
}

pub(super) fn set(folder: &Path, name: &str, on: bool) {
    let file = folder.join(name);
    if on { fs::write(file, "") } else { fs::remove_file(file) }.expect("the folder can be written");
}

fn build() -> PathBuf {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let (source, made) = (folder.path().join("disk.c"), folder.path().join("disk.so"));
    fs::write(&source, include_str!("disk.c")).expect("the folder can be written");
    let mut compiler = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    let built = compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&made).arg(&source).status();
    assert!(built.expect("there is a C compiler").success(), "disk.c does not compile");
    // The same for every run, so that no run leaves one behind.
    let library = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("disk.so");
    fs::rename(made, &library).expect("the folder can be written");
    library
}
