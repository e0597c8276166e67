//! Undo of removals: what is kept of a removed thing, who may put it back, and until when.

use engine::{ApiError, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

use super::{ServiceError, write::ProjectWrite};
use crate::{
    chunked::{self, CHUNK},
    store::{Removal, RemovalKey, Store, StoreError},
};

/// How long a removal can be undone, in milliseconds: 10 minutes, so that also a page that was offline can.
pub const KEEP_MS: i64 = 10 * 60 * 1000;

/// Who may undo a removal, besides having the right to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UndoBy {
    /// Everybody who may make such a thing.
    Anybody,
    /// Only who removed it: to others it is a deliberate act that is not theirs to revoke.
    Remover,
}

/// Keeps what a write removes.
pub(super) async fn keep<T: Serialize>(
    write: &mut ProjectWrite,
    key: &RemovalKey,
    data: T,
) -> Result<(), ServiceError> {
    let removal = Removal { by: write.intent.user.id, at: write.at, data };
    Ok(write.tx.keep_removal(key, &removal).await?)
}

/// Takes out what was kept of a removed thing, to put it back.
///
/// # Errors
/// `undo_expired` when it was removed too long ago; `forbidden` when somebody else removed it.
pub(super) async fn recall<T: DeserializeOwned>(
    write: &mut ProjectWrite,
    key: &RemovalKey,
    by: UndoBy,
) -> Result<T, ServiceError> {
    let removal = write.tx.removal(key).await?.filter(|removal| removal.at.plus(KEEP_MS) > write.at);
    let removal = removal.ok_or_else(expired)?;
    if by == UndoBy::Remover && removal.by != write.intent.user.id {
        return Err(ApiError::new(403, "forbidden", "Only the person who removed this can undo it.").into());
    }
    write.tx.forget_removal(key).await?;
    Ok(removal.data)
}

/// Forgets removals that can no longer be undone.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    chunked::all(|| store.forget_removals(now.plus(-KEEP_MS), CHUNK)).await
}

fn expired() -> ApiError {
    ApiError::new(410, "undo_expired", "It's too late to undo this.")
}
