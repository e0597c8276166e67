//! A socket's connection as the library reads it.

use std::{
    io::{self, Read, Write},
    time::Instant,
};

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use super::rate_limit::RateLimit;
use crate::realtime::hub::SocketEntry;

/// Reads the wire, and keeps what is to be answered: only the outbox writes.
pub(super) struct IoAdapter<'a> {
    wire: &'a TcpStream,
    answers: &'a mut Vec<u8>,
    flood: &'a mut RateLimit,
}

impl<'a> IoAdapter<'a> {
    /// That of a socket.
    pub(super) fn of(entry: &'a SocketEntry, answers: &'a mut Vec<u8>, flood: &'a mut RateLimit) -> Self {
        Self { wire: entry.outbox.wire(), answers, flood }
    }
}

impl Read for IoAdapter<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.wire.try_read(bytes)?;
        // An error, so that the library stops here: it reads on as long as a message has further parts.
        match self.flood.is_too_much(bytes.get(..read).unwrap_or_default(), Instant::now()) {
            true => Err(io::Error::new(io::ErrorKind::QuotaExceeded, "too many frames")),
            false => Ok(read),
        }
    }
}

impl Write for IoAdapter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.answers.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads what still comes, and looks at none of it, until the client ends the connection.
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

/// Whether there were too many frames.
pub(super) fn is_flood(error: &tungstenite::Error) -> bool {
    matches!(error, tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded)
}

/// Whether the client broke the rules of WebSocket, rather than the connection just ending.
pub(super) fn is_abuse(error: &tungstenite::Error) -> bool {
    match error {
        tungstenite::Error::Protocol(error) => *error != ProtocolError::ResetWithoutClosingHandshake,
        tungstenite::Error::Capacity(_) | tungstenite::Error::Utf8(_) => true,
        _ => false,
    }
}
