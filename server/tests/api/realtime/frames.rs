//! Frames that are no messages: endless parts, pings, and bytes that arrive with the request.

use std::time::{Duration, Instant};

use engine::wire::close;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{board, socket::token};
use crate::harness::{Client, Db, PATIENCE, TestServer};

/// The beginning of a text, without payload, to be continued.
const BEGINNING: [u8; 6] = [0x01, 0x80, 1, 2, 3, 4];
/// A further part of it, without payload.
const PART: [u8; 6] = [0x00, 0x80, 1, 2, 3, 4];
const PING: [u8; 6] = [0x89, 0x80, 1, 2, 3, 4];
const PONG: [u8; 6] = [0x8a, 0x80, 1, 2, 3, 4];

/// Opens a socket and sends these raw bytes. Returns the close code.
async fn code(server: &TestServer, ann: &Client, path: &str, bytes: &[u8], at_once: bool) -> u16 {
    let path = format!("{path}?token={}", token(ann).await);
    let mut stream = TcpStream::connect(server.addr()).await.expect("the server listens");
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.addr()
    );
    let mut said = request.into_bytes();
    let (mut reading, mut writing) = stream.split();
    let sending = async {
        if at_once {
            said.extend(bytes);
            // The server may have closed it by then.
            let _ = writing.write_all(&said).await;
        } else {
            writing.write_all(&said).await.expect("the request goes out");
            for part in bytes.chunks(3000) {
                if writing.write_all(part).await.is_err() {
                    break;
                }
            }
        }
    };
    let mut heard = Vec::new();
    let hearing = async {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reading.read(&mut buffer).await {
            heard.extend(&buffer[..count]);
            if let Some(code) = closed(&heard) {
                return code;
            }
        }
        0
    };
    let (code, ()) = timeout(PATIENCE, async { tokio::join!(hearing, sending) }).await.expect("it ends in time");
    code
}

/// The code of the close frame in the server's output.
fn closed(heard: &[u8]) -> Option<u16> {
    let end = heard.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let mut frames = &heard[end + 4..];
    loop {
        let (head, rest) = frames.split_first_chunk::<2>()?;
        let (length, rest) = match head[1] {
            126 => rest.split_first_chunk().map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
            127 => rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
            short => (u64::from(short), rest),
        };
        let payload = rest.get(..usize::try_from(length).expect("a length"))?;
        if head[0] == 0x88 {
            return payload.first_chunk().map(|code| u16::from_be_bytes(*code));
        }
        frames = &rest[payload.len()..];
    }
}

#[tokio::test(crate = "crate::harness")]
async fn every_frame_counts_of_any_kind_and_in_any_parts() {
    let server = TestServer::start(Db::Sqlite).await;
    let ann = server.person("ann").await;
    let (project, _) = board(&ann).await;
    let path = format!("/ws/projects/{project}");
    let mut many = BEGINNING.to_vec();
    many.extend(PART.repeat(5000));
    for bytes in [many, PING.repeat(5000), PONG.repeat(5000)] {
        for at_once in [false, true] {
            let started = Instant::now();
            assert_eq!(code(&server, &ann, &path, &bytes, at_once).await, close::TOO_MANY_FRAMES, "{at_once}");
            assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        }
    }
    assert_eq!(server.state().services.realtime.health().counts.closed_abusive, 6);
    super::until("all of them are gone", async || server.state().services.realtime.health().connections == 0).await;
}
