//! The commit that several writes share, and how it went.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::AfterCommit;
use crate::store::StoreError;

/// A write that is done, but for the commit.
pub(super) struct Done {
    /// What happens after the commit.
    pub(super) follow: AfterCommit,
    /// Who is told of it.
    pub(super) tell: oneshot::Sender<Result<(), CommitError>>,
}

/// How a commit went.
pub(super) struct CommitOutcome {
    /// What was in it, in order.
    pub(super) done: Vec<Done>,
    /// Why nothing of it is there.
    pub(super) failed: Option<CommitError>,
}

/// Why a commit that several share was none.
#[derive(Clone, Debug)]
pub(super) enum CommitError {
    /// The database refused it.
    Refused(Arc<sqlx::Error>),
    /// The database had ended the transaction before, because of another write in it.
    TakenBack,
}

impl CommitError {
    /// Why the statements that were to commit failed.
    pub(super) fn of(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        let gone = match code.as_deref() {
            // savepoint_exception, no_active_sql_transaction, in_failed_sql_transaction.
            Some("3B001" | "25P01" | "25P02") => true,
            Some("1") => error.to_string().contains("no such savepoint"),
            _ => false,
        };
        if gone { Self::TakenBack } else { Self::Refused(Arc::new(error)) }
    }
}

impl From<CommitError> for StoreError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(error) => Self::Commit(error),
            CommitError::TakenBack => Self::TakenBack,
        }
    }
}
