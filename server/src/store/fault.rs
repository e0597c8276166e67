//! Classifies database errors: this decides the response to the client, and whether to retry.

use std::io::ErrorKind;

use sqlx::{Error, error::DatabaseError, migrate::MigrateError};

use super::StoreError;

/// A class of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The same statement may succeed in a moment.
    Busy,
    /// The disk, or the allowed size of the database, is used up.
    Full,
    /// The database can be read, but not written.
    ReadOnly,
    /// The database does not answer.
    Unavailable,
    /// Anything else: a bug, or a damaged database.
    Other,
}

impl StoreError {
    /// Whether a retry may succeed in a moment: too many writes wait, all connections are in use, or a lock timed out.
    pub fn is_busy(&self) -> bool {
        self.fault() == Fault::Busy
    }

    /// Whether there is no space left for the write.
    pub fn is_full(&self) -> bool {
        self.fault() == Fault::Full
    }

    /// Whether the database accepts no writes: a read-only file, or a standby.
    pub fn is_read_only(&self) -> bool {
        self.fault() == Fault::ReadOnly
    }

    /// Whether the database is unreachable, is starting or shutting down, or broke the connection.
    pub fn is_unavailable(&self) -> bool {
        self.fault() == Fault::Unavailable
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Database(cause) => fault_of(cause),
            Self::Commit(cause) => fault_of(cause),
            Self::Migration(MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) => fault_of(cause),
            Self::Overloaded | Self::RolledBack | Self::ConcurrentWriter => Fault::Busy,
            _ => Fault::Other,
        }
    }
}

fn fault_of(error: &Error) -> Fault {
    match error {
        Error::PoolTimedOut => Fault::Busy,
        Error::PoolClosed | Error::WorkerCrashed | Error::Tls(_) => Fault::Unavailable,
        Error::Io(cause) => match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Fault::Full,
            _ => Fault::Unavailable,
        },
        Error::Database(error) => fault_of_code(&**error),
        _ => Fault::Other,
    }
}

/// SQLite's codes are numbers; PostgreSQL's have five characters.
fn fault_of_code(error: &dyn DatabaseError) -> Fault {
    let Some(code) = error.code() else { return Fault::Other };
    match (code.len(), code.parse::<u32>()) {
        (5, _) => of_postgres(&code, error.message()),
        (_, Ok(number)) => of_sqlite(number),
        _ => Fault::Other,
    }
}

/// Classifies the result codes in <https://www.sqlite.org/rescode.html>: the low byte is the primary one.
fn of_sqlite(code: u32) -> Fault {
    match (code & 0xff, code) {
        // BUSY, LOCKED, NOMEM, INTERRUPT, PROTOCOL (a race to open the log); IOERR_NOMEM, and IOERR_LOCK and its like.
        (5 | 6 | 7 | 9 | 15, _) | (_, 3082 | 3850 | 2314 | 3594) => Fault::Busy,
        (13, _) => Fault::Full,
        // IOERR_WRITE by a quota (a full disk is FULL), IOERR_SHMSIZE by a log index that cannot grow.
        (_, 778 | 4874) => Fault::Full,
        (8, _) => Fault::ReadOnly,
        // IOERR, CANTOPEN.
        (10 | 14, _) => Fault::Unavailable,
        _ => Fault::Other,
    }
}

/// Classifies the codes in <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(code: &str, message: &str) -> Fault {
    match code {
        // too_many_connections, out_of_memory, configuration_limit_exceeded, lock_not_available, query_canceled (by
        // statement_timeout), deadlock_detected, serialization_failure.
        "53300" | "53200" | "53400" | "55P03" | "57014" | "40P01" | "40001" => Fault::Busy,
        "53100" => Fault::Full,
        // Any other lack of resources.
        code if code.starts_with("53") => Fault::Busy,
        // read_only_sql_transaction.
        "25006" => Fault::ReadOnly,
        // io_error; its text contains the system's reason.
        "58030" if message.contains("No space left") => Fault::Full,
        // PgBouncer has one code for everything.
        "08P01" if message.contains("query_wait_timeout") || message.contains("no more connections") => Fault::Busy,
        // Connection exceptions, shutdown and start-up, transactions that idled too long, system errors.
        code if ["08", "57P", "25P03", "25P04", "58"].iter().any(|class| code.starts_with(class)) => Fault::Unavailable,
        _ => Fault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_codes_are_classified() {
        for (code, fault) in [
            (5, Fault::Busy),
            (517, Fault::Busy),
            (773, Fault::Busy),
            (262, Fault::Busy),
            (7, Fault::Busy),
            (3082, Fault::Busy),
            (13, Fault::Full),
            (778, Fault::Full),
            (4874, Fault::Full),
            (8, Fault::ReadOnly),
            (1032, Fault::ReadOnly),
            (266, Fault::Unavailable),
            (14, Fault::Unavailable),
            (11, Fault::Other),
            (2067, Fault::Other),
        ] {
            assert_eq!(of_sqlite(code), fault, "{code}");
        }
    }

    #[test]
    fn postgresql_codes_are_classified() {
        for (code, message, fault) in [
            ("53300", "", Fault::Busy),
            ("55P03", "", Fault::Busy),
            ("57014", "", Fault::Busy),
            ("40P01", "", Fault::Busy),
            ("08P01", "query_wait_timeout", Fault::Busy),
            ("08P01", "", Fault::Unavailable),
            ("53100", "", Fault::Full),
            ("58030", "could not write: No space left on device", Fault::Full),
            ("58030", "could not read", Fault::Unavailable),
            ("25006", "", Fault::ReadOnly),
            ("57P01", "", Fault::Unavailable),
            ("57P03", "", Fault::Unavailable),
            ("25P03", "", Fault::Unavailable),
            ("23505", "", Fault::Other),
            ("42P01", "", Fault::Other),
        ] {
            assert_eq!(of_postgres(code, message), fault, "{code}");
        }
    }
}
