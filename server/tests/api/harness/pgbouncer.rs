//! Debian's PgBouncer in front of a PostgreSQL, in transaction mode.

use std::{fs, path::PathBuf, sync::OnceLock, time::Duration};

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{Child, bound, database::is_root, free_port};

const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A running PgBouncer. Dropped, it stops.
pub(crate) struct PgBouncer {
    port: u16,
    _child: Child,
    _folder: TempDir,
}

/// Whether all tests reach PostgreSQL through it.
pub(crate) fn is_everywhere() -> bool {
    static EVERYWHERE: OnceLock<bool> = OnceLock::new();
    *EVERYWHERE.get_or_init(|| std::env::var("LOCKSTEP_TEST_PGBOUNCER").is_ok_and(|value| value == "1"))
}

impl PgBouncer {
    /// Starts one in front of the PostgreSQL of this URL, with further settings.
    pub(crate) async fn start(url: &str, more: &str) -> Self {
        let behind = port_of(url);
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={behind} user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\nunix_socket_dir =\n\
             pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 2000\nserver_idle_timeout = 5\n{more}\n"
        );
        let file: PathBuf = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings).expect("the folder can be written");
        // It refuses to run as root, and reads the file as its user.
        let user = is_root().await.then_some("postgres");
        if user.is_some() {
            let done = tokio::process::Command::new("chown").args(["-R", "postgres"]).arg(folder.path()).status();
            assert!(done.await.expect("chown is installed").success());
        }
        let mut command = bound(PROGRAM, user);
        command.arg(&file);
        let child = Child::start(command);
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(child.is_running(), "PgBouncer ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { port, _child: child, _folder: folder }
    }

    /// The URL of a database through it.
    pub(crate) fn url(&self, direct: &str) -> String {
        direct.replacen(&format!(":{}/", port_of(direct)), &format!(":{}/", self.port), 1)
    }
}

fn port_of(url: &str) -> u16 {
    let (_, rest) = url.rsplit_once(':').expect("a URL with a port");
    rest.split('/').next().and_then(|port| port.parse().ok()).expect("a URL with a port")
}
