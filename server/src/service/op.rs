//! Idempotency: an op is executed once, and a repeated request gets the same response.

use engine::{ApiError, OpId, Timestamp, User};

use super::{OpResponse, ServiceError};
use crate::{
    chunked::{self, CHUNK},
    store::{Store, StoreError, ops::StoredResponse},
};

/// How long responses are stored, in milliseconds: 7 days.
pub const KEEP_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// A requested write.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The user.
    pub user: User,
    /// The op id, which also names the change in the log.
    pub op_id: OpId,
    /// The SHA-256 of method, path and body, which tells a repeated op from another one with the same id. `None` if
    /// the server made the id up, so that the op cannot be repeated.
    pub fingerprint: Option<String>,
}

impl Intent {
    /// A write with a new op id, which cannot be repeated.
    pub fn once(user: User) -> Self {
        Self { user, op_id: OpId::new(uuid::Uuid::now_v7()), fingerprint: None }
    }

    /// Stops if this op was executed before.
    pub(super) fn check(&self, stored: Option<StoredResponse>) -> Result<(), ServiceError> {
        let (Some(stored), Some(fingerprint)) = (stored, &self.fingerprint) else {
            return Ok(());
        };
        if stored.fingerprint == *fingerprint {
            return Err(ServiceError::Answered(OpResponse { status: stored.status, body: stored.body }));
        }
        Err(conflict().into())
    }
}

/// Deletes stored responses past their time. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    chunked::all(|| store.forget_responses(now.plus(-KEEP_MS), CHUNK)).await
}

fn conflict() -> ApiError {
    ApiError::new(409, "op_conflict", "This Idempotency-Key was already used for another request.")
}
