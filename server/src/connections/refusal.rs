//! The answer to one connection too many, without looking at what it asks.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use engine::{ApiError, error::ErrorBody};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};

use crate::{http_stream::LINGER, quota::Overloaded};

/// Connections that are told why at a time. Further ones are dropped.
const AT_ONCE: usize = 128;
/// After which time to try again.
const AGAIN: Duration = Duration::from_secs(10);

/// Answers connections that are refused.
pub(super) struct Refusals(Arc<Semaphore>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Refusals {
    /// Says why in a task of its own, and ends the connection.
    pub(super) fn answer(&self, mut stream: TcpStream, crowded: Overloaded) {
        let Ok(permit) = Arc::clone(&self.0).try_acquire_owned() else { return };
        let farewell = async move {
            stream.write_all(text(crowded).as_bytes()).await?;
            stream.shutdown().await?;
            // Closed with its request unread, it would be reset, and the client might lose the answer.
            let mut bytes = [0; 1024];
            while stream.read(&mut bytes).await? > 0 {}
            Ok::<(), std::io::Error>(())
        };
        tokio::spawn(async move {
            // Whoever takes no note is not waited for.
            let _ = timeout(LINGER, farewell).await;
            drop(permit);
        });
    }
}

fn text(crowded: Overloaded) -> String {
    let error = match crowded {
        Overloaded::Address => {
            ApiError::new(429, "too_many_connections", "Too many connections from your address. Try again in a moment.")
        }
        Overloaded::All => ApiError::new(503, "busy", "The server is busy. Try again in a moment."),
    };
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    // An error is always JSON.
    let body = serde_json::to_string(&ErrorBody { error }).unwrap_or_default();
    let (length, again) = (body.len(), AGAIN.as_secs());
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nretry-after: {again}\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n{body}"
    )
}
