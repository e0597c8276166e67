//! The plain fields of a task, declared once.
//!
//! A plain field is set when a task is made and changed later, of one task or of many at once. The last writer wins, and
//! nothing else follows from the change. [`Task`](crate::Task), [`TaskDraft`](crate::TaskDraft),
//! [`TaskPatch`](crate::TaskPatch), [`BulkPatch`](crate::BulkPatch), what they do to a task, the server's checks and the
//! tests' random values are all made from this list. A field with rules of its own (the title, the description, who does it, why
//! it is blocked) is written by hand in each of them.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{Priority, Timestamp, date};

/// Calls a macro with the plain fields of a task.
///
/// Each row is the documentation of a field (also in the OpenAPI document), its name, and its type: a [`FieldValue`], which
/// says how it is written in JSON. The macro that is called makes code of the rows, for instance their names:
///
/// ```
/// macro_rules! names {
///     ($($(#[$attribute:meta])* $name:ident: $type:ty,)*) => {
///         [$(stringify!($name)),*]
///     };
/// }
/// assert!(engine::task_fields!(names).contains(&"due_at"));
/// ```
///
/// A new field takes `#[serde(default, skip_serializing_if = …)]` below its documentation: logs and browsers hold tasks
/// without it. The attribute is for `Task` alone.
#[macro_export]
macro_rules! task_fields {
    ($use:ident) => {
        $use! {
            /// How urgent it is.
            priority: $crate::Priority,
            /// First day of work, as midnight UTC wherever the reader is. A request may name a date, or a moment, of which the
            /// written date counts.
            start_at: Option<$crate::Timestamp>,
            /// Last day of work, as midnight UTC wherever the reader is. A request may name a date, or a moment, of which the
            /// written date counts.
            due_at: Option<$crate::Timestamp>,
            /// Expected work, in hours.
            estimate_hours: Option<f64>,
        }
    };
}

/// How a value of a plain field is written in a draft and in a patch.
pub(crate) trait FieldValue: DeserializeOwned {
    /// Whether a draft leaves it out.
    fn is_left_out(&self) -> bool {
        false
    }

    /// Reads it from a draft.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    /// Reads it from a patch that names the field. `None` leaves the field as it is; so does `null` where a field is
    /// never empty.
    fn read_change<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Option::deserialize(deserializer)
    }

    /// The text that its author typed, if it is one.
    fn text(&self) -> Option<&str> {
        None
    }
}

impl FieldValue for Priority {}

impl FieldValue for Option<f64> {
    fn is_left_out(&self) -> bool {
        self.is_none()
    }

    fn read_change<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::deserialize(deserializer).map(Some)
    }
}

impl FieldValue for Option<String> {
    fn is_left_out(&self) -> bool {
        self.is_none()
    }

    fn read_change<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::deserialize(deserializer).map(Some)
    }

    fn text(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// A date.
impl FieldValue for Option<Timestamp> {
    fn is_left_out(&self) -> bool {
        self.is_none()
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        date::optional(deserializer)
    }

    fn read_change<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        date::present(deserializer)
    }
}
