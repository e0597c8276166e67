//! A driver for sqlx's `Any` (scheme `pgbouncer:`): PostgreSQL behind PgBouncer in transaction mode.
//!
//! There is no session then, only transactions. So each statement with parameters, which takes several messages, gets
//! a transaction; no prepared statement outlives it, since another client may use its name; settings are local to it
//! (`SET LOCAL`); and the connection sends no startup parameter that PgBouncer does not know.

mod options;
mod unused;

use std::{fmt, sync::Once};

use futures_util::{
    FutureExt as _, StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Connection, Either, Error, SqlSafeStr as _, SqlStr,
    any::{AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo},
    migrate::Migrate,
    postgres::PgConnection,
};
use sqlx_core::{any::AnyConnectionBackend, any::driver::AnyDriver, transaction::Transaction};

use options::BouncerOptions;
use unused::PgBouncer;

/// The URL scheme of this driver.
pub(super) const SCHEME: &str = "pgbouncer";

/// Registers SQLite, PostgreSQL and PgBouncer with sqlx's `Any`.
pub(in crate::store) fn install_drivers() {
    static ONCE: Once = Once::new();
    const DRIVERS: &[AnyDriver] =
        &[sqlx_postgres::any::DRIVER, sqlx_sqlite::any::DRIVER, AnyDriver::without_migrate::<PgBouncer>()];
    ONCE.call_once(|| {
        if sqlx_core::any::driver::install_drivers(DRIVERS).is_err() {
            tracing::warn!("other database drivers were installed before: PgBouncer's is missing");
        }
    });
}

/// A connection to PgBouncer.
pub(super) struct BouncerConnection {
    inner: PgConnection,
    /// SQL that each transaction begins with.
    settings: String,
    /// A statement of the caller's has begun a transaction.
    open: bool,
}

/// Rolls back a transaction whose future is dropped.
struct RollbackGuard<'c>(&'c mut PgConnection);

impl BouncerConnection {
    fn in_transaction(&self) -> bool {
        self.open || self.inner.get_transaction_depth() > 0
    }

    async fn run(
        &mut self,
        sql: SqlStr,
        arguments: Option<AnyArguments>,
    ) -> Result<Vec<Either<AnyQueryResult, AnyRow>>, Error> {
        if arguments.is_none() {
            return self.run_text(sql).await;
        }
        if self.in_transaction() {
            return self.inner.fetch_many(sql, false, arguments).try_collect().await;
        }
        let begin = self.beginning("BEGIN");
        let guard = RollbackGuard(&mut self.inner);
        AnyConnectionBackend::begin(&mut *guard.0, Some(begin)).await?;
        let rows = guard.0.fetch_many(sql, false, arguments).try_collect().await?;
        AnyConnectionBackend::commit(&mut *guard.0).await?;
        Ok(rows)
    }

    /// Runs statements without parameters: they travel as one message.
    async fn run_text(&mut self, sql: SqlStr) -> Result<Vec<Either<AnyQueryResult, AnyRow>>, Error> {
        let text = sql.as_str().trim_end_matches([';', ' ']);
        let ends = text == "ROLLBACK" || text.ends_with("COMMIT");
        let sql = match text.strip_prefix("BEGIN; ") {
            Some(more) => {
                self.open = true;
                let begin = self.beginning("BEGIN");
                sqlx::AssertSqlSafe(format!("{}; {more}", begin.as_str())).into_sql_str()
            }
            None => sql,
        };
        let rows = self.inner.fetch_many(sql, false, None).try_collect().await?;
        if ends {
            self.open = false;
        }
        Ok(rows)
    }

    fn beginning(&self, begin: &str) -> SqlStr {
        sqlx::AssertSqlSafe(format!("{begin}{}", self.settings)).into_sql_str()
    }
}

