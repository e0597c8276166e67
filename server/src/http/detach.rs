//! Requests that write, as tasks of their own.

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{service::Stop, state::AppState};

/// Runs every request that may write to its end, whatever becomes of its connection. A body that breaks off is refused by
/// whoever reads it, before anything is written.
pub(crate) async fn detach_writes(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let answered = state.writes.run(next.run(request)).await;
    answered.unwrap_or_else(|| Stop::Internal("a request panicked").into_response())
}
