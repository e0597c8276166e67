//! Connections: accepted, served, and ended.
//!
//! A loop of our own around hyper, as axum's has no time limit for a client that connects and then says
//! nothing, or one letter a minute, and no limit for how many do.
//!
//! ```text
//! body     the body of a request, until its deadline
//! refusal  the answer to one connection too many
//! ```

mod body;
mod refusal;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Request, Response, header},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

pub(crate) use self::body::TooSlow;
use self::{body::RequestBody, refusal::Refusals};
use crate::{
    config::Config,
    http_stream::HttpStream,
    quota::{self, AddressQuota, AddressTicket},
    realtime::Realtime,
    security,
};

/// How long to wait when the system has no more sockets to give.
const EXHAUSTED: Duration = Duration::from_millis(250);
/// Bytes that the kernel keeps for a connection before it has sent them. Without a bound it would
/// take megabytes for each reader who does not read; what is on its way does not count.
const UNSENT: u32 = 64 * 1024;
/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// What every connection of a listener works with. Cheap to clone.
#[derive(Clone)]
pub struct Serving {
    /// What answers requests.
    pub router: Router,
    /// The settings.
    pub config: Arc<Config>,
    /// Counts connections that are refused.
    pub realtime: Realtime,
}

/// Serves connections until `shutdown` is cancelled; then no new ones, and waits until the last request
/// is answered.
pub async fn serve(listener: TcpListener, serving: Serving, shutdown: CancellationToken) {
    let connections = TaskTracker::new();
    let quota = AddressQuota::new(serving.config.limits.connections, serving.config.limits.connections_per_address);
    let refusals = Refusals::default();
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                prepare(&stream);
                match quota.take(counted(&serving.config, peer.ip())) {
                    Ok(ticket) => {
                        connections.spawn(serve_one(stream, peer, serving.clone(), shutdown.clone(), ticket));
                    }
                    Err(crowded) => {
                        serving.realtime.count_refused();
                        refusals.answer(stream, crowded);
                    }
                }
            }
            // That of the client, which has gone again.
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                shutdown.run_until_cancelled(tokio::time::sleep(EXHAUSTED)).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// The address that a connection is counted against: that of a trusted proxy is everybody's.
fn counted(config: &Config, peer: IpAddr) -> Option<IpAddr> {
    (!security::is_proxy(config, peer)).then(|| quota::household(peer))
}

/// Serves one connection. It counts until it ends, or becomes a socket, which counts on its own.
async fn serve_one(
    stream: TcpStream,
    peer: SocketAddr,
    Serving { router, config, realtime }: Serving,
    shutdown: CancellationToken,
    _ticket: AddressTicket,
) {
    let asked = Arc::new(AtomicBool::new(false));
    let served = Arc::clone(&asked);
    let limit = seconds(config.limits.request_timeout);
    let wire = HttpStream::new(stream, limit);
    let unread = wire.unread();
    let service = service_fn(move |mut request: Request<Incoming>| {
        served.store(true, Ordering::Relaxed);
        if !security::is_believed(&config, peer.ip()) {
            security::forget_proxies(request.headers_mut());
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let deadline = seconds(config.limits.body_timeout).and_then(|limit| Instant::now().checked_add(limit));
        let (request, whole) = RequestBody::limit(request, deadline);
        let (answering, unread) = (router.clone().oneshot(request.map(Body::new)), Arc::clone(&unread));
        async move {
            let mut answer = answering.await;
            if let Ok(response) = &mut answer
                && !whole.load(Ordering::Acquire)
            {
                end_after(response);
                unread.store(true, Ordering::Release);
            }
            answer
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limit).max_buf_size(LONGEST_HEAD);
    let connection = builder.serve_connection(TokioIo::new(wire), service).with_upgrades();
    let mut connection = Box::pin(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    match ended {
        // One that rested after its last request has done nothing wrong.
        Err(error) if error.is_timeout() && !asked.load(Ordering::Relaxed) => realtime.count_unfinished(),
        Err(error) => tracing::trace!(%error, "a connection broke"),
        Ok(()) => {}
    }
}

/// Says that the connection ends with this answer: the body of its request was not read, so nobody could tell where the
/// next request begins.
fn end_after(response: &mut Response<Body>) {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// A limit of the settings, where 0 is none.
fn seconds(limit: u64) -> Option<Duration> {
    (limit > 0).then(|| Duration::from_secs(limit))
}

/// Sets what makes frames quick and slow readers cheap. A connection works without, too.
fn prepare(stream: &TcpStream) {
    // Nagle's algorithm would hold a frame back until the last one is acknowledged.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off Nagle's algorithm");
    }
    if let Err(error) = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT) {
        tracing::debug!(%error, "cannot bound what the kernel keeps unsent");
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}
