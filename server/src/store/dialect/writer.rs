//! Begins and ends writes on either database.

use std::sync::Arc;

use engine::ProjectId;

use super::{
    group_commit::{GroupCommit, GroupTransaction},
    lanes::Lanes,
};
use crate::store::StoreError;

/// The entry point of writes.
#[derive(Clone)]
pub(in crate::store) enum Writer {
    /// One write at a time.
    Sqlite(GroupCommit),
    /// One write at a time per project, as many at once as there are connections.
    Postgres(Arc<Lanes>),
}

/// A write transaction. Dropped before [`commit`](GroupTransaction::commit), it rolls back.
pub(in crate::store) type Tx = GroupTransaction;

impl Writer {
    /// Begins a write to a project, or to none.
    pub(in crate::store) async fn begin(&self, project: Option<ProjectId>) -> Result<Tx, StoreError> {
        let mut tx = self.group_commit(project).acquire().await?;
        tx.begin().await?;
        Ok(tx)
    }

    /// Begins a write together with its first statement if that saves a round trip: the statement must start with
    /// [`GroupTransaction::opening`], and [`GroupTransaction::opened`] must follow it.
    pub(in crate::store) async fn begin_with_first_statement(
        &self,
        project: Option<ProjectId>,
    ) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite(group_commit) => group_commit.acquire().await,
            // A call with parameters is a single statement there.
            Self::Postgres(_) => self.begin(project).await,
        }
    }

    /// Refuses new writes, and waits for those under way.
    pub(in crate::store) async fn close(&self) {
        match self {
            Self::Sqlite(group_commit) => {
                if let Err(error) = group_commit.close().await {
                    tracing::warn!(%error, "could not close the database cleanly");
                }
            }
            Self::Postgres(lanes) => lanes.connections.close().await,
        }
    }

    fn group_commit(&self, project: Option<ProjectId>) -> GroupCommit {
        match (self, project) {
            (Self::Sqlite(group_commit), _) => group_commit.clone(),
            (Self::Postgres(lanes), Some(project)) => lanes.of(project),
            (Self::Postgres(lanes), None) => lanes.alone(),
        }
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Writer::Sqlite",
            Self::Postgres(_) => "Writer::Postgres",
        })
    }
}
