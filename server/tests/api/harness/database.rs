//! A separate database for each test: a SQLite file, or one in a PostgreSQL cluster that this test binary starts.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use server::store::Store;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;
use tokio::{process::Command, sync::OnceCell};

use super::{
    disk,
    process::{Child, bound, free_port},
};

/// The database engine of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Db {
    Sqlite,
    Postgres,
}

const BIN: &str = "/usr/lib/postgresql/15/bin";
const FOLDER: &str = "lockstep-test-postgres-";
const TEMPLATE: &str = "migrated";

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A PostgreSQL cluster that lives as long as the test binary.
struct Cluster {
    port: u16,
    process: Child,
}

impl Db {
    /// The URL of a fresh database. A SQLite file is put into `folder`.
    pub(crate) async fn fresh(self, folder: &Path) -> String {
        match self {
            Db::Sqlite => format!("sqlite:{}", folder.join("lockstep.db").display()),
            Db::Postgres => CLUSTER.get_or_init(Cluster::start).await.copy(TEMPLATE).await,
        }
    }

    /// The URL of a copy of a closed database, like a backup. A SQLite file is put into `folder`.
    pub(crate) async fn copy(self, url: &str, folder: &Path) -> String {
        match self {
            Db::Sqlite => {
                let (from, to) = (url.strip_prefix("sqlite:").expect("a file"), folder.join("lockstep.db"));
                fs::copy(from, &to).expect("the file is copied");
                let log = PathBuf::from(format!("{from}-wal"));
                if log.exists() {
                    fs::copy(log, format!("{}-wal", to.display())).expect("its log is copied");
                }
                format!("sqlite:{}", to.display())
            }
            Db::Postgres => {
                let (_, name) = url.rsplit_once('/').expect("a name");
                CLUSTER.get_or_init(Cluster::start).await.copy(name).await
            }
        }
    }
}

/// A PostgreSQL cluster of a single test, whose disk can be full.
pub(crate) struct DiskPostgres {
    cluster: Cluster,
    folder: TempDir,
}

impl DiskPostgres {
    /// Starts a cluster.
    pub(crate) async fn start() -> Self {
        server::store::install_drivers();
        let folder = tempfile::tempdir().expect("a folder for PostgreSQL");
        // Its user may not have access to the build folder.
        let library = folder.path().join("disk.so");
        fs::copy(disk::library().await, &library).expect("the library is copied");
        let cluster = Cluster::start_in(folder.path(), Some(&library)).await;
        Self { cluster, folder }
    }

    /// The URL of a fresh database.
    pub(crate) async fn fresh(&self) -> String {
        self.cluster.copy(TEMPLATE).await
    }

    /// Keeps table files from growing, or permits it again.
    pub(crate) fn set_fixed(&self, fixed: bool) {
        disk::set(self.folder.path(), "fixed", fixed);
    }
}

impl Cluster {
    async fn start() -> Self {
        server::store::install_drivers();
        // Thousands of files: flushing them would take long.
        thread::spawn(sweep);
        let folder = std::env::temp_dir().join(format!("{FOLDER}{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder for PostgreSQL");
        Self::start_in(&folder, None).await
    }

    /// Starts a cluster in this folder; with the library, on a disk that it controls.
    async fn start_in(folder: &Path, disk: Option<&Path>) -> Self {
        // PostgreSQL refuses to run as root.
        let user = is_root().await.then_some("postgres");
        if user.is_some() {
            let done = Command::new("chown").arg("postgres:postgres").arg(folder).status();
            assert!(done.await.expect("chown is installed").success());
        }
        let data = folder.join("data");
        // Linguistic order by default, so that a rank column without bytewise collation fails.
        let mut initdb = bound(&format!("{BIN}/initdb"), user);
        initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"]);
        initdb.args(["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "-D"]).arg(&data);
        let done = Command::from(initdb).current_dir(folder).kill_on_drop(true).status();
        assert!(done.await.expect("initdb runs").success(), "initdb failed");
        let port = free_port();
        let mut server = bound(&format!("{BIN}/postgres"), user);
        server.arg("-D").arg(&data).arg("-k").arg(folder).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        // A crash of the machine also ends the tests, so durability does not matter.
        for setting in ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400"] {
            server.args(["-c", setting]);
        }
        if let Some(library) = disk {
            disk::under(&mut server, library, folder, "/base/");
        }
        let cluster = Self { port, process: Child::start(server) };
        cluster.ready().await;
        cluster
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The URL of a copy of one of its databases.
    async fn copy(&self, template: &str) -> String {
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut admin = AnyConnection::connect(&self.url("postgres")).await.expect("the cluster answers");
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        admin.execute(AssertSqlSafe(sql)).await.expect("a database");
        admin.close().await.expect("a clean end");
        self.url(&name)
    }

    /// Waits until it answers, and creates the template database.
    async fn ready(&self) {
        let mut tries = 0;
        let mut admin = loop {
            match AnyConnection::connect(&self.url("postgres")).await {
                Ok(connection) => break connection,
                Err(error) => {
                    tries += 1;
                    assert!(tries < 1000 && self.process.is_running(), "PostgreSQL does not answer: {error}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        };
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {TEMPLATE}"))).await.expect("a database");
        admin.close().await.expect("a clean end");
        let store = Store::open(&self.url(TEMPLATE)).await.expect("the template opens");
        store.migrate().await.expect("the migrations run");
        store.close().await;
    }
}

/// Removes the folders of earlier runs. A static is never dropped, so a run cannot clean up after itself.
fn sweep() {
    let entries = fs::read_dir(std::env::temp_dir()).expect("a folder for temporary files");
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.strip_prefix(FOLDER)) else { continue };
        if !PathBuf::from("/proc").join(pid).exists() {
            // Another run may be cleaning up too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

pub(super) async fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().await.expect("id is installed");
    output.stdout == b"0\n"
}
