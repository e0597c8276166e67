//! A connection that can be cut, delayed and left half-open: it stands between two that speak TCP.

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

/// What becomes of the bytes that come in. Connections are accepted, and stay open, in any of these.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Weather {
    /// They are passed on.
    #[default]
    Fair,
    /// They are passed on, so much later, both ways.
    Slow(Duration),
    /// They are gone, both ways, and nobody learns of it: as when a cable was pulled. A connection does not recover.
    HalfOpen,
    /// What this recognises in what the server says is gone.
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
    /// Begins to pass on what comes to a server.
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
                    // Only the end of the proxy ends this.
                    Err(_) = ended.wait_for(|_| false) => return,
                };
                let (client, _) = accepted.expect("a connection");
                count.fetch_add(1, Ordering::Relaxed);
                // A server that is not there ends it at once.
                let Ok(server) = TcpStream::connect(&target).await else { continue };
                tokio::spawn(carry(client, server, forecast.clone(), cut.clone()));
            }
        });
        Self { addr, weather, cuts, connections }
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Changes what becomes of bytes, on open connections too.
    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Ends all connections, wherever they are in what they say.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Carries one connection until one side ends it, or it is cut.
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
            // What was said is gone, so nothing more can be said here, whatever the weather will be.
            Weather::HalfOpen => pending().await,
            Weather::Deaf(hears_not) => of_server && hears_not(bytes),
        };
        if !gone && to.write_all(bytes).await.is_err() {
            break;
        }
    }
    // Nor does anybody learn of an end.
    if matches!(*weather.borrow(), Weather::HalfOpen) {
        pending().await
    }
}
