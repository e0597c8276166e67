//! From settings to a running server, and to an orderly stop.

use std::{any::Any, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router, middleware,
    response::{IntoResponse as _, Response},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate as _, SizeAbove},
    },
};

use crate::{
    assets::Files,
    audit, calendar, clock,
    config::Config,
    connections::{self, Serving},
    headers, health, housekeeping,
    http::{self, detach},
    large_bodies::LargeBodies,
    mail::{self, MailError, Mailer},
    monitoring, page, private_files, public_url,
    readiness::Readiness,
    realtime,
    realtime::{Limits, Realtime, Timing},
    secret::Secret,
    service::{
        ServiceError, Services,
        account::{self, AccountRules, Accounts},
        attempts::{AttemptLimits, Attempts, SharedAttempts},
        demo,
        oversight::Oversight,
        write_limit::WriteLimit,
    },
    sockets, source,
    state::AppState,
    store::{Milestone, Store, StoreError},
    supervisor::{self, Supervisor},
    telemetry,
    write_tasks::WriteTasks,
};

/// How long running requests, writes and sockets may take to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long publishing the last writes may take.
const PUBLISH_GRACE: Duration = Duration::from_secs(1);
/// Responses below this many bytes fit one packet anyway.
const COMPRESS_ABOVE: u64 = 1024;

/// Why the server does not start, or did not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program uses the port.
    #[error(
        "port {port} is taken: another program listens on {addr}. \
         Take another port with `make run PORT={next}`, `lockstep serve --addr {ip}:{next}` or LOCKSTEP_ADDR={ip}:{next}",
        ip = .addr.ip(), port = .addr.port(), next = next_port(.addr)
    )]
    PortTaken {
        /// The requested address.
        addr: SocketAddr,
    },
    /// Listening failed for another reason.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The data folder, or the secret in it, is unusable.
    #[error("cannot use the data folder {0}: {1}")]
    DataFolder(String, io::Error),
    /// The database cannot be opened or migrated.
    #[error("cannot use the database: {0}")]
    Store(#[from] StoreError),
    /// The demo project cannot be created.
    #[error("cannot make the demo project: {0}")]
    Demo(String),
    /// The e-mail settings are invalid.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The Redis settings are invalid.
    #[error(transparent)]
    Realtime(#[from] realtime::RedisConfigError),
}

/// Listens on the configured address.
///
/// # Errors
/// [`StartError::PortTaken`], or another reason.
pub async fn listen(config: &Config) -> Result<TcpListener, StartError> {
    listen_on(config.addr).await
}

async fn listen_on(addr: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::PortTaken { addr },
        _ => StartError::Listen(addr, error),
    })
}

/// A server that has opened everything it needs, but does not listen yet.
pub struct Server {
    state: AppState,
    mailer: Option<Mailer>,
    /// The listener for monitoring.
    monitors: Option<TcpListener>,
}

impl Server {
    /// Opens the data folder and the database, runs the migrations, and starts the rooms.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn open(config: Config, timing: Timing) -> Result<Self, StartError> {
        let monitors = match config.monitoring.addr {
            Some(addr) => Some(listen_on(addr).await?),
            None => None,
        };
        let supervisor = Supervisor::default();
        let store = open_supervised(&config, &supervisor).await?;
        let secret = Secret::load(&config).map_err(|error| data_folder(&config, error))?;
        let files = Files::open(config.site_dir());
        let response_timeout = timing.attempts;
        let limits = Limits {
            frames: config.limits.frame_limit,
            sockets_per_user: config.limits.sockets_per_user,
            sockets_per_address: config.limits.sockets_per_address,
            pending_sockets: config.limits.pending_sockets,
            pending_sockets_per_address: config.limits.pending_sockets_per_address,
        };
        let writes = WriteTasks::default();
        let settings = realtime::Settings {
            redis_url: config.redis.url.clone(),
            redis_ca: config.redis.ca.clone(),
            limits,
            timing,
            build: files.version(),
            die_after_commits: config.die_after_commits,
            supervisor: supervisor.clone(),
            writes: writes.clone(),
        };
        let realtime = Realtime::start(Arc::new(store.clone()), Arc::new(store.clone()), settings)?;
        let leptos_options = files.leptos_options();
        let services = Services {
            store,
            realtime,
            accounts: accounts(&config).with_limits(attempts(&config, &secret, response_timeout)?, secret.clone()),
            oversight: Oversight::default(),
            write_limit: WriteLimit::new(config.quotas.writes_per_second),
            writes,
            secret,
            quotas: config.quotas,
            sends_mail: config.mail().is_some(),
        };
        let state = AppState {
            large_bodies: LargeBodies::new(config.limits.large_bodies),
            config: Arc::new(config),
            services,
            files,
            leptos_options,
            mail_counts: Arc::default(),
            readiness: Readiness::default(),
            supervisor,
        };
        if state.config.demo && demo::make(&state.services).await.map_err(|stop| StartError::Demo(stop.to_string()))? {
            tracing::info!("created the demo project");
        }
        let mailer = state.mailer()?;
        if state.config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
            && !state.config.proxy.trusted
        {
            tracing::warn!(
                "LOCKSTEP_PUBLIC_URL is https, but LOCKSTEP_TRUSTED_PROXY is off: session cookies are not marked Secure"
            );
        }
        Ok(Self { state, mailer, monitors })
    }

    /// The state of requests.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Serves until `shutdown` is cancelled. Then it accepts no new connections, says `bye` on every socket, gives
    /// running requests and writes [`GRACE`] to end, publishes them, and closes the database last.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) {
        let Self { state, mailer, monitors } = self;
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "Lockstep is ready at http://{address}");
        }
        let housekeeping = tokio::spawn(housekeeping::run(state.clone(), shutdown.clone()));
        let mailer = tokio::spawn(mail::run(mailer, shutdown.clone()));
        let calendar = tokio::spawn(calendar::run(state.clone(), shutdown.clone()));
        let serving = |router: Router| Serving {
            router,
            config: Arc::clone(&state.config),
            realtime: state.services.realtime.clone(),
        };
        let served = connections::serve(listener, serving(router(state.clone())), shutdown.clone());
        let monitored = async {
            if let Some(listener) = monitors {
                if let Ok(address) = listener.local_addr() {
                    tracing::info!(%address, "the monitoring listener is ready");
                }
                connections::serve(listener, serving(monitoring::router(state.clone())), shutdown.clone()).await;
            }
        };
        let ending = async {
            shutdown.cancelled().await;
            state.services.realtime.stop(GRACE).await;
        };
        let limit = async {
            shutdown.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let work = async {
            let _ = tokio::join!(served, monitored, ending, housekeeping, calendar, mailer);
            // Including those whose connection is gone.
            state.services.writes.finish().await;
        };
        tokio::select! {
            () = work => {}
            () = limit => tracing::warn!("some requests did not end in time"),
        }
        state.services.realtime.leave(PUBLISH_GRACE).await;
        state.services.store.close().await;
    }
}

