//! How the values of a task's columns are bound and read: one kind a form.

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

/// A statement that parameters are bound to.
pub(in crate::store) type Bound<'q> = Query<'q, Any, AnyArguments>;

/// A form in which values of a type are stored.
pub(super) trait Kind<T>: Parameter {
    /// Binds a value as the next parameter.
    fn bind<'q>(query: Bound<'q>, value: &'q T) -> Result<Bound<'q>, StoreError>;
    /// Reads a value from a column.
    fn read(row: &AnyRow, column: &str) -> Result<T, StoreError>;
}

/// What a statement makes of a parameter of a kind.
pub(super) trait Parameter {
    /// The SQL of the value to store, from that of the parameter.
    fn value(parameter: &str) -> String {
        parameter.to_owned()
    }
}

/// Declares kinds whose parameters are stored as they are.
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
    OptionalId;
    /// A rank.
    Ranked;
    /// A text.
    Text;
    /// A text or NULL.
    OptionalText;
    /// A word of an enum, as serde writes it.
    Word;
    /// A date or NULL, as midnight UTC.
    OptionalDate;
    /// A moment.
    Moment;
    /// A moment or NULL.
    OptionalMoment;
    /// A whole number.
    Number;
    /// How many of something there are.
    Count;
}

/// A number of at least 0 with a fraction, or NULL.
///
/// NULL is bound as -1: sqlx (0.9) tells PostgreSQL another type for a missing number than for a present one, and a statement
/// that was prepared for the one does not take the other.
pub(super) struct OptionalFraction;

impl Parameter for OptionalFraction {
    fn value(parameter: &str) -> String {
        format!("NULLIF({parameter}, -1.0)")
    }
}

impl Kind<Option<f64>> for OptionalFraction {
    fn bind<'q>(query: Bound<'q>, value: &'q Option<f64>) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value.unwrap_or(-1.0)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<f64>, StoreError> {
        row.opt_float(column)
    }
}

impl<T: Display + FromStr> Kind<T> for Id {
    fn bind<'q>(query: Bound<'q>, value: &'q T) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value.to_string()))
    }

    fn read(row: &AnyRow, column: &str) -> Result<T, StoreError> {
        row.parse(column)
    }
}

impl<T: Display + FromStr> Kind<Option<T>> for OptionalId {
    fn bind<'q>(query: Bound<'q>, value: &'q Option<T>) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value.as_ref().map(ToString::to_string)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<T>, StoreError> {
        row.opt_parse(column)
    }
}

impl Kind<Rank> for Ranked {
    fn bind<'q>(query: Bound<'q>, value: &'q Rank) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value.as_str()))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Rank, StoreError> {
        row.rank(column)
    }
}

impl Kind<String> for Text {
    fn bind<'q>(query: Bound<'q>, value: &'q String) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value))
    }

    fn read(row: &AnyRow, column: &str) -> Result<String, StoreError> {
        row.text(column)
    }
}

impl Kind<Option<String>> for OptionalText {
    fn bind<'q>(query: Bound<'q>, value: &'q Option<String>) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<String>, StoreError> {
        row.opt_text(column)
    }
}

impl<T: Serialize + DeserializeOwned> Kind<T> for Word {
    fn bind<'q>(query: Bound<'q>, value: &'q T) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(word(value)?))
    }

    fn read(row: &AnyRow, column: &str) -> Result<T, StoreError> {
        row.word(column)
    }
}

impl Kind<Option<Timestamp>> for OptionalDate {
    fn bind<'q>(query: Bound<'q>, value: &'q Option<Timestamp>) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value.map(Timestamp::millis)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, StoreError> {
        row.opt_date(column)
    }
}

impl Kind<Timestamp> for Moment {
    fn bind<'q>(query: Bound<'q>, value: &'q Timestamp) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value.millis()))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Timestamp, StoreError> {
        row.time(column)
    }
}

impl Kind<Option<Timestamp>> for OptionalMoment {
    fn bind<'q>(query: Bound<'q>, value: &'q Option<Timestamp>) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(value.map(Timestamp::millis)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, StoreError> {
        row.opt_time(column)
    }
}

impl Kind<i64> for Number {
    fn bind<'q>(query: Bound<'q>, value: &'q i64) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(*value))
    }

    fn read(row: &AnyRow, column: &str) -> Result<i64, StoreError> {
        row.int(column)
    }
}

impl Kind<u32> for Count {
    fn bind<'q>(query: Bound<'q>, value: &'q u32) -> Result<Bound<'q>, StoreError> {
        Ok(query.bind(i64::from(*value)))
    }

    fn read(row: &AnyRow, column: &str) -> Result<u32, StoreError> {
        row.count(column)
    }
}
