//! How a use case ends.

use std::time::Duration;

use engine::ApiError;
use serde::Serialize;

use crate::store::{StoreError, count_unreadable};

/// What a write is answered: kept with its op, and given again to whoever asks again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpResponse {
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// Why a use case ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The user asked for what cannot be.
    #[error(transparent)]
    Refused(#[from] ApiError),
    /// This very op was carried out before: this was its answer. Nothing has changed now.
    #[error("answered before")]
    Answered(OpResponse),
    /// Too many attempts: how long to wait.
    #[error("too many attempts")]
    TooMany(Duration),
    /// Too many letters to one address or for one account: how long to wait.
    #[error("too many letters")]
    TooManyLetters(Duration),
    /// It is not the user's fault.
    #[error(transparent)]
    Failed(#[from] StoreError),
    /// An answer or event that cannot be written as JSON.
    #[error(transparent)]
    Encode(#[from] serde_json::Error),
    /// A part of the server is gone, as when it stops.
    #[error("internal: {0}")]
    Internal(&'static str),
}

impl OpResponse {
    /// An answer with a JSON body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON.
    pub fn new(status: u16, body: &impl Serialize) -> Result<Self, ServiceError> {
        Ok(Self { status, body: serde_json::to_string(body)? })
    }
}

impl ServiceError {
    /// What the client is told. A cause that is the server's is logged here, once, and not told.
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
            // Looked for where requests are read. What gets through all the same is the client's fault too.
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
            // Not a server error: to try again changes nothing, and no client is to do so.
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
