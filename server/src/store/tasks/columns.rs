//! The columns of a task, listed once. Each statement that reads or writes whole tasks is made from this list.

use engine::Task;
use sqlx::any::AnyRow;

use super::kind::{self, Bound, ColumnKind, Parameter as _};
use crate::store::StoreError;

/// Calls a macro with the columns of a task.
///
/// A row has the name of a column, which is also that of the field of [`Task`]; how its values are stored (a type in
/// [`kind`]); which statements write it ([`Written`]); and whether the history has it ([`InHistory`]):
///
/// ```text
/// due_at: NullableDate, Changed, Tracked;
/// ```
///
/// stores `Task::due_at` as a date, in each write of one task or of many, with a new row in `task_history` when it changes.
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

/// When a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Written {
    /// It names the row.
    Key,
    /// When the task is made.
    Made,
    /// When the task is made, and with each change, of one task or of many.
    Changed,
    /// When the task is made, and with each change of this one task.
    ChangedAlone,
    /// The same, where the write has a value: the description is loaded only when asked for.
    ChangedIfGiven,
    /// In statements of its own.
    Elsewhere,
}

/// Whether the rows of `task_history` have a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum InHistory {
    /// No.
    Untracked,
    /// Yes, and when it changes, there is one row more.
    Tracked,
    /// Yes. It changes with one that is tracked.
    Recorded,
}

/// What a write stores of a task.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct StoredTask<'q> {
    /// The task.
    pub(in crate::store) task: &'q Task,
    /// Its version when its description last changed.
    pub(in crate::store) description_version: i64,
    /// Whether it is off the board.
    pub(in crate::store) deleted: bool,
}

/// A column of a task.
pub(in crate::store) struct TaskColumn {
    /// Its name in `tasks`, and in `task_history` where that has it.
    pub(in crate::store) name: &'static str,
    /// When it is written.
    pub(in crate::store) written: Written,
    /// Whether it is in the history.
    pub(in crate::store) history: InHistory,
    /// The SQL of the value to store, from that of its parameter.
    pub(in crate::store) value: fn(&str) -> String,
    /// Binds its parameter.
    pub(in crate::store) bind: for<'q> fn(Bound<'q>, StoredTask<'q>) -> Result<Bound<'q>, StoreError>,
    /// Whether it differs between two states of a task.
    pub(in crate::store) differs: fn(&Task, &Task) -> bool,
}

/// Makes the table of columns, and reads a task from them.
macro_rules! columns {
    ($($name:ident: $kind:ident, $written:ident, $history:ident;)*) => {
        /// The columns of a task. The last ones are no fields of [`Task`], or are not always loaded.
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
            // The history has it as `present`.
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
            // A field that is missing here is missing in the list above.
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

/// The same of the rows of the list.
macro_rules! names_of_task_columns {
    ($($name:ident: $kind:ident, $written:ident, $history:ident;)*) => {
        concat!($("t.", stringify!($name), ", ",)* "t.description_version, t.deleted_at")
    };
}
pub(in crate::store) use {names_of_task_columns, task_columns, with_task_columns};
