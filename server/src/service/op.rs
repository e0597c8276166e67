//! Idempotency: an op is carried out once, and answered the same however often it is asked for.

use engine::{ApiError, OpId, Timestamp, User};

use super::{OpResponse, ServiceError};
use crate::{
    chunked::{self, CHUNK},
    store::{Store, StoreError, ops::StoredResponse},
};

/// How long answers are kept, in milliseconds: 7 days.
pub const KEEP_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// A write that a user asks for.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Who.
    pub user: User,
    /// Which op. It names the change in the log.
    pub op_id: OpId,
    /// SHA-256 of method, path and body, by which a repeated op is told from another one with the
    /// same id. `None`: the server made the op id up, so nobody can ask for it again.
    pub fingerprint: Option<String>,
}

impl Intent {
    /// A write with an op id of its own, which will not be asked for again.
    pub fn once(user: User) -> Self {
        Self { user, op_id: OpId::new(uuid::Uuid::now_v7()), fingerprint: None }
    }

    /// Stops when this op has been answered before.
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

/// Forgets the answers that need be kept no longer, and says how many there were.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    chunked::all(|| store.forget_answers(now.plus(-KEEP_MS), CHUNK)).await
}

fn conflict() -> ApiError {
    ApiError::new(409, "op_conflict", "This Idempotency-Key was already used for another request.")
}
