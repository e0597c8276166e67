//! A socket's connection as the library reads it.

use std::io::{self, Read, Write};

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use crate::realtime::hub::Entry;

/// Reads the wire, and keeps what is to be answered: only the outbox writes.
pub(super) struct Pipe<'a> {
    wire: &'a TcpStream,
    answers: &'a mut Vec<u8>,
}

impl<'a> Pipe<'a> {
    /// That of a socket.
    pub(super) fn of(entry: &'a Entry, answers: &'a mut Vec<u8>) -> Self {
        Self { wire: entry.outbox.wire(), answers }
    }
}

impl Read for Pipe<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.wire.try_read(bytes)
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.answers.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the client broke the rules of WebSocket, rather than the connection just ending.
pub(super) fn is_abuse(error: &tungstenite::Error) -> bool {
    match error {
        tungstenite::Error::Protocol(error) => *error != ProtocolError::ResetWithoutClosingHandshake,
        tungstenite::Error::Capacity(_) | tungstenite::Error::Utf8(_) => true,
        _ => false,
    }
}
