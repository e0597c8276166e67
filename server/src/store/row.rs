//! Typed access to rows: `Any` knows only texts and numbers.

use std::{
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
};

use engine::{Day, Rank, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row, any::AnyRow};

use super::StoreError;

static UNREADABLE: AtomicU64 = AtomicU64::new(0);

/// Typed columns of a row.
pub(super) trait Columns {
    /// A text.
    fn text(&self, column: &str) -> Result<String, StoreError>;
    /// A number.
    fn int(&self, column: &str) -> Result<i64, StoreError>;
    /// A number or NULL.
    fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError>;
    /// A number with a fraction, or NULL.
    fn opt_float(&self, column: &str) -> Result<Option<f64>, StoreError>;
    /// A text or NULL.
    fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError>;
    /// A value parsed from a text, such as an id.
    fn parse<T: FromStr>(&self, column: &str) -> Result<T, StoreError>;
    /// A parsed value or NULL.
    fn opt_parse<T: FromStr>(&self, column: &str) -> Result<Option<T>, StoreError>;
    /// A point in time.
    fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_millis(self.int(column)?))
    }
    /// A point in time or NULL.
    fn opt_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_millis))
    }
    /// A date of a task or NULL. Always a midnight, even if an earlier build stored another time.
    fn opt_date(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_time(column)?.map(|at| Day::utc(at).timestamp()))
    }
    /// A seq, which is never negative.
    fn seq(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| unreadable(column))
    }
    /// A count, never negative.
    fn count(&self, column: &str) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|_| unreadable(column))
    }
    /// A variant of an enum, by its serde name.
    fn word<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        from_word(&self.text(column)?).ok_or_else(|| unreadable(column))
    }
    /// A variant of an enum, or NULL.
    fn opt_word<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.opt_text(column)?.map(|word| from_word(&word).ok_or_else(|| unreadable(column))).transpose()
    }
    /// A rank.
    fn rank(&self, column: &str) -> Result<Rank, StoreError> {
        Rank::try_from(self.text(column)?).map_err(|_| unreadable(column))
    }
    /// A rank or NULL.
    fn opt_rank(&self, column: &str) -> Result<Option<Rank>, StoreError> {
        self.opt_text(column)?.map(|text| Rank::try_from(text).map_err(|_| unreadable(column))).transpose()
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn int(&self, column: &str) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn opt_float(&self, column: &str) -> Result<Option<f64>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn parse<T: FromStr>(&self, column: &str) -> Result<T, StoreError> {
        let text: &str = self.try_get(column)?;
        text.parse().map_err(|_| unreadable(column))
    }

    fn opt_parse<T: FromStr>(&self, column: &str) -> Result<Option<T>, StoreError> {
        let text: Option<&str> = self.try_get(column)?;
        text.map(|text| text.parse().map_err(|_| unreadable(column))).transpose()
    }
}

/// The serde name of an enum variant: `in_progress`, without quotes.
pub(super) fn word<T: Serialize>(value: T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(unreadable("a word")),
    }
}

/// The enum variant of a serde name.
pub(super) fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    T::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word)).ok()
}

/// Rows read from a table, without the unreadable ones.
pub(super) struct ReadRows<T> {
    /// The readable rows.
    pub(super) rows: Vec<T>,
    /// How many were unreadable.
    pub(super) left_out: u32,
}

/// Reads rows of a table, and skips those that this build cannot read, because another build or a person wrote them.
/// Logs and counts each ([`unreadable_rows`]), so that one bad row does not hide the others.
pub(super) fn readable<T>(
    table: &'static str,
    rows: &[AnyRow],
    read: impl Fn(&AnyRow) -> Result<T, StoreError>,
) -> ReadRows<T> {
    let mut readable = ReadRows { rows: Vec::with_capacity(rows.len()), left_out: 0 };
    for row in rows {
        match read(row) {
            Ok(value) => readable.rows.push(value),
            Err(error) => {
                leave_out(table, &id_of(row), &error);
                readable.left_out += 1;
            }
        }
    }
    readable
}

/// Reads the one row that a response is about. If this build cannot read it, the error names the row.
pub(super) fn only<T>(
    table: &'static str,
    row: &AnyRow,
    read: impl FnOnce(&AnyRow) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    read(row).map_err(|error| match error {
        StoreError::Unreadable(column) => StoreError::Unreadable(format!("{column} in {table} {}", id_of(row))),
        error => error,
    })
}

/// Reads an optional row. Treats an unreadable one as missing.
pub(super) fn optional<T>(
    table: &'static str,
    row: Option<&AnyRow>,
    read: impl Fn(&AnyRow) -> Result<T, StoreError>,
) -> Option<T> {
    let read = |row| read(row).inspect_err(|error| leave_out(table, &id_of(row), error)).ok();
    row.and_then(read)
}

/// Counts an unreadable row that is reported to its user instead.
pub(crate) fn count_unreadable() {
    UNREADABLE.fetch_add(1, Ordering::Relaxed);
}

fn id_of(row: &AnyRow) -> String {
    ["id", "user_id"].into_iter().find_map(|column| row.text(column).ok()).unwrap_or_default()
}

/// Logs and counts an unreadable row.
pub(super) fn leave_out(table: &'static str, id: &str, error: &StoreError) {
    tracing::error!(table, id, %error, "a row cannot be read, and is left out");
    count_unreadable();
}

/// How many rows this process has skipped as unreadable.
pub fn unreadable_rows() -> u64 {
    UNREADABLE.load(Ordering::Relaxed)
}

fn unreadable(column: &str) -> StoreError {
    StoreError::Unreadable(column.to_owned())
}
