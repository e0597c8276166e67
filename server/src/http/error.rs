//! Responses and errors as HTTP.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::{ApiError, error::ErrorBody};

use crate::service::{OpResponse, ServiceError, account::retry_after};

/// Seconds after which a client should retry when the server is busy.
const RETRY_AFTER: u16 = 2;

impl IntoResponse for OpResponse {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        (status(self.status), [(header::CONTENT_TYPE, json)], self.body).into_response()
    }
}

impl IntoResponse for ServiceError {
    fn into_response(self) -> Response {
        match self {
            ServiceError::Answered(answer) => answer.into_response(),
            ServiceError::TooMany(wait) | ServiceError::TooManyLetters(wait) => {
                let mut response = refusal(self.into_error());
                response.headers_mut().insert(header::RETRY_AFTER, retry_after(wait).into());
                response
            }
            other => {
                let error = other.into_error();
                let again = error.retry_after.or_else(|| (error.status == 503).then_some(RETRY_AFTER));
                let mut response = refusal(error);
                if let Some(seconds) = again {
                    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                }
                response
            }
        }
    }
}

/// An error from outside the extractors and services, such as a layer's.
pub(crate) fn refusal(error: ApiError) -> Response {
    (status(error.status), Json(ErrorBody { error })).into_response()
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
