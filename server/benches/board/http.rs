//! As much of an HTTP/1.1 client as the bench needs: one kept connection, JSON in and out. A whole
//! client library would take a good part of the CPU that is to be measured.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Failure;

/// A kept connection to the server, signed in as somebody or not.
pub(crate) struct Connection {
    stream: TcpStream,
    host: String,
    cookie: Option<String>,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects. `cookie` is what [`cookie`](Self::cookie) gave after signing in.
    pub(crate) async fn open(addr: SocketAddr, cookie: Option<String>) -> Result<Self, Failure> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: addr.to_string(), cookie, buffer: Vec::with_capacity(8192) })
    }

    /// The session that the last answer began, or the one that was given.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Sends a write and answers its JSON. `op_id` goes along where there is one.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        op_id: Option<&str>,
        body: &Value,
    ) -> Result<Value, Failure> {
        let body = body.to_string();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            self.host,
            body.len()
        );
        if let Some(cookie) = &self.cookie {
            request.push_str(&format!("cookie: {cookie}\r\n"));
        }
        if let Some(op_id) = op_id {
            request.push_str(&format!("idempotency-key: {op_id}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(&body);
        self.stream.write_all(request.as_bytes()).await?;
        self.answer().await.map_err(|error| format!("{method} {path}: {error}").into())
    }

    async fn answer(&mut self) -> Result<Value, Failure> {
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
        if let Some(set) = header("set-cookie").and_then(|cookie| cookie.split(';').next()) {
            self.cookie = Some(set.to_owned());
        }
        while self.buffer.len() < head + length {
            self.more().await?;
        }
        let body = &self.buffer[head..head + length];
        if !(200..300).contains(&status) {
            return Err(format!("{status} {}", String::from_utf8_lossy(body)).into());
        }
        Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(body)? })
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}
