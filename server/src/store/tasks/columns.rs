//! The columns of `tasks`, listed once. Every statement that reads or writes whole tasks is built from this list.

use engine::Task;
use sqlx::any::AnyRow;

use super::kind::{self, BoundQuery, ColumnKind, Parameter as _};
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
            id: Id, Key, NotInHistory;
            project_id: Id, InsertOnly, NotInHistory;
            status_id: Id, AnyUpdate, AddsRow;
            rank: RankText, AnyUpdate, NotInHistory;
            title: PlainText, SingleUpdate, NotInHistory;
            assignee_id: NullableId, AnyUpdate, AddsRow;
            priority: EnumText, AnyUpdate, NotInHistory;
            start_at: NullableDate, AnyUpdate, NotInHistory;
            due_at: NullableDate, AnyUpdate, AddsRow;
            estimate_hours: NullableFraction, AnyUpdate, NotInHistory;
            blocked_reason: NullableText, AnyUpdate, AddsRow;
            blocked_since: NullableMillis, AnyUpdate, Copied;
            completed_at: NullableMillis, AnyUpdate, Copied;
            created_by: Id, InsertOnly, NotInHistory;
            created_at: Millis, InsertOnly, NotInHistory;
            updated_at: Millis, AnyUpdate, NotInHistory;
            version: Number, AnyUpdate, NotInHistory;
            comment_count: Unsigned, Separately, NotInHistory;
        }
    };
}

/// Which statements write a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum WrittenOn {
    /// None after the INSERT: it is the primary key.
    Key,
    /// The INSERT only.
    InsertOnly,
    /// The INSERT, and every UPDATE of one task or of many.
    AnyUpdate,
    /// The INSERT, and the UPDATE of a single task.
    SingleUpdate,
    /// As `SingleUpdate`, unless the value is not loaded: the description is loaded only on demand.
    SingleUpdateIfLoaded,
    /// None of these: other statements maintain it.
    Separately,
}

/// Whether `task_history` has a column too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum HistoryColumn {
    /// It does not.
    NotInHistory,
    /// It does, and a change of the value adds a row.
    AddsRow,
    /// It does. It only changes together with a column that `AddsRow`.
    Copied,
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
    pub(in crate::store) written: WrittenOn,
    /// Whether it is in the history.
    pub(in crate::store) history: HistoryColumn,
    /// Turns the SQL of a parameter into the SQL of the value to store.
    pub(in crate::store) value: fn(&str) -> String,
    /// Binds the value as the next parameter.
    pub(in crate::store) bind: for<'q> fn(BoundQuery<'q>, StoredTask<'q>) -> Result<BoundQuery<'q>, StoreError>,
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
                written: WrittenOn::$written,
                history: HistoryColumn::$history,
                value: kind::$kind::value,
                bind: |query, stored| kind::$kind::bind(query, &stored.task.$name),
                differs: |before, after| before.$name != after.$name,
            },)*
            TaskColumn {
                name: "description",
                written: WrittenOn::SingleUpdateIfLoaded,
                history: HistoryColumn::NotInHistory,
                value: kind::NullableText::value,
                bind: |query, stored| Ok(query.bind(&stored.task.description)),
                differs: |_, _| false,
            },
            TaskColumn {
                name: "description_version",
                written: WrittenOn::SingleUpdate,
                history: HistoryColumn::NotInHistory,
                value: kind::Number::value,
                bind: |query, stored| Ok(query.bind(stored.description_version)),
                differs: |_, _| false,
            },
            // `task_history` has it as `present`.
            TaskColumn {
                name: "deleted_at",
                written: WrittenOn::AnyUpdate,
                history: HistoryColumn::NotInHistory,
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