impl AnyConnectionBackend for BouncerConnection {
    fn name(&self) -> &str {
        AnyConnectionBackend::name(&self.inner)
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, Result<(), Error>> {
        AnyConnectionBackend::close(Box::new(self.inner))
    }

    fn close_hard(self: Box<Self>) -> BoxFuture<'static, Result<(), Error>> {
        AnyConnectionBackend::close_hard(Box::new(self.inner))
    }

    fn ping(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        AnyConnectionBackend::ping(&mut self.inner)
    }

    fn begin(&mut self, statement: Option<SqlStr>) -> BoxFuture<'_, Result<(), Error>> {
        // A nested transaction is a savepoint, and has the settings already.
        let statement = match statement {
            Some(statement) => Some(self.beginning(statement.as_str())),
            None if self.in_transaction() => None,
            None => Some(self.beginning("BEGIN")),
        };
        AnyConnectionBackend::begin(&mut self.inner, statement)
    }

    fn commit(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        AnyConnectionBackend::commit(&mut self.inner)
    }

    fn rollback(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        AnyConnectionBackend::rollback(&mut self.inner)
    }

    fn start_rollback(&mut self) {
        AnyConnectionBackend::start_rollback(&mut self.inner);
    }

    fn get_transaction_depth(&self) -> usize {
        AnyConnectionBackend::get_transaction_depth(&self.inner)
    }

    fn shrink_buffers(&mut self) {
        AnyConnectionBackend::shrink_buffers(&mut self.inner);
    }

    fn flush(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        AnyConnectionBackend::flush(&mut self.inner)
    }

    fn should_flush(&self) -> bool {
        AnyConnectionBackend::should_flush(&self.inner)
    }

    fn as_migrate(&mut self) -> Result<&mut (dyn Migrate + Send + 'static), Error> {
        AnyConnectionBackend::as_migrate(&mut self.inner)
    }

    fn fetch_many(
        &mut self,
        sql: SqlStr,
        _persistent: bool,
        arguments: Option<AnyArguments>,
    ) -> BoxStream<'_, Result<Either<AnyQueryResult, AnyRow>, Error>> {
        let rows = self.run(sql, arguments).map(|rows| rows.map(|rows| stream::iter(rows.into_iter().map(Ok))));
        stream::once(rows).try_flatten().boxed()
    }

    fn fetch_optional(
        &mut self,
        sql: SqlStr,
        _persistent: bool,
        arguments: Option<AnyArguments>,
    ) -> BoxFuture<'_, Result<Option<AnyRow>, Error>> {
        let rows = self.run(sql, arguments);
        rows.map(|rows| Ok(rows?.into_iter().find_map(Either::right))).boxed()
    }

    fn prepare_with<'c, 'q: 'c>(
        &'c mut self,
        _sql: SqlStr,
        _parameters: &[AnyTypeInfo],
    ) -> BoxFuture<'c, Result<AnyStatement, Error>> {
        async { Err(Error::Protocol("there is no session to prepare a statement in".into())) }.boxed()
    }
}

impl Drop for RollbackGuard<'_> {
    fn drop(&mut self) {
        // Does nothing after a commit.
        AnyConnectionBackend::start_rollback(self.0);
    }
}

impl Connection for BouncerConnection {
    type Database = PgBouncer;
    type Options = BouncerOptions;

    async fn close(self) -> Result<(), Error> {
        Connection::close(self.inner).await
    }

    async fn close_hard(self) -> Result<(), Error> {
        Connection::close_hard(self.inner).await
    }

    async fn ping(&mut self) -> Result<(), Error> {
        Connection::ping(&mut self.inner).await
    }

    async fn begin(&mut self) -> Result<Transaction<'_, PgBouncer>, Error> {
        Transaction::begin(self, None).await
    }

    fn shrink_buffers(&mut self) {
        Connection::shrink_buffers(&mut self.inner);
    }

    async fn flush(&mut self) -> Result<(), Error> {
        Connection::flush(&mut self.inner).await
    }

    fn should_flush(&self) -> bool {
        Connection::should_flush(&self.inner)
    }
}

impl fmt::Debug for BouncerConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BouncerConnection")
    }
}
