//! A TCP proxy whose connections can be cut, delayed and left half-open.

use std::{
    future::pending,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    time::sleep,
};

/// What happens to incoming bytes. Connections are accepted, and stay open, in any of these modes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Weather {
    /// They are forwarded.
    #[default]
    Fair,
    /// They are forwarded with a delay, in both directions.
    Slow(Duration),
    /// They are dropped silently, in both directions, as with a pulled cable. A connection does not recover.
    HalfOpen,
    /// Server output that this predicate matches is dropped.
    Deaf(fn(&[u8]) -> bool),
}

/// The proxy. Dropped, it ends with all its connections.
pub(crate) struct Proxy {
    addr: SocketAddr,
    weather: watch::Sender<Weather>,
    cuts: watch::Sender<u32>,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    /// Starts forwarding to a server.
    pub(crate) async fn start(target: impl Into<String>) -> Self {
        let target = target.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let (weather, forecast) = watch::channel(Weather::default());
        let (cuts, cut) = watch::channel(0);
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            let mut ended = cut.clone();
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    // Only dropping the proxy ends this.
                    Err(_) = ended.wait_for(|_| false) => return,
                };
                let (client, _) = accepted.expect("a connection");
                count.fetch_add(1, Ordering::Relaxed);
                // A missing server ends it at once.
                let Ok(server) = TcpStream::connect(&target).await else { continue };
                tokio::spawn(carry(client, server, forecast.clone(), cut.clone()));
            }
        });
        Self { addr, weather, cuts, connections }
    }

    /// Its address.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Changes the mode, also for open connections.
    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Cuts all connections, wherever they are.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Forwards one connection until either side ends it, or it is cut.
async fn carry(client: TcpStream, server: TcpStream, weather: watch::Receiver<Weather>, mut cut: watch::Receiver<u32>) {
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    cut.mark_unchanged();
    tokio::select! {
        () = pass(from_client, to_server, &weather, false) => {}
        () = pass(from_server, to_client, &weather, true) => {}
        _ = cut.changed() => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, weather: &watch::Receiver<Weather>, of_server: bool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        let now = *weather.borrow();
        let gone = match now {
            Weather::Fair => false,
            Weather::Slow(delay) => {
                sleep(delay).await;
                false
            }
            // Bytes were dropped, so nothing more can be forwarded here, whatever the mode.
            Weather::HalfOpen => pending().await,
            Weather::Deaf(hears_not) => of_server && hears_not(bytes),
        };
        if !gone && to.write_all(bytes).await.is_err() {
            break;
        }
    }
    // Nor is its end forwarded.
    if matches!(*weather.borrow(), Weather::HalfOpen) {
        pending().await
    }
}
