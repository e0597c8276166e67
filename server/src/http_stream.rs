//! A connection under HTTP, with a timeout for clients that don't read, and a close that lets them read the response.

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

/// How long a client may keep sending unread bytes, so that it can read its response.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// Most such bytes that are read.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// A connection under HTTP.
pub(crate) struct HttpStream {
    stream: TcpStream,
    /// How long the client may take no bytes of a response.
    stall_timeout: Option<Duration>,
    /// Fires after that time.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Set when the last request was answered before its body was read.
    unread: Arc<AtomicBool>,
    lingering: Option<LingeringClose>,
}

/// A close that waits for the client's: closing a connection with unread bytes resets it, and the client may lose the
/// response.
struct LingeringClose {
    limit: Pin<Box<Sleep>>,
    left: usize,
}

impl HttpStream {
    /// A connection whose client may stall for this long.
    pub(crate) fn new(stream: TcpStream, stall_timeout: Option<Duration>) -> Self {
        Self { stream, stall_timeout, stalled: None, unread: Arc::default(), lingering: None }
    }

    /// The flag to set when a request is answered before its body is read.
    pub(crate) fn unread(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.unread)
    }

    /// The stream itself.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Limits how long a write may wait.
    fn bound<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match (polled, self.stall_timeout) {
            (Poll::Pending, Some(stall_timeout)) => {
                let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(stall_timeout)));
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
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.unread.load(Ordering::Acquire) {
                return Poll::Ready(Ok(()));
            }
        }
        let lingering =
            this.lingering.get_or_insert_with(|| LingeringClose { limit: Box::pin(sleep(LINGER)), left: LINGER_BYTES });
        let mut bytes = [0; 4096];
        while lingering.left > 0 && lingering.limit.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buffer))?;
            match buffer.filled().len() {
                0 => break,
                read => lingering.left = lingering.left.saturating_sub(read),
            }
        }
        Poll::Ready(Ok(()))
    }
}
