//! Malicious clients without an account: what they can consume is limited.

mod connections;
mod memory;
mod sign_in;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::harness::PATIENCE;

/// A raw connection: the test does everything itself.
struct Raw(TcpStream);

impl Raw {
    /// Connects from the default address.
    async fn connect(addr: SocketAddr) -> Self {
        Self::connect_from("127.0.0.1", addr).await
    }

    /// Connects from a given address of this machine.
    async fn connect_from(own: &str, addr: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(format!("{own}:0").parse().expect("an address")).expect("an address of this machine");
        Self(timeout(PATIENCE, socket.connect(addr)).await.expect("in time").expect("the server listens"))
    }

    /// Sends bytes as they are. The server may have closed the connection by then.
    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await.expect("the server reads, or closes");
    }

    /// Everything that arrives until the end, and how long that took.
    async fn ended(&mut self) -> (String, Duration) {
        let (started, mut answer) = (Instant::now(), Vec::new());
        // A reset ends it as well.
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut answer)).await.expect("it ends in time");
        (String::from_utf8_lossy(&answer).into_owned(), started.elapsed())
    }

    /// The next bytes that come.
    async fn next(&mut self) -> String {
        let mut bytes = [0; 16 * 1024];
        let count = timeout(PATIENCE, self.0.read(&mut bytes)).await.expect("something comes in time").unwrap_or(0);
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }
}
