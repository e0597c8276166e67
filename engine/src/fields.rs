//! The plain fields of a task, declared once.
//!
//! A plain field is set when a task is created and changed later, for one task or many at once. The last writer wins,
//! and nothing else follows from the change. [`Task`](crate::Task), [`TaskDraft`](crate::TaskDraft),
//! [`TaskPatch`](crate::TaskPatch), [`BulkPatch`](crate::BulkPatch), how they apply to a task, the server's checks and
//! the tests' random values are all generated from this list. A field with its own rules (title, description, assignee,
//! blocked reason) is written by hand in each of them.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{Priority, Timestamp, date};

/// Calls a macro with the plain fields of a task.
///
/// Each row is a field's documentation (also in the OpenAPI document), its name and its type: a [`FieldValue`], which
/// defines its JSON. The called macro generates code from the rows, for instance their names:
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
/// A new field needs `#[serde(default, skip_serializing_if = …)]` below its documentation: logs and browsers have tasks
/// without it. The attribute applies to `Task` alone.
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

/// How the value of a plain field is written in a draft and in a patch.
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

    /// The text that the author typed, if it is one.
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
