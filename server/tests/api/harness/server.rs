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

/// The PgBouncer of all tests, where all of them use it.
static BOUNCER: OnceCell<PgBouncer> = OnceCell::const_new();

/// A running server. Dropped, it stops.
pub(crate) struct TestServer {
    addr: SocketAddr,
    state: AppState,
    shutdown: CancellationToken,
    task: Option<JoinHandle<()>>,
    /// Where its database is, without anything between.
    direct: String,
    _bouncer: Option<PgBouncer>,
    _folder: TempDir,
}

impl TestServer {
    /// A server on a fresh database.
    pub(crate) async fn start(db: Db) -> Self {
        Self::start_with(db, |_| ()).await
    }

    /// One more node on the same database.
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

    /// A server on a fresh database that it reaches through a PgBouncer of its own.
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

    /// The same with other settings.
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

    /// A server on these very settings. `folder` lives as long as it does.
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

    /// Where its database is, without a pooler between.
    pub(crate) fn direct_url(&self) -> &str {
        &self.direct
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What its requests reach.
    pub(crate) fn state(&self) -> &AppState {
        &self.state
    }

    /// Stops it, and returns when it has ended well.
    pub(crate) async fn stop(mut self) {
        self.shutdown.cancel();
        if let Some(task) = self.task.take() {
            timeout(PATIENCE, task).await.expect("the server ends in time").expect("the server does not panic");
        }
    }

    /// Runs a statement behind the server's back.
    pub(crate) async fn execute(&self, sql: &'static str) {
        self.database().await.execute(sql).await.expect("the statement runs");
    }

    /// The same with a statement that was put together.
    pub(crate) async fn execute_text(&self, sql: String) {
        self.database().await.execute(AssertSqlSafe(sql)).await.expect("the statement runs");
    }

    /// Asks the database for one number.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.database().await.fetch_one(sql).await.expect("a row").get(0)
    }

    /// Asks the database for texts, one a row.
    pub(crate) async fn texts(&self, sql: String) -> Vec<String> {
        let rows = self.database().await.fetch_all(AssertSqlSafe(sql)).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn database(&self) -> AnyConnection {
        AnyConnection::connect(&self.direct).await.expect("the database answers")
    }

    /// A token with these claims that this server takes for its own.
    pub(crate) fn sign(&self, claims: &serde_json::Value) -> String {
        let encode = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signed =
            format!("{}.{}", encode(json!({ "typ": "JWT", "alg": "HS256" }).to_string()), encode(claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.state.services.secret.bytes()).expect("a key of any length");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// Somebody who is not signed in.
    pub(crate) fn anonymous(&self) -> Client {
        match self.state.config.public_url.as_deref().and_then(|url| url.split_once("://")) {
            Some((_, host)) => Client::asking_for(self.addr, host),
            None => Client::new(self.addr),
        }
    }

    /// Somebody with a new account, signed in. Their address is `{name}@example.org`; where the server sends e-mail, it
    /// is proven.
    pub(crate) async fn person(&self, name: &str) -> Client {
        let mut client = self.anonymous();
        if self.state.services.sends_mail {
            // As the operator makes accounts: without a letter that asks for a proof.
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
