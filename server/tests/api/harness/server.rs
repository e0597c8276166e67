//! A server in this process, on a free port.

use std::net::SocketAddr;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use server::{Server, config::Config, realtime::Timing, service::account::Registration, state::AppState};
use sha2::Sha256;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::OnceCell, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{Client, Db, PASSWORD, PATIENCE, PgBouncer, pgbouncer, runtime};

/// The PgBouncer of all tests, if they use one.
static BOUNCER: OnceCell<PgBouncer> = OnceCell::const_new();

/// A running server. Dropped, it stops.
pub(crate) struct TestServer {
    addr: SocketAddr,
    state: AppState,
    shutdown: CancellationToken,
    task: Option<JoinHandle<()>>,
    /// The URL of its database, without a pooler.
    direct: String,
    _bouncer: Option<PgBouncer>,
    _folder: TempDir,
}

impl TestServer {
    /// A server on a fresh database.
    pub(crate) async fn start(db: Db) -> Self {
        Self::start_with(db, |_| ()).await
    }

    /// Another node on the same database.
    pub(crate) async fn beside(&self, timing: Timing, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let mut config = Config::isolated(folder.path());
        config.database.url = Some(self.state.config.database_url());
        config.database.pgbouncer = self.state.config.database.pgbouncer;
        change(&mut config);
        let direct = self.direct.clone();
        let mut server = Self::run(config, timing, folder).await;
        server.direct = direct;
        server
    }

    /// A server on a fresh database behind its own PgBouncer.
    pub(crate) async fn start_behind_pgbouncer() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let mut config = Config::isolated(folder.path());
        let direct = Db::Postgres.fresh(folder.path()).await;
        let bouncer = PgBouncer::start(&direct, "").await;
        (config.database.url, config.database.pgbouncer) = (Some(bouncer.url(&direct)), true);
        let mut server = Self::run(config, Timing::default(), folder).await;
        (server.direct, server._bouncer) = (direct, Some(bouncer));
        server
    }

    /// A server on a fresh database with other settings.
    pub(crate) async fn start_with(db: Db, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let mut config = Config::isolated(folder.path());
        let direct = db.fresh(folder.path()).await;
        config.database.url = Some(direct.clone());
        if db == Db::Postgres && pgbouncer::is_everywhere() {
            let bouncer = BOUNCER.get_or_init(|| PgBouncer::start(&direct, "")).await;
            (config.database.url, config.database.pgbouncer) = (Some(bouncer.url(&direct)), true);
        }
        change(&mut config);
        let mut server = Self::run(config, Timing::default(), folder).await;
        server.direct = direct;
        server
    }

    /// A server with exactly these settings. `folder` lives as long as it does.
    pub(crate) async fn run(config: Config, timing: Timing, folder: TempDir) -> Self {
        let server = Server::open(config, timing).await.expect("the server opens");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let shutdown = CancellationToken::new();
        let state = server.state().clone();
        let realtime = state.services.realtime.clone();
        runtime::remember(move || format!("the server at {addr}: {}", json!(realtime.health())));
        let task = tokio::spawn(server.serve(listener, shutdown.clone()));
        let direct = state.config.database_url();
        Self { addr, state, shutdown, task: Some(task), direct, _bouncer: None, _folder: folder }
    }

    /// The URL of its database, without a pooler.
    pub(crate) fn direct_url(&self) -> &str {
        &self.direct
    }

    /// Its address.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The state of its requests.
    pub(crate) fn state(&self) -> &AppState {
        &self.state
    }

    /// Stops it, and returns when it has stopped.
    pub(crate) async fn stop(mut self) {
        self.shutdown.cancel();
        if let Some(task) = self.task.take() {
            timeout(PATIENCE, task).await.expect("the server ends in time").expect("the server does not panic");
        }
    }

    /// Runs a statement directly in the database.
    pub(crate) async fn execute(&self, sql: &'static str) {
        self.database().await.execute(sql).await.expect("the statement runs");
    }

    /// Runs a composed statement directly in the database.
    pub(crate) async fn execute_text(&self, sql: String) {
        self.database().await.execute(AssertSqlSafe(sql)).await.expect("the statement runs");
    }

    /// Queries one number from the database.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.database().await.fetch_one(sql).await.expect("a row").get(0)
    }

    /// Queries texts from the database, one per row.
    pub(crate) async fn texts(&self, sql: String) -> Vec<String> {
        let rows = self.database().await.fetch_all(AssertSqlSafe(sql)).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn database(&self) -> AnyConnection {
        AnyConnection::connect(&self.direct).await.expect("the database answers")
    }

    /// A token with these claims, signed with the server's secret.
    pub(crate) fn sign(&self, claims: &serde_json::Value) -> String {
        let encode = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signed =
            format!("{}.{}", encode(json!({ "typ": "JWT", "alg": "HS256" }).to_string()), encode(claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.state.services.secret.bytes()).expect("a key of any length");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// An anonymous client.
    pub(crate) fn anonymous(&self) -> Client {
        match self.state.config.public_url.as_deref().and_then(|url| url.split_once("://")) {
            Some((_, host)) => Client::asking_for(self.addr, host),
            None => Client::new(self.addr),
        }
    }

    /// A signed-in client with a new account. Its address is `{name}@example.org`; if the server sends e-mail, it is
    /// verified.
    pub(crate) async fn person(&self, name: &str) -> Client {
        let mut client = self.anonymous();
        if self.state.services.sends_mail {
            // Like accounts created by the operator: without a verification letter.
            let (email, password) = (format!("{name}@example.org"), PASSWORD.to_owned());
            let registration = Registration { email, password, name: name.to_owned(), invitation: None };
            self.state.services.accounts.create(&self.state.services.store, registration).await.expect("an account");
            client.sign_in(name).await;
        } else {
            client.register(name).await;
        }
        client
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
