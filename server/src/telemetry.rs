//! Logging and request ids. Query strings, headers and bodies are never logged, nor possible tokens in paths: they
//! contain secrets.

use std::{
    fmt::{Display, Formatter, Result as Formatted},
    io::{self, IsTerminal as _},
    sync::Arc,
    time::Instant,
};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};
use uuid::Uuid;

use crate::{
    config::{Config, LogFormat},
    redaction,
};

/// The header of the request id, in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Directives for the audit log, and against libraries that would log frames, letters or headers, and with them
/// tokens. The operator's directives for the same targets override them.
const ALWAYS: &str = "audit=info,h2=info,hyper=info,lettre=info,rustls=info,tokio_tungstenite=info,tungstenite=info";

/// The id of a request, for lines logged while it is handled.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// A plain id.
    #[cfg(test)]
    pub(crate) fn new(id: &'static str) -> Self {
        Self(HeaderValue::from_static(id))
    }
}

impl Display for RequestId {
    fn fmt(&self, f: &mut Formatter<'_>) -> Formatted {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

/// An invalid filter, or a second set-up in one process.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `LOCKSTEP_LOG` is no valid filter.
    #[error("LOCKSTEP_LOG={0} is no filter: expected a level such as info, or info,server=debug")]
    Filter(String),
    /// Logging was already set up.
    #[error("logging is already set up")]
    Twice,
}

/// Logs to standard error, so that standard output contains only the output of commands.
///
/// # Errors
/// When the filter is invalid, or logging is already set up.
pub fn init(config: &Config) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(directives(&config.log)).map_err(|_| TelemetryError::Filter(config.log.clone()))?;
    let registry = tracing_subscriber::registry().with(filter);
    let set = match config.log_format {
        LogFormat::Human => {
            registry.with(fmt::layer().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr)).try_init()
        }
        LogFormat::Json => registry.with(fmt::layer().json().flatten_event(true).with_writer(io::stderr)).try_init(),
    };
    set.map_err(|_| TelemetryError::Twice)
}

/// The configured filter, with the fixed directives.
pub(crate) fn directives(filter: &str) -> String {
    // Of two directives for one target the last one wins.
    format!("{ALWAYS},{filter}")
}

/// Gives each request an id, which its log lines and its response carry, and logs the response.
pub async fn trace(State(config): State<Arc<Config>>, mut request: Request, next: Next) -> Response {
    let id = request_id(&config, &request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), redaction::path(request.uri().path()).into_owned());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default(), %method, path);
    async {
        let started = Instant::now();
        let mut response = next.run(request).await;
        log(&path, response.status(), started);
        response.headers_mut().insert(REQUEST_ID, id);
        response
    }
    .instrument(span)
    .await
}

fn log(path: &str, status: StatusCode, started: Instant) {
    let (status, micros) = (status.as_u16(), started.elapsed().as_micros());
    if status >= 500 {
        tracing::warn!(status, micros, "answered");
    } else if path.starts_with("/pkg/") || matches!(path, "/health" | "/ready" | "/metrics") {
        tracing::debug!(status, micros, "answered");
    } else {
        tracing::info!(status, micros, "answered");
    }
}

/// A trusted proxy's id, so that its log lines match ours; else a new one.
fn request_id(config: &Config, request: &Request) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID).filter(|value| {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        config.proxy.trusted && (1..=64).contains(&value.len()) && value.as_bytes().iter().all(plain)
    });
    match given {
        Some(value) => value.clone(),
        None => HeaderValue::from_str(&Uuid::now_v7().simple().to_string())
            .unwrap_or_else(|_| HeaderValue::from_static("unknown")),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn id(trusted_proxy: bool, given: &'static str) -> String {
        let mut config = Config::isolated("");
        config.proxy.trusted = trusted_proxy;
        let request = Request::builder().header(REQUEST_ID, given).body(Body::empty()).unwrap();
        request_id(&config, &request).to_str().unwrap().to_owned()
    }

    #[test]
    fn only_a_trusted_proxy_names_a_request() {
        assert_eq!(id(true, "from-proxy.1"), "from-proxy.1");
        assert_ne!(id(false, "from-anybody"), "from-anybody");
        assert_eq!(id(true, "a b").len(), 32);
        assert_eq!(id(true, "").len(), 32);
    }
}
