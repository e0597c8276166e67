//! Reading typed values out of rows: `Any` knows texts and numbers only.

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
    /// An id, or anything else that is parsed from a text.
    fn parse<T: FromStr>(&self, column: &str) -> Result<T, StoreError>;
    /// The same, or NULL.
    fn opt_parse<T: FromStr>(&self, column: &str) -> Result<Option<T>, StoreError>;
    /// A moment.
    fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_millis(self.int(column)?))
    }
    /// A moment or NULL.
    fn opt_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_millis))
    }
    /// A date of a task or NULL. It is a midnight, also where an earlier build has stored what no reader could read.
    fn opt_date(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_time(column)?.map(|at| Day::utc(at).timestamp()))
    }
    /// A seq, which is never negative.
    fn seq(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| unreadable(column))
    }
    /// How many of something there are.
    fn count(&self, column: &str) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|_| unreadable(column))
    }
    /// A word of an enum, as serde writes it.
    fn word<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        from_word(&self.text(column)?).ok_or_else(|| unreadable(column))
    }
    /// A word of an enum, or NULL.
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

/// The word that stands for a value of an enum, as serde writes it: `in_progress`, not `"in_progress"`.
pub(super) fn word<T: Serialize>(value: T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(unreadable("a word")),
    }
}

/// The value of an enum that a word stands for.
pub(super) fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    T::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word)).ok()
}

/// Rows of which some cannot be read by this build.
pub(super) struct ReadRows<T> {
    /// Those that can.
    pub(super) rows: Vec<T>,
    /// How many cannot.
    pub(super) left_out: u32,
}

/// Reads rows of a table, and leaves out those that this build cannot read: they were written by another build, or by
/// hand. Each is logged and counted ([`unreadable_rows`]), so that one row costs nobody the others.
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

/// Reads the one row that an answer is about. Where this build cannot read it, the error names it.
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

/// Reads the one row that an answer is about, if there is one, and takes one that this build cannot read for none.
pub(super) fn optional<T>(
    table: &'static str,
    row: Option<&AnyRow>,
    read: impl Fn(&AnyRow) -> Result<T, StoreError>,
) -> Option<T> {
    let read = |row| read(row).inspect_err(|error| leave_out(table, &id_of(row), error)).ok();
    row.and_then(read)
}

/// Counts a row that cannot be read, where its user is told of it instead.
pub(crate) fn count_unreadable() {
    UNREADABLE.fetch_add(1, Ordering::Relaxed);
}

fn id_of(row: &AnyRow) -> String {
    ["id", "user_id"].into_iter().find_map(|column| row.text(column).ok()).unwrap_or_default()
}

/// Logs and counts a row that cannot be read.
pub(super) fn leave_out(table: &'static str, id: &str, error: &StoreError) {
    tracing::error!(table, id, %error, "a row cannot be read, and is left out");
    count_unreadable();
}

/// How often this process has left out a row that it cannot read.
pub fn unreadable_rows() -> u64 {
    UNREADABLE.load(Ordering::Relaxed)
}

fn unreadable(column: &str) -> StoreError {
    StoreError::Unreadable(column.to_owned())
}
