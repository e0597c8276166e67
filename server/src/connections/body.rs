//! Request bodies with a deadline.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Instant,
};

use axum::{body::Bytes, http::Request};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep_until};

/// The body did not arrive in time.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request took too long")]
pub(crate) struct TooSlow;

/// A request body with a deadline.
pub(super) struct RequestBody {
    incoming: Incoming,
    deadline: Option<Instant>,
    /// Created when the body is first waited for.
    alarm: Option<Pin<Box<Sleep>>>,
    whole: Arc<AtomicBool>,
}

impl RequestBody {
    /// Puts a deadline on the body of a request. Also returns a flag that is set once the body has been read.
    pub(super) fn limit(request: Request<Incoming>, deadline: Option<Instant>) -> (Request<Self>, Arc<AtomicBool>) {
        let whole = Arc::new(AtomicBool::new(request.body().is_end_stream()));
        let body = |incoming| Self { incoming, deadline, alarm: None, whole: Arc::clone(&whole) };
        (request.map(body), whole)
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = self.deadline else { return false };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline.into())));
        alarm.as_mut().poll(cx).is_ready()
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.incoming).poll_frame(cx);
        // Even if something arrived: a client that sends a byte a second is too slow.
        let over = matches!(polled, Poll::Ready(None)) || self.incoming.is_end_stream();
        if over {
            self.whole.store(true, Ordering::Release);
        } else if self.is_late(cx) {
            return Poll::Ready(Some(Err(axum::Error::new(TooSlow))));
        }
        polled.map_err(axum::Error::new)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
