//! Accepts, serves and closes connections.
//!
//! Our own loop around hyper: axum's has no timeout for a client that connects and then sends nothing, or a byte a
//! minute, and no limit on the number of such clients. `body` puts a deadline on a request's body, `refusal` answers
//! excess connections.

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

/// The pause when the system has no more sockets.
const EXHAUSTED: Duration = Duration::from_millis(250);
/// Bytes of a connection that the kernel may buffer before sending. Without a limit a reader who does not read would
/// take megabytes; bytes in flight don't count.
const UNSENT: u32 = 64 * 1024;
/// Longest head of a request, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// State shared by all connections of a listener. Cheap to clone.
#[derive(Clone)]
pub struct Serving {
    /// Handles requests.
    pub router: Router,
    /// The settings.
    pub config: Arc<Config>,
    /// Counts refused connections.
    pub realtime: Realtime,
}

/// Serves connections until `shutdown` is cancelled; then accepts no new ones, and waits until the last request is
/// answered.
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
            // An error of the client, which has gone.
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

/// The address that a connection counts against; `None` for trusted proxies, which everyone shares.
fn counted(config: &Config, peer: IpAddr) -> Option<IpAddr> {
    (!security::is_proxy(config, peer)).then(|| quota::household(peer))
}

/// Serves one connection. It counts until it ends, or becomes a socket, which has its own limit.
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
        if !security::is_in_proxy_networks(&config, peer.ip()) {
            security::remove_proxy_headers(request.headers_mut());
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
    builder.timer(TokioTimer::new()).header_read_timeout(limit).max_buf_size(MAX_HEAD);
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
        // An idle connection after its last request is no failure.
        Err(error) if error.is_timeout() && !asked.load(Ordering::Relaxed) => realtime.count_unfinished(),
        Err(error) => tracing::trace!(%error, "a connection broke"),
        Ok(()) => {}
    }
}

/// Closes the connection after this response: the body of its request was not read, so the next request cannot be
/// found.
fn end_after(response: &mut Response<Body>) {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// A limit of the settings, where 0 means none.
fn seconds(limit: u64) -> Option<Duration> {
    (limit > 0).then(|| Duration::from_secs(limit))
}

/// Sets options that make frames quick and slow readers cheap. A connection works without them, too.
fn prepare(stream: &TcpStream) {
    // Nagle's algorithm would delay a frame until the previous one is acknowledged.
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