/// Opens the configured database, by default in the data folder, and runs the migrations.
///
/// # Errors
/// When the data folder or the database is unusable.
pub async fn open_store(config: &Config) -> Result<Store, StartError> {
    open_supervised(config, &Supervisor::default()).await
}

async fn open_supervised(config: &Config, supervisor: &Supervisor) -> Result<Store, StartError> {
    // Private to its owner: it contains the secret and all tasks.
    private_files::secure(config).map_err(|error| data_folder(config, error))?;
    let store = Store::open_supervised(&config.database_url(), &config.database.options(), supervisor).await?;
    store.migrate().await?;
    store.reach(Milestone::DatedUnsubscribing, clock::now()).await?;
    for (first, second) in account::fill_address_keys(&store).await? {
        tracing::warn!(
            first,
            second,
            "two accounts share an e-mail address but for case or Unicode form. Both keep all that they have, but the \
             second signs in with exactly this form only. Give one another address: lockstep user set-email"
        );
    }
    Ok(store)
}

/// Accounts by the settings, without a limit of attempts.
pub fn accounts(config: &Config) -> Accounts {
    let rules = AccountRules {
        mails: config.mail().is_some(),
        letters_per_hour: config.accounts.letters_per_hour,
        session_days: config.accounts.session_days,
    };
    Accounts::new(config.accounts.password_cost, config.accounts.registration_open()).with_rules(rules)
}

/// Limits of attempts by the settings, shared by all processes on one Redis.
fn attempts(config: &Config, secret: &Secret, response_timeout: Duration) -> Result<Attempts, StartError> {
    let limits =
        AttemptLimits { per_minute: config.accounts.auth_limit, failures_per_hour: config.accounts.account_limit };
    let shared = match &config.redis.url {
        Some(url) => {
            let client = realtime::bus::redis::client(url, config.redis.ca.as_deref())?;
            let bad = |error: redis::RedisError| realtime::RedisConfigError::RedisUrl(error.to_string());
            Some(SharedAttempts::new(client, response_timeout).map_err(bad)?)
        }
        None => None,
    };
    Ok(Attempts::new(limits, secret.clone(), shared))
}

fn data_folder(config: &Config, error: io::Error) -> StartError {
    StartError::DataFolder(config.data_dir.display().to_string(), error)
}

fn router(state: AppState) -> Router {
    let small = DefaultPredicate::new().and(SizeAbove::new(COMPRESS_ABOVE));
    let compression = CompressionLayer::new().compress_when(small);
    Router::new()
        .merge(health::router())
        .merge(monitoring::guarded(&state.config))
        .merge(source::router())
        .merge(sockets::router())
        .merge(page::router())
        .merge(mail::router())
        .merge(http::router(&state))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(state.clone(), audit::remember_client))
        .layer(middleware::from_fn_with_state(state.services.writes.clone(), detach::detach_writes))
        .layer(compression)
        .layer(middleware::from_fn_with_state(state.clone(), public_url::hold_to))
        .layer(middleware::from_fn(headers::secure))
        .layer(middleware::from_fn_with_state(Arc::clone(&state.config), telemetry::trace))
        .with_state(state)
}

/// The response when a handler panicked.
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let panic = supervisor::message(&*panic);
    tracing::error!(panic, "a handler panicked");
    ServiceError::Internal("a handler panicked").into_response()
}

fn next_port(addr: &SocketAddr) -> u16 {
    addr.port().checked_add(1).unwrap_or(3000)
}
