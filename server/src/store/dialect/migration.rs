//! Runs the migrations on either database.

use sqlx::{
    Connection as _,
    migrate::{MigrateError, Migrator},
};

use super::{connections::Connections, writer::Writer};
use crate::store::StoreError;

/// Runs the pending migrations.
pub(super) async fn run(writer: &Writer, migrator: Migrator) -> Result<(), StoreError> {
    match writer {
        Writer::Sqlite(group_commit) => {
            let mut tx = group_commit.acquire().await?;
            Ok(migrator.run(&mut *tx).await?)
        }
        Writer::Postgres(lanes) => on_postgres(&lanes.connections, migrator).await,
    }
}

/// Runs the migrations, all or nothing. One process at a time does so, however long it takes: the lock belongs to the
/// transaction, since behind PgBouncer the session may be shared.
async fn on_postgres(connections: &Connections, mut migrator: Migrator) -> Result<(), StoreError> {
    migrator.set_locking(false);
    let mut lease = connections.lease().await?;
    let begin = "BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
                 SELECT pg_advisory_xact_lock(6022476540531241821)";
    let mut tx = lease.connection.begin_with(begin).await?;
    // The migrator names its statements, and behind PgBouncer another process may have left some of the same names.
    sqlx::raw_sql("DEALLOCATE ALL").execute(&mut *tx).await?;
    migrator.run(&mut *tx).await?;
    sqlx::raw_sql("DEALLOCATE ALL").execute(&mut *tx).await?;
    tx.commit().await.map_err(MigrateError::Execute)?;
    // Its prepared statements are gone, which the driver may not know.
    lease.connection.close().await?;
    Ok(())
}
