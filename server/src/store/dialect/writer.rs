//! Where writes begin and end, on either database.

use std::ops::{Deref, DerefMut};

use sqlx::{Any, AnyConnection, AnyPool, Transaction, migrate::Migrator};

use super::turn::{Follow, Turn, Turns};
use crate::store::StoreError;

/// Where writes begin.
#[derive(Clone, Debug)]
pub(in crate::store) enum Writer {
    /// One at a time.
    Sqlite(Turns),
    /// As many at once as there are connections.
    Postgres(AnyPool),
}

/// A write that has begun. Dropped before [`commit`](Self::commit), it leaves no trace.
pub(in crate::store) enum Tx {
    Sqlite(Turn),
    Postgres(Transaction<'static, Any>),
}

impl Writer {
    /// Begins a write.
    pub(in crate::store) async fn begin(&self) -> Result<Tx, StoreError> {
        let mut tx = self.lazy().await?;
        let opening = tx.opening();
        if !opening.is_empty() {
            sqlx::query(opening).execute(&mut *tx).await?;
            tx.opened();
        }
        Ok(tx)
    }

    /// Begins a write whose first statement says so itself, where that saves a trip: it has to begin
    /// with [`Tx::opening`], and be followed by [`Tx::opened`].
    pub(in crate::store) async fn lazy(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(turns) => Tx::Sqlite(turns.turn().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Brings the schema up to date.
    pub(super) async fn migrate(&self, migrator: &Migrator) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(turns) => {
                let mut turn = turns.turn().await?;
                Ok(migrator.run(&mut *turn).await?)
            }
            Self::Postgres(pool) => Ok(migrator.run(pool).await?),
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
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// What the first statement of a lazy write begins with.
    pub(in crate::store) fn opening(&mut self) -> &'static str {
        match self {
            Self::Sqlite(turn) => turn.opening(),
            Self::Postgres(_) => "",
        }
    }

    /// The first statement of a lazy write is done.
    pub(in crate::store) fn opened(&mut self) {
        if let Self::Sqlite(turn) = self {
            turn.opened();
        }
    }

    /// Makes it durable, and lets `follow` happen before anything that follows a later write to the
    /// same rows.
    pub(in crate::store) async fn commit(self, follow: Follow) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(turn) => turn.commit(follow).await,
            Self::Postgres(tx) => {
                tx.commit().await?;
                follow();
                Ok(())
            }
        }
    }

    /// What the last statement may end with, where that saves a trip: the commit, when nobody waits to
    /// share it. Once that is answered, [`committed`](Self::committed) is to be called.
    pub(in crate::store) fn committing(&self) -> &'static str {
        match self {
            Self::Sqlite(turn) => turn.committing(),
            Self::Postgres(_) => "",
        }
    }

    /// The last statement has committed it.
    pub(in crate::store) async fn committed(self, follow: Follow) {
        match self {
            Self::Sqlite(turn) => turn.committed(follow).await,
            Self::Postgres(_) => follow(),
        }
    }

    /// Takes it back, and waits until all that it has read is durable.
    pub(in crate::store) async fn give_up(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(turn) => turn.give_up().await,
            Self::Postgres(tx) => Ok(tx.rollback().await?),
        }
    }
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match self {
            Self::Sqlite(turn) => turn,
            Self::Postgres(tx) => tx,
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Self::Sqlite(turn) => turn,
            Self::Postgres(tx) => tx,
        }
    }
}
