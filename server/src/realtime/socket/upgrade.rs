//! Upgrades an HTTP request to a socket.
//!
//! Like axum's own, but it hands over the TCP stream: broadcasts are written to each socket without waking the task
//! that reads it.

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use engine::limit::FRAME_BYTES;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{
    handshake::derive_accept_key,
    protocol::{Role, WebSocketConfig, WebSocketContext},
};

use crate::http_stream::HttpStream;

/// Initial size of a socket's read buffer: more than clients' frames. It is cleared before each read, and the
/// library's default of 128 KiB would be most of a socket's memory.
const READ_BUFFER: usize = 512;

/// A request for a socket.
pub(crate) struct Upgrade {
    key: HeaderValue,
    connection: OnUpgrade,
}

/// An open socket.
pub(super) struct Opened {
    /// Parses frames.
    pub(super) ws: WebSocketContext,
    /// Bytes that arrived with the request.
    pub(super) read: Vec<u8>,
    /// The stream.
    pub(super) wire: TcpStream,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let refuse = |status, why| Err((status, why));
        let headers = &parts.headers;
        if parts.method != Method::GET {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "Open the socket with GET.");
        }
        if !names(headers, header::CONNECTION, "upgrade") || !names(headers, header::UPGRADE, "websocket") {
            return refuse(StatusCode::BAD_REQUEST, "This address only serves WebSockets.");
        }
        if !names(headers, header::SEC_WEBSOCKET_VERSION, "13") {
            return refuse(StatusCode::BAD_REQUEST, "Sec-WebSocket-Version must be 13.");
        }
        let Some(key) = headers.get(header::SEC_WEBSOCKET_KEY).cloned() else {
            return refuse(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing.");
        };
        match parts.extensions.remove::<OnUpgrade>() {
            Some(connection) => Ok(Self { key, connection }),
            None => refuse(StatusCode::UPGRADE_REQUIRED, "This connection can't be upgraded to a WebSocket."),
        }
    }
}

impl Upgrade {
    /// The response that opens the socket; runs it in a task.
    pub(super) fn then<F>(self, run: impl FnOnce(Opened) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Self { key, connection } = self;
        tokio::spawn(async move {
            // A connection that broke in between is ignored. A separate task, because this one is larger than the
            // socket needs from here on.
            if let Some(opened) = opened(connection).await {
                tokio::spawn(run(opened));
            }
        });
        let headers = [
            (header::CONNECTION, HeaderValue::from_static("upgrade")),
            (header::UPGRADE, HeaderValue::from_static("websocket")),
            (header::SEC_WEBSOCKET_ACCEPT, accept(&key)),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response()
    }
}

async fn opened(connection: OnUpgrade) -> Option<Opened> {
    let parts = connection.await.ok()?.downcast::<TokioIo<HttpStream>>().ok()?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    // Copied, since a slice would keep the 8 KiB buffer of the request.
    let read = parts.read_buf.to_vec();
    let ws = WebSocketContext::from_partially_read(read.clone(), Role::Server, Some(config));
    Some(Opened { ws, read, wire: parts.io.into_inner().into_stream() })
}

/// Whether a header is this token, or lists it.
fn names(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(word))
}

fn accept(key: &HeaderValue) -> HeaderValue {
    // Base64 is a valid header value.
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).unwrap_or_else(|_| HeaderValue::from_static(""))
}
