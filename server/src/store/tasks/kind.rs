//! How the values of a task's columns are bound and read: one type per representation.

use std::{fmt::Display, str::FromStr};

use engine::{Rank, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Any,
    any::{AnyArguments, AnyRow},
    query::Query,
};

use crate::store::{
    StoreError,
    row::{Columns as _, word},
};

/// A statement with its parameters bound so far.
pub(in crate::store) type BoundQuery<'q> = Query<'q, Any, AnyArguments>;

/// A representation of values of type `T` in a column.
pub(super) trait ColumnKind<T>: Parameter {
    /// Binds a value as the next parameter.
    fn bind<'q>(query: BoundQuery<'q>, value: &'q T) -> Result<BoundQuery<'q>, StoreError>;
    /// Reads a value from a column.
    fn read(row: &AnyRow, column: &str) -> Result<T, StoreError>;
}

/// The SQL of a parameter of a kind.
pub(super) trait Parameter {
    /// The SQL of the value to store, from that of the parameter.
    fn value(parameter: &str) -> String {
        parameter.to_owned()
    }
}

/// Declares kinds whose parameter is the stored value.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident;)*) => {
        $(
            $(#[$doc])*
            pub(super) struct $kind;
            impl Parameter for $kind {}
        )*
    };
}

kinds! {
    /// An id.
    Id;
    /// An id or NULL.
    NullableId;
    /// A rank.
    RankText;
    /// A text.
    PlainText;
    /// A text or NULL.
    NullableText;
    /// A variant of an enum, by its serde name.
    EnumText;
    /// A date or NULL, as midnight UTC.
    NullableDate;
    /// A point in time, in milliseconds since 1970.
    Millis;
    /// A point in time in milliseconds since 1970, or NULL.
    NullableMillis;
    /// A whole number.
    Number;
    /// A count, never negative.
    Unsigned;
}

/// A non-negative number with a fraction, or NULL.
///
/// NULL is bound as -1: sqlx (0.9) declares another PostgreSQL type for a missing number than for a present one, and a
/// statement prepared for the one does not accept the other.
pub(super) struct NullableFraction;

impl Parameter for NullableFraction {
    fn value(parameter: &str) -> String {
        format!("NULLIF({parameter}, -1.0)")
    }
}

impl ColumnKind<Option<f64>> for NullableFraction {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q Option<f64>) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value.unwrap_or(-1.0)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<f64>, StoreError> {
        row.opt_float(column)
    }
}

impl<T: Display + FromStr> ColumnKind<T> for Id {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q T) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value.to_string()))
    }

    fn read(row: &AnyRow, column: &str) -> Result<T, StoreError> {
        row.parse(column)
    }
}

impl<T: Display + FromStr> ColumnKind<Option<T>> for NullableId {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q Option<T>) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value.as_ref().map(ToString::to_string)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<T>, StoreError> {
        row.opt_parse(column)
    }
}

impl ColumnKind<Rank> for RankText {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q Rank) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value.as_str()))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Rank, StoreError> {
        row.rank(column)
    }
}

impl ColumnKind<String> for PlainText {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q String) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value))
    }

    fn read(row: &AnyRow, column: &str) -> Result<String, StoreError> {
        row.text(column)
    }
}

impl ColumnKind<Option<String>> for NullableText {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q Option<String>) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<String>, StoreError> {
        row.opt_text(column)
    }
}

impl<T: Serialize + DeserializeOwned> ColumnKind<T> for EnumText {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q T) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(word(value)?))
    }

    fn read(row: &AnyRow, column: &str) -> Result<T, StoreError> {
        row.word(column)
    }
}

impl ColumnKind<Option<Timestamp>> for NullableDate {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q Option<Timestamp>) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value.map(Timestamp::millis)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, StoreError> {
        row.opt_date(column)
    }
}

impl ColumnKind<Timestamp> for Millis {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q Timestamp) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value.millis()))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Timestamp, StoreError> {
        row.time(column)
    }
}

impl ColumnKind<Option<Timestamp>> for NullableMillis {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q Option<Timestamp>) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(value.map(Timestamp::millis)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, StoreError> {
        row.opt_time(column)
    }
}

impl ColumnKind<i64> for Number {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q i64) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(*value))
    }

    fn read(row: &AnyRow, column: &str) -> Result<i64, StoreError> {
        row.int(column)
    }
}

impl ColumnKind<u32> for Unsigned {
    fn bind<'q>(query: BoundQuery<'q>, value: &'q u32) -> Result<BoundQuery<'q>, StoreError> {
        Ok(query.bind(i64::from(*value)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<u32, StoreError> {
        row.count(column)
    }
}
