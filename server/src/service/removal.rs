//! Undo of removals: the stored state of a removed thing, who may restore it, and until when.

use engine::{ApiError, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

use super::{ServiceError, write::ProjectWrite};
use crate::{
    chunked::{self, CHUNK},
    store::{Removal, RemovalKey, Store, StoreError},
};

/// How long a removal can be undone, in milliseconds: 10 minutes, so that a page that was offline can too.
pub const KEEP_MS: i64 = 10 * 60 * 1000;

/// Who may undo a removal, given the right to create such a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UndoBy {
    /// Any user with that right.
    Anyone,
    /// Only the user who removed it: for others, the removal is not theirs to revoke.
    Remover,
}

/// Stores a removed thing.
pub(super) async fn store<T: Serialize>(
    write: &mut ProjectWrite,
    key: &RemovalKey,
    data: T,
) -> Result<(), ServiceError> {
    let removal = Removal { by: write.intent.user.id, at: write.at, data };
    Ok(write.tx.store_removal(key, &removal).await?)
}

/// Takes a removed thing out of the store, to restore it.
///
/// # Errors
/// `undo_expired` if it was removed too long ago; `forbidden` if someone else removed it.
pub(super) async fn take<T: DeserializeOwned>(
    write: &mut ProjectWrite,
    key: &RemovalKey,
    by: UndoBy,
) -> Result<T, ServiceError> {
    let removal = write.tx.removal(key).await?.filter(|removal| removal.at.plus(KEEP_MS) > write.at);
    let removal = removal.ok_or_else(expired)?;
    if by == UndoBy::Remover && removal.by != write.intent.user.id {
        return Err(ApiError::new(403, "forbidden", "Only the person who removed this can undo it.").into());
    }
    write.tx.delete_removal(key).await?;
    Ok(removal.data)
}

/// Deletes removals that can no longer be undone.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    chunked::all(|| store.forget_removals(now.plus(-KEEP_MS), CHUNK)).await
}

fn expired() -> ApiError {
    ApiError::new(410, "undo_expired", "It's too late to undo this.")
}
