//! The columns of `tasks`, listed once. Every statement that reads or writes whole tasks is built from this list.

use engine::Task;
use sqlx::any::AnyRow;

use super::kind::{self, Bound, ColumnKind, Parameter as _};
use crate::store::StoreError;

/// Passes the columns of a task to a macro.
///
/// Each line is `name: kind, when it is written, whether it is in the history`. The name is that of the column and of
/// the field of [`Task`]; the kind is a type in [`kind`]; the other two are variants of [`WrittenOn`] and
/// [`HistoryColumn`]:
///
/// ```text
/// due_at: NullableDate, AnyUpdate, AddsRow;
/// ```
///
/// stores `Task::due_at` as a date, in every update of one task or of many, and adds a row to `task_history` when it
/// changes.
macro_rules! with_task_columns {
    ($($use:tt)+) => {
        $($use)+! {
            id: Id, Key, Untracked;
            project_id: Id, Made, Untracked;
            status_id: Id, Changed, Tracked;
            rank: RankText, Changed, Untracked;
            title: PlainText, ChangedAlone, Untracked;
            assignee_id: NullableId, Changed, Tracked;
            priority: EnumWord, Changed, Untracked;
            start_at: NullableDate, Changed, Untracked;
            due_at: NullableDate, Changed, Tracked;
            estimate_hours: NullableFraction, Changed, Untracked;
            blocked_reason: NullableText, Changed, Tracked;
            blocked_since: NullableMillis, Changed, Recorded;
            completed_at: NullableMillis, Changed, Recorded;
            created_by: Id, Made, Untracked;
            created_at: Millis, Made, Untracked;
            updated_at: Millis, Changed, Untracked;
            version: Number, Changed, Untracked;
            comment_count: Unsigned, Elsewhere, Untracked;
        }
    };
}

/// Which statements write a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Written {
    /// None after the INSERT: it is the primary key.
    Key,
    /// The INSERT only.
    Made,
    /// The INSERT, and every UPDATE of one task or of many.
    Changed,
    /// The INSERT, and the UPDATE of a single task.
    ChangedAlone,
    /// As `SingleUpdate`, unless the value is not loaded: the description is loaded only on demand.
    ChangedIfGiven,
    /// None of these: other statements maintain it.
    Elsewhere,
}

/// Whether `task_history` has a column too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum InHistory {
    /// It does not.
    Untracked,
    /// It does, and a change of the value adds a row.
    Tracked,
    /// It does. It only changes together with a column that `AddsRow`.
    Recorded,
}

/// The values of a task that a write stores.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct StoredTask<'q> {
    /// The task.
    pub(in crate::store) task: &'q Task,
    /// Its version when its description last changed.
    pub(in crate::store) description_version: i64,
    /// Whether the task is deleted.
    pub(in crate::store) deleted: bool,
}

/// One column of `tasks`.
pub(in crate::store) struct TaskColumn {
    /// The name in `tasks`, and in `task_history` if that has it.
    pub(in crate::store) name: &'static str,
    /// Which statements write it.
    pub(in crate::store) written: Written,
    /// Whether it is in the history.
    pub(in crate::store) history: InHistory,
    /// Turns the SQL of a parameter into the SQL of the value to store.
    pub(in crate::store) value: fn(&str) -> String,
    /// Binds the value as the next parameter.
    pub(in crate::store) bind: for<'q> fn(Bound<'q>, StoredTask<'q>) -> Result<Bound<'q>, StoreError>,
    /// Whether the value differs between two states of a task.
    pub(in crate::store) differs: fn(&Task, &Task) -> bool,
}

/// Builds the table of columns, and the function that reads a task from a row.
macro_rules! columns {
    ($($name:ident: $kind:ident, $written:ident, $history:ident;)*) => {
        /// The columns of `tasks`. The last three are not fields of [`Task`], or not always loaded.
        pub(in crate::store) const COLUMNS: &[TaskColumn] = &[
            $(TaskColumn {
                name: stringify!($name),
                written: Written::$written,
                history: InHistory::$history,
                value: kind::$kind::value,
                bind: |query, stored| kind::$kind::bind(query, &stored.task.$name),
                differs: |before, after| before.$name != after.$name,
            },)*
            TaskColumn {
                name: "description",
                written: Written::ChangedIfGiven,
                history: InHistory::Untracked,
                value: kind::NullableText::value,
                bind: |query, stored| Ok(query.bind(&stored.task.description)),
                differs: |_, _| false,
            },
            TaskColumn {
                name: "description_version",
                written: Written::ChangedAlone,
                history: InHistory::Untracked,
                value: kind::Number::value,
                bind: |query, stored| Ok(query.bind(stored.description_version)),
                differs: |_, _| false,
            },
            // `task_history` has it as `present`.
            TaskColumn {
                name: "deleted_at",
                written: Written::Changed,
                history: InHistory::Untracked,
                value: kind::NullableMillis::value,
                bind: |query, stored| Ok(query.bind(stored.deleted.then_some(stored.task.updated_at.millis()))),
                differs: |_, _| false,
            },
        ];

        /// Reads a task without its description from the columns of `task_columns!`.
        pub(super) fn read(row: &AnyRow) -> Result<Task, StoreError> {
            // The compiler reports a field of `Task` that is missing in the list above.
            Ok(Task { $($name: kind::$kind::read(row, stringify!($name))?,)* description: None })
        }
    };
}
with_task_columns!(columns);

/// The columns of table `t` that make a [`TaskRow`](crate::store::TaskRow), as a literal.
macro_rules! task_columns {
    () => {
        $crate::store::tasks::with_task_columns!($crate::store::tasks::names_of_task_columns)
    };
}

/// The names in the list of columns, as a literal.
macro_rules! names_of_task_columns {
    ($($name:ident: $kind:ident, $written:ident, $history:ident;)*) => {
        concat!($("t.", stringify!($name), ", ",)* "t.description_version, t.deleted_at")
    };
}
pub(in crate::store) use {names_of_task_columns, task_columns, with_task_columns};
