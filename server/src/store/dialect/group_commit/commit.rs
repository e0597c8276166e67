//! The commit that several writes share, and its result.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::AfterCommit;
use crate::store::StoreError;

/// A finished write that waits for the commit.
pub(super) struct Done {
    /// Runs after the commit.
    pub(super) after_commit: AfterCommit,
    /// Receives the result.
    pub(super) reply: oneshot::Sender<Result<(), CommitError>>,
}

/// The result of a commit.
pub(super) struct CommitOutcome {
    /// The writes in it, in order.
    pub(super) done: Vec<Done>,
    /// Why it failed; then none of the writes is stored.
    pub(super) failed: Option<CommitError>,
}

/// Why a shared commit failed.
#[derive(Clone, Debug)]
pub(super) enum CommitError {
    /// The database refused it.
    Refused(Arc<sqlx::Error>),
    /// The database had ended the transaction earlier, because of another write in it.
    RolledBack,
}

impl CommitError {
    /// Classifies the error of the statements that should have committed.
    pub(super) fn of(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        let gone = match code.as_deref() {
            // savepoint_exception, no_active_sql_transaction, in_failed_sql_transaction.
            Some("3B001" | "25P01" | "25P02") => true,
            Some("1") => error.to_string().contains("no such savepoint"),
            _ => false,
        };
        if gone { Self::RolledBack } else { Self::Refused(Arc::new(error)) }
    }
}

impl From<CommitError> for StoreError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(error) => Self::Commit(error),
            CommitError::RolledBack => Self::RolledBack,
        }
    }
}
