//! Refuses excess connections without reading their requests.

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

/// Connections that are answered concurrently. Further ones are dropped.
const CONCURRENT: usize = 128;
/// When the client may retry.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Answers refused connections.
pub(super) struct Refusals(Arc<Semaphore>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(CONCURRENT)))
    }
}

impl Refusals {
    /// Sends the reason in a task, and ends the connection.
    pub(super) fn answer(&self, mut stream: TcpStream, crowded: Overloaded) {
        let Ok(permit) = Arc::clone(&self.0).try_acquire_owned() else { return };
        let lingering = async move {
            stream.write_all(text(crowded).as_bytes()).await?;
            stream.shutdown().await?;
            // Closing it with the request unread would reset it, and the client might lose the response.
            let mut bytes = [0; 1024];
            while stream.read(&mut bytes).await? > 0 {}
            Ok::<(), std::io::Error>(())
        };
        tokio::spawn(async move {
            // An unresponsive client is not waited for.
            let _ = timeout(LINGER, lingering).await;
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
    // An error always serialises.
    let body = serde_json::to_string(&ErrorBody { error }).unwrap_or_default();
    let (length, again) = (body.len(), RETRY_AFTER.as_secs());
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nretry-after: {again}\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n{body}"
    )
}
