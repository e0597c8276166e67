//! Opens PostgreSQL, directly or through PgBouncer.

use std::sync::Arc;

use sqlx::{AnyConnection, AnyPool, Connection as _, Row as _, any::AnyPoolOptions};

use super::{
    Pools, RECENT,
    connections::{Connections, WAIT},
    lanes::Lanes,
    pgbouncer,
    writer::Writer,
};
use crate::store::{Durability, StoreError, StoreOptions};

/// Default numbers of connections that read and that write.
const READERS: u32 = 12;
const WRITERS: u32 = 8;

/// Settings of each session. Compiling a plan (jit) takes longer than any of our statements. The timeouts end
/// statements that wait for a lock, run or idle too long, because others wait for what they hold.
const SESSION: &[(&str, &str)] = &[
    ("jit", "off"),
    ("lock_timeout", "3s"),
    ("statement_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "30s"),
];

/// A setting that only a direct session keeps: PgBouncer refuses or loses it.
const MARK: (&str, &str) = ("lockstep.session", "kept");

/// Connects to an existing database.
pub(super) async fn open(url: &str, options: &StoreOptions) -> Result<Pools, StoreError> {
    let mut url = with_session(url, options.durability);
    if options.pgbouncer {
        let rest = url.split_once(':').map_or("", |(_, rest)| rest);
        url = format!("{}:{rest}", pgbouncer::SCHEME);
    } else {
        let mark = with_option(&url, MARK);
        let first = AnyConnection::connect(&mark).await.map_err(refused)?;
        expect_session(first, options.durability).await?;
    }
    let writers = options.writers.map_or(WRITERS, u32::from);
    let readers = options.readers.map_or(READERS, u32::from);
    let writer = pool().max_connections(writers).connect_lazy(&url)?;
    let lanes = Lanes::new(Arc::new(Connections::new(writer, writers)));
    let reader: AnyPool = pool().max_connections(readers).connect(&url).await?;
    Ok(Pools { writer: Writer::Postgres(Arc::new(lanes)), reader })
}

fn pool() -> AnyPoolOptions {
    let options = AnyPoolOptions::new().acquire_timeout(WAIT).test_before_acquire(false);
    options.before_acquire(|connection, meta| {
        Box::pin(async move { if meta.idle_for < RECENT { Ok(true) } else { connection.ping().await.map(|()| true) } })
    })
}

/// Adds the session settings to a URL. As startup parameters they cost no round trip; the PgBouncer driver sets them
/// at the beginning of each transaction instead.
fn with_session(url: &str, durability: Durability) -> String {
    // By default the server decides when a commit is durable: normally when it is on its disk.
    let commit = (durability == Durability::Normal).then_some(("synchronous_commit", "off"));
    let mut text = url.to_owned();
    for setting in SESSION.iter().copied().chain(commit) {
        text = with_option(&text, setting);
    }
    text
}

fn with_option(url: &str, (name, value): (&str, &str)) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options[{name}]={value}")
}

/// Turns PgBouncer's refusal of a startup parameter into an error that says what to do.
fn refused(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.message().contains("startup parameter") => {
            StoreError::Pooler(database.message().to_owned())
        }
        _ => error.into(),
    }
}

/// Checks that the session is a direct one: PgBouncer may be configured to ignore unknown parameters.
async fn expect_session(mut connection: AnyConnection, durability: Durability) -> Result<(), StoreError> {
    let sql = "SELECT current_setting('lockstep.session', true), current_setting('synchronous_commit')";
    let row = sqlx::raw_sql(sql).fetch_one(&mut connection).await?;
    let (mark, commit): (Option<String>, String) = (row.try_get(0)?, row.try_get(1)?);
    if mark.as_deref() != Some(MARK.1) {
        return Err(StoreError::Pooler("it ignores settings".to_owned()));
    }
    if commit == "off" && durability == Durability::Full {
        tracing::warn!("PostgreSQL answers before a commit is on its disk (synchronous_commit is off)");
    }
    connection.close().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_session_are_part_of_its_url() {
        let url = with_session("postgres://h/d?sslmode=disable", Durability::Full);
        assert!(url.starts_with("postgres://h/d?sslmode=disable&options[jit]=off&options[lock_timeout]=3s&"), "{url}");
        assert!(!url.contains("synchronous_commit"));
        let url = with_session("postgres://h/d", Durability::Normal);
        assert!(url.starts_with("postgres://h/d?options[jit]=off&"), "{url}");
        assert!(url.ends_with("&options[synchronous_commit]=off"), "{url}");
    }
}
