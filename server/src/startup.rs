//! From settings to a running server, and back to a quiet end.

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
    mail::{self, MailError, Postman},
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

/// How long requests, writes and sockets under way may take to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long it may take to tell the other processes of the last writes.
const FAREWELL: Duration = Duration::from_secs(1);
/// Answers below this many bytes fit one packet anyway.
const COMPRESS_ABOVE: u64 = 1024;

/// Why the server does not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else has the port.
    #[error(
        "port {port} is taken: another program listens on {addr}. \
         Take another port with `make run PORT={next}`, `lockstep serve --addr {ip}:{next}` or LOCKSTEP_ADDR={ip}:{next}",
        ip = .addr.ip(), port = .addr.port(), next = next_port(.addr)
    )]
    PortTaken {
        /// The address that was asked for.
        addr: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The data folder or the secret in it cannot be used.
    #[error("cannot use the data folder {0}: {1}")]
    DataFolder(String, io::Error),
    /// The database cannot be opened or brought up to date.
    #[error("cannot use the database: {0}")]
    Store(#[from] StoreError),
    /// The demo project cannot be made.
    #[error("cannot make the demo project: {0}")]
    Demo(String),
    /// The settings of e-mail cannot work.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The settings of the sockets cannot work.
    #[error(transparent)]
    Realtime(#[from] realtime::RedisConfigError),
}

/// Listens on the address of the settings.
///
/// # Errors
/// [`StartError::PortTaken`], or any other reason why it cannot.
pub async fn listen(config: &Config) -> Result<TcpListener, StartError> {
    listen_on(config.addr).await
}

async fn listen_on(addr: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::PortTaken { addr },
        _ => StartError::Listen(addr, error),
    })
}

/// A server with all that it needs open, before it listens.
pub struct Server {
    state: AppState,
    postman: Option<Postman>,
    /// For monitors.
    monitors: Option<TcpListener>,
}

impl Server {
    /// Opens the data folder and the database, brings its schema up to date, and starts the rooms.
    ///
    /// # Errors
    /// When one of these cannot be opened.
    pub async fn open(config: Config, timing: Timing) -> Result<Self, StartError> {
        let monitors = match config.monitoring.addr {
            Some(addr) => Some(listen_on(addr).await?),
            None => None,
        };
        let supervisor = Supervisor::default();
        let store = open_supervised(&config, &supervisor).await?;
        let secret = Secret::load(&config).map_err(|error| data_folder(&config, error))?;
        let files = Files::open(config.site_dir());
        let patience = timing.attempts;
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
            accounts: accounts(&config).with_limits(attempts(&config, &secret, patience)?, secret.clone()),
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
            tracing::info!("made the demo project");
        }
        let postman = state.postman()?;
        if state.config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
            && !state.config.proxy.trusted
        {
            tracing::warn!(
                "LOCKSTEP_PUBLIC_URL is https, but LOCKSTEP_TRUSTED_PROXY is off: session cookies are not marked Secure"
            );
        }
        Ok(Self { state, postman, monitors })
    }

    /// What the requests will reach.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Serves until `shutdown` is cancelled. Then: no new connections, `bye` on every socket,
    /// requests and writes under way get [`GRACE`] to end, other processes are told of them, and the database
    /// closes last.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) {
        let Self { state, postman, monitors } = self;
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "Lockstep is ready at http://{address}");
        }
        let housekeeping = tokio::spawn(housekeeping::run(state.clone(), shutdown.clone()));
        let postman = tokio::spawn(mail::run(postman, shutdown.clone()));
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
                    tracing::info!(%address, "monitors are answered");
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
            let _ = tokio::join!(served, monitored, ending, housekeeping, calendar, postman);
            // Those whose connection is gone.
            state.services.writes.finish().await;
        };
        tokio::select! {
            () = work => {}
            () = limit => tracing::warn!("some requests did not end in time"),
        }
        state.services.realtime.leave(FAREWELL).await;
        state.services.store.close().await;
    }
}

/// Opens the database of the settings, in the data folder unless one is named, and brings its
/// schema up to date.
///
/// # Errors
/// When the data folder or the database cannot be used.
pub async fn open_store(config: &Config) -> Result<Store, StartError> {
    open_supervised(config, &Supervisor::default()).await
}

async fn open_supervised(config: &Config, supervisor: &Supervisor) -> Result<Store, StartError> {
    // Only for its owner: it holds the secret and everybody's tasks.
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

/// Accounts as the settings want them, without a limit of attempts.
pub fn accounts(config: &Config) -> Accounts {
    let rules = AccountRules {
        mails: config.mail().is_some(),
        letters_per_hour: config.accounts.letters_per_hour,
        session_days: config.accounts.session_days,
    };
    Accounts::new(config.accounts.password_cost, config.accounts.registration_open()).with_rules(rules)
}

/// Limits of attempts as the settings want them, shared by all processes where they share a Redis.
fn attempts(config: &Config, secret: &Secret, patience: Duration) -> Result<Attempts, StartError> {
    let limits =
        AttemptLimits { per_minute: config.accounts.auth_limit, failures_per_hour: config.accounts.account_limit };
    let shared = match &config.redis.url {
        Some(url) => {
            let client = realtime::bus::redis::client(url, config.redis.ca.as_deref())?;
            let bad = |error: redis::RedisError| realtime::RedisConfigError::RedisUrl(error.to_string());
            Some(SharedAttempts::new(client, patience).map_err(bad)?)
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

/// What a request is answered whose handler panicked.
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let panic = supervisor::message(&*panic);
    tracing::error!(panic, "a handler panicked");
    ServiceError::Internal("a handler panicked").into_response()
}

fn next_port(addr: &SocketAddr) -> u16 {
    addr.port().checked_add(1).unwrap_or(3000)
}
