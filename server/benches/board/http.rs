//! A minimal HTTP/1.1 client: one keep-alive connection, JSON in and out. A full client library would take much of the
//! CPU that is measured.

use std::{net::SocketAddr, ops::Range};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Failure;

/// A keep-alive connection to the server, signed in as a user.
pub(crate) struct Connection {
    stream: TcpStream,
    host: String,
    cookie: String,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects. `cookie` is the session.
    pub(crate) async fn open(addr: SocketAddr, cookie: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: addr.to_string(), cookie: cookie.to_owned(), buffer: Vec::with_capacity(8192) })
    }

    /// Sends a write. Returns the JSON response.
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let body = self.write(method, path, None, &body.to_string()).await?;
        Ok(serde_json::from_slice(body)?)
    }

    /// Sends a write as this op. Returns the response unparsed.
    pub(crate) async fn write(
        &mut self,
        method: &str,
        path: &str,
        op_id: Option<&str>,
        body: &str,
    ) -> Result<&[u8], Failure> {
        let Self { host, cookie, .. } = self;
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        if let Some(op_id) = op_id {
            request.push_str("idempotency-key: ");
            request.push_str(op_id);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.stream.write_all(request.as_bytes()).await?;
        let body = self.answer().await.map_err(|error| format!("{method} {path}: {error}"))?;
        Ok(&self.buffer[body])
    }

    async fn answer(&mut self) -> Result<Range<usize>, Failure> {
        self.buffer.clear();
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let text = std::str::from_utf8(&self.buffer[..head])?;
        let header = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(": "));
            lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let status: u16 = text.split(' ').nth(1).ok_or("no status")?.parse()?;
        let length: usize = header("content-length").ok_or("no length")?.parse()?;
        while self.buffer.len() < head + length {
            self.more().await?;
        }
        let body = head..head + length;
        if !(200..300).contains(&status) {
            return Err(format!("{status} {}", String::from_utf8_lossy(&self.buffer[body])).into());
        }
        Ok(body)
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}
