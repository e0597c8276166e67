//! A connection under HTTP: with a limit for those who do not read, and an end that lets them read why.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long a client may go on sending what nobody reads, to be able to read its answer.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// Bytes of it that are taken.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// A connection under HTTP.
pub(crate) struct HttpStream {
    stream: TcpStream,
    /// How long it may take nothing of an answer.
    patience: Option<Duration>,
    /// Rings when it has taken nothing for that long.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Whether the last request was answered before all of it was read.
    unread: Arc<AtomicBool>,
    farewell: Option<Farewell>,
}

/// An end that waits for the client's: a connection that is closed with bytes unread is reset, and the client may lose
/// the answer.
struct Farewell {
    limit: Pin<Box<Sleep>>,
    left: usize,
}

impl HttpStream {
    /// A connection whose client has this long to take some of an answer.
    pub(crate) fn new(stream: TcpStream, patience: Option<Duration>) -> Self {
        Self { stream, patience, stalled: None, unread: Arc::default(), farewell: None }
    }

    /// Set where a request was answered before all of it was read.
    pub(crate) fn unread(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.unread)
    }

    /// The connection itself.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Bounds how long a write may wait.
    fn bound<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match (polled, self.patience) {
            (Poll::Pending, Some(patience)) => {
                let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
                stalled.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
            (polled, _) => {
                self.stalled = None;
                polled
            }
        }
    }
}

impl AsyncRead for HttpStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for HttpStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.bound(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.bound(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.farewell.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.unread.load(Ordering::Acquire) {
                return Poll::Ready(Ok(()));
            }
        }
        let farewell =
            this.farewell.get_or_insert_with(|| Farewell { limit: Box::pin(sleep(LINGER)), left: LINGER_BYTES });
        let mut bytes = [0; 4096];
        while farewell.left > 0 && farewell.limit.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buffer))?;
            match buffer.filled().len() {
                0 => break,
                read => farewell.left = farewell.left.saturating_sub(read),
            }
        }
        Poll::Ready(Ok(()))
    }
}
