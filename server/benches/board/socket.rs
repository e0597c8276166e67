//! A minimal WebSocket client: parses frames in place, and answers pings. A library's copies and checks would take
//! much of the CPU that is measured.

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Poll, ready},
};

use tokio::{
    io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf},
    net::{TcpSocket, TcpStream},
};

use crate::Failure;

/// Bytes per read: many frames.
const READ: usize = 256 * 1024;
/// Longest response to the upgrade.
const HEAD: usize = 4096;
/// `{"type":"pong"}`, masked with zeros.
const PONG: &[u8] = b"\x81\x8f\0\0\0\0{\"type\":\"pong\"}";
/// The reply to a close frame, masked with zeros: code 1000.
const CLOSE: &[u8] = b"\x88\x82\0\0\0\0\x03\xe8";
const PING: &[u8] = br#"{"type":"ping"}"#;

thread_local! {
    /// The read buffer, shared by all sockets, since one task runs at a time.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ]);
}

/// An open socket.
pub(crate) struct Socket {
    stream: TcpStream,
    /// The beginning of an incomplete frame.
    rest: Vec<u8>,
}

/// A frame from the server.
pub(crate) enum Frame<'a> {
    /// A frame of the protocol.
    Text(&'a str),
    /// A close, with this code.
    Close(u16),
}

impl Socket {
    /// Opens a socket. Returns it with its first frame, a `sync`. `receive` limits the kernel's receive buffer.
    pub(crate) async fn open(
        addr: SocketAddr,
        path: &str,
        cookie: &str,
        receive: Option<u32>,
    ) -> Result<(Self, String), Failure> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive {
            socket.set_recv_buffer_size(bytes)?;
        }
        let mut stream = socket.connect(addr).await?;
        stream.set_nodelay(true)?;
        // The key is no secret: it proves to caches that the response is fresh.
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {addr}\r\norigin: http://{addr}\r\ncookie: {cookie}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut rest = Vec::new();
        let head = loop {
            if stream.read_buf(&mut rest).await? == 0 || rest.len() > HEAD {
                return Err("no answer to an upgrade".into());
            }
            if let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
        };
        if !rest.starts_with(b"HTTP/1.1 101 ") {
            return Err(format!("no upgrade, but {}", String::from_utf8_lossy(&rest)).into());
        }
        rest.drain(..head);
        let mut socket = Self { stream, rest };
        let mut first = None;
        loop {
            // Only the first frame is taken: further bytes stay.
            let used = parse(&socket.rest, |frame| {
                first = Some(match frame {
                    Frame::Text(text) => Ok(text.to_owned()),
                    Frame::Close(code) => Err(code),
                });
                false
            });
            socket.rest.drain(..used);
            match first.take() {
                Some(Ok(sync)) if sync.starts_with("{\"type\":\"sync\"") => return Ok((socket, sync)),
                Some(Ok(other)) => return Err(format!("no sync, but {other}").into()),
                Some(Err(code)) => return Err(format!("closed with {code}").into()),
                None if socket.stream.read_buf(&mut socket.rest).await? == 0 => return Err("closed".into()),
                None => {}
            }
        }
    }

    /// Reads until the server closes it; answers pings and the close.
    pub(crate) async fn read(mut self, mut on_frame: impl FnMut(Frame<'_>)) -> io::Result<()> {
        loop {
            let (mut pinged, mut closed) = (false, false);
            let mut take = |bytes: &[u8]| {
                parse(bytes, |frame| {
                    match frame {
                        Frame::Text(text) if text.as_bytes() == PING => pinged = true,
                        frame => {
                            closed |= matches!(frame, Frame::Close(_));
                            on_frame(frame);
                        }
                    }
                    true
                })
            };
            if !self.rest.is_empty() {
                let used = take(&self.rest);
                self.rest.drain(..used);
            }
            let Self { stream, rest } = &mut self;
            // A poll rather than `try_read`: a read that does not fill the buffer has read everything, and the runtime
            // need not try again to find out.
            let ended = poll_fn(|cx| {
                BUFFER.with_borrow_mut(|buffer| {
                    let mut buffer = ReadBuf::new(buffer);
                    ready!(Pin::new(&mut *stream).poll_read(cx, &mut buffer))?;
                    let read = buffer.filled();
                    if rest.is_empty() {
                        let used = take(read);
                        rest.extend_from_slice(&read[used..]);
                    } else {
                        rest.extend_from_slice(read);
                    }
                    Poll::Ready(io::Result::Ok(read.is_empty()))
                })
            })
            .await?;
            if ended {
                return Ok(());
            }
            if closed {
                // The server waits for it.
                return self.stream.write_all(CLOSE).await;
            }
            if pinged {
                self.stream.write_all(PONG).await?;
            }
        }
    }

    /// Keeps it open without reading.
    pub(crate) async fn stall(self) {
        std::future::pending::<()>().await;
        drop(self);
    }
}

/// Passes complete frames on until told to stop. Returns how many bytes they had.
fn parse(bytes: &[u8], mut on_frame: impl FnMut(Frame<'_>) -> bool) -> usize {
    let mut used = 0;
    while let Some((opcode, payload, length)) = frame(&bytes[used..]) {
        used += length;
        let go_on = match opcode {
            0x1 => on_frame(Frame::Text(std::str::from_utf8(payload).unwrap_or_default())),
            0x8 => on_frame(Frame::Close(payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)))),
            _ => true,
        };
        if !go_on {
            break;
        }
    }
    used
}

/// The first frame: its opcode, its payload, and its length with the header. Servers don't mask.
fn frame(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let [first, length, rest @ ..] = bytes else { return None };
    let (length, head) = match length & 0x7f {
        126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?, 10),
        length => (usize::from(length), 2),
    };
    Some((first & 0x0f, bytes.get(head..head + length)?, head + length))
}
