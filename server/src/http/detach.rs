//! Runs writing requests in tasks of their own.

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{service::ServiceError, write_tasks::WriteTasks};

/// Runs every request that may write to its end, even if its connection breaks. A body that breaks off is refused by
/// its reader, before anything is written.
pub(crate) async fn detach_writes(State(writes): State<WriteTasks>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let answered = writes.run(next.run(request)).await;
    answered.unwrap_or_else(|| ServiceError::Internal("a request panicked").into_response())
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, to_bytes},
        http::StatusCode,
        middleware,
    };
    use tower::ServiceExt as _;

    use super::*;

    async fn panics() -> StatusCode {
        panic!("on purpose")
    }

    #[tokio::test]
    async fn a_write_that_panics_is_reported_as_a_server_error() {
        let layer = middleware::from_fn_with_state(WriteTasks::default(), detach_writes);
        let router: Router = Router::new().fallback(panics).layer(layer);
        let response = router.oneshot(Request::post("/").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains(r#""code":"internal""#));
    }
}
