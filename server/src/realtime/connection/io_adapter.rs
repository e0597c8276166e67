//! Connects the WebSocket library to a socket's stream.

use std::{
    io::{self, Read, Write},
    time::Instant,
};

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use super::rate_limit::RateLimit;
use crate::realtime::hub::SocketEntry;

/// Reads the stream, and collects the library's replies: only the outbox writes.
pub(super) struct IoAdapter<'a> {
    wire: &'a TcpStream,
    replies: &'a mut Vec<u8>,
    rate_limit: &'a mut RateLimit,
}

impl<'a> IoAdapter<'a> {
    /// The adapter of a socket.
    pub(super) fn of(entry: &'a SocketEntry, replies: &'a mut Vec<u8>, rate_limit: &'a mut RateLimit) -> Self {
        Self { wire: entry.outbox.wire(), replies, rate_limit }
    }
}

impl Read for IoAdapter<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.wire.try_read(bytes)?;
        // An error makes the library stop here; otherwise it reads on as long as a message has further parts.
        match self.rate_limit.count(bytes.get(..read).unwrap_or_default(), Instant::now()) {
            true => Err(io::Error::new(io::ErrorKind::QuotaExceeded, "too many frames")),
            false => Ok(read),
        }
    }
}

impl Write for IoAdapter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.replies.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Discards incoming bytes until the client ends the connection.
pub(super) async fn drain(wire: &TcpStream) {
    let mut bytes = [0; 4096];
    while wire.readable().await.is_ok() {
        match wire.try_read(&mut bytes) {
            Ok(1..) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => return,
        }
    }
}

/// Whether the rate limit was exceeded.
pub(super) fn is_rate_limit_error(error: &tungstenite::Error) -> bool {
    matches!(error, tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded)
}

/// Whether the client violated the WebSocket protocol, as opposed to a connection that just ended.
pub(super) fn is_protocol_violation(error: &tungstenite::Error) -> bool {
    match error {
        tungstenite::Error::Protocol(error) => *error != ProtocolError::ResetWithoutClosingHandshake,
        tungstenite::Error::Capacity(_) | tungstenite::Error::Utf8(_) => true,
        _ => false,
    }
}
