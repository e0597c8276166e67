//! Where writes begin and end, on either database.

use std::sync::Arc;

use engine::ProjectId;

use super::{
    group_commit::{GroupCommit, GroupTransaction},
    lanes::Lanes,
};
use crate::store::StoreError;

/// Where writes begin.
#[derive(Clone)]
pub(in crate::store) enum Writer {
    /// One at a time.
    Sqlite(GroupCommit),
    /// One at a time for each project, as many at once as there are connections.
    Postgres(Arc<Lanes>),
}

/// A write that has its turn. Dropped before [`commit`](Turn::commit), it leaves no trace.
pub(in crate::store) type Tx = GroupTransaction;

impl Writer {
    /// Begins a write that belongs to a project, or to none.
    pub(in crate::store) async fn begin(&self, project: Option<ProjectId>) -> Result<Tx, StoreError> {
        let mut turn = self.turns(project).turn().await?;
        turn.begin().await?;
        Ok(turn)
    }

    /// Begins a write whose first statement says so itself, where that saves a trip: it has to begin
    /// with [`GroupTransaction::opening`], and be followed by [`GroupTransaction::opened`].
    pub(in crate::store) async fn lazy(&self, project: Option<ProjectId>) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite(turns) => turns.turn().await,
            // A statement with parameters is one statement there.
            Self::Postgres(_) => self.begin(project).await,
        }
    }

    /// Lets nobody write any more, once those who do are done.
    pub(in crate::store) async fn close(&self) {
        match self {
            Self::Sqlite(turns) => {
                if let Err(error) = turns.close().await {
                    tracing::warn!(%error, "the database did not close well");
                }
            }
            Self::Postgres(lanes) => lanes.connections.close().await,
        }
    }

    fn turns(&self, project: Option<ProjectId>) -> GroupCommit {
        match (self, project) {
            (Self::Sqlite(turns), _) => turns.clone(),
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
