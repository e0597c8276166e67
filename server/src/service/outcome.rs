//! The result of a use case.

use std::time::Duration;

use engine::ApiError;
use serde::Serialize;

use crate::store::{StoreError, count_unreadable};

/// The response to a write: stored with its op, and returned again for a repeated request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpResponse {
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// Why a use case ended early.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The request is refused.
    #[error(transparent)]
    Refused(#[from] ApiError),
    /// This op was executed before, with this response. Nothing has changed now.
    #[error("answered before")]
    Answered(OpResponse),
    /// Too many attempts; how long to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// Too many letters to one address or for one account; how long to wait.
    #[error("too many letters")]
    TooManyLetters(Duration),
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] StoreError),
    /// A response or event could not be serialised.
    #[error(transparent)]
    Encode(#[from] serde_json::Error),
    /// Another part of the server is gone, as during a stop.
    #[error("internal: {0}")]
    Internal(&'static str),
}

impl OpResponse {
    /// A response with a JSON body.
    ///
    /// # Errors
    /// When the body cannot be serialised.
    pub fn new(status: u16, body: &impl Serialize) -> Result<Self, ServiceError> {
        Ok(Self { status, body: serde_json::to_string(body)? })
    }
}

impl ServiceError {
    /// The error for the client. Server-side causes are logged here, once, and not revealed.
    pub fn into_error(self) -> ApiError {
        match self {
            ServiceError::Refused(error) => error,
            ServiceError::TooManyLetters(_) => ApiError::new(
                429,
                "too_many_letters",
                "We've already sent several e-mails to this address. Check your spam folder, or try again in an hour.",
            ),
            ServiceError::TooMany(_) => ApiError::new(429, "too_many_attempts", "Too many attempts. Wait a moment."),
            ServiceError::Failed(error) if error.is_busy() => {
                tracing::warn!(%error, "the database is busy");
                ApiError::new(503, "busy", "The server is busy. Try again in a moment.")
            }
            // Requests are checked when they are read. What slips through is the client's fault too.
            ServiceError::Failed(error) if error.is_unstorable() => {
                tracing::warn!(%error, "a text that cannot be stored got as far as the database");
                ApiError::new(422, "invalid", "NUL characters aren't allowed.")
            }
            ServiceError::Failed(error) if error.is_full() => {
                tracing::error!(%error, "the database has no room left");
                ApiError::new(507, "storage_full", "The server's disk is full. Your change wasn't saved.")
            }
            ServiceError::Failed(error) if error.is_read_only() => {
                tracing::error!(%error, "the database takes no writes");
                ApiError::new(503, "read_only", "The server can't save changes right now. Try again later.")
            }
            ServiceError::Failed(error) if error.is_unavailable() => {
                tracing::error!(%error, "the database does not answer");
                ApiError::new(503, "unavailable", "The server can't reach its database. Try again in a moment.")
            }
            // Not a server error: a retry would not help, and no client should make one.
            ServiceError::Failed(error) if error.is_unreadable() => {
                tracing::error!(%error, "a row cannot be read, and a request needs it");
                count_unreadable();
                ApiError::new(409, "unreadable", "This was saved by another version of the server, or is damaged.")
            }
            cause => {
                tracing::error!(error = %cause, "request failed");
                ApiError::new(500, "internal", "Something went wrong on the server.")
            }
        }
    }
}
