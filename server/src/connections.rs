//! Connections: accepted, served, and ended.
//!
//! A loop of our own around hyper, as axum's has no time limit for a client that connects and then says
//! nothing, or one letter a minute.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use crate::state::AppState;

/// How long to wait when the system has no more sockets to give.
const EXHAUSTED: Duration = Duration::from_millis(250);
/// Bytes that the kernel keeps for a connection before it has sent them. Without a bound it would
/// take megabytes for each reader who does not read; what is on its way does not count.
const UNSENT: u32 = 64 * 1024;

/// Serves connections until `shutdown` is cancelled; then no new ones, and waits until the last request
/// is answered.
pub async fn serve(listener: TcpListener, router: Router, state: AppState, shutdown: CancellationToken) {
    let connections = TaskTracker::new();
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                prepare(&stream);
                connections.spawn(serve_one(stream, peer, router.clone(), state.clone(), shutdown.clone()));
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

async fn serve_one(stream: TcpStream, peer: SocketAddr, router: Router, state: AppState, shutdown: CancellationToken) {
    let asked = Arc::new(AtomicBool::new(false));
    let served = Arc::clone(&asked);
    let service = service_fn(move |mut request: Request<Incoming>| {
        served.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let limit = Some(Duration::from_secs(state.config.request_timeout)).filter(|limit| !limit.is_zero());
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limit);
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
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
        Err(error) if error.is_timeout() && !asked.load(Ordering::Relaxed) => state.realtime.count_unfinished(),
        Err(error) => tracing::trace!(%error, "a connection broke"),
        Ok(()) => {}
    }
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
