//! The statements that write whole tasks, and their parameter numbers.

use std::sync::LazyLock;

use super::{
    columns::{COLUMNS, HistoryColumn, StoredTask, TaskColumn, WrittenOn},
    kind::BoundQuery,
};
use crate::store::{StoreError, dialect::placeholders};

/// The columns that an INSERT writes, in parameter order. Those that an UPDATE also writes come first, so that both
/// number them alike.
static INSERT_COLUMNS: LazyLock<Vec<&'static TaskColumn>> = LazyLock::new(|| {
    let (mut columns, made): (Vec<_>, Vec<_>) = COLUMNS
        .iter()
        .filter(|column| column.written != WrittenOn::Separately)
        .partition(|column| column.written != WrittenOn::InsertOnly);
    columns.extend(made);
    columns
});

/// The columns that an UPDATE of many tasks writes, in order, the key first.
static BULK_COLUMNS: LazyLock<Vec<&'static TaskColumn>> = LazyLock::new(|| {
    let columns = INSERT_COLUMNS.iter().copied();
    columns.filter(|column| matches!(column.written, WrittenOn::Key | WrittenOn::AnyUpdate)).collect()
});

/// Updates one task, from the first [`UPDATE_PARAMETERS`] parameters.
pub(in crate::store) static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let columns = INSERT_COLUMNS.iter().take(*UPDATE_PARAMETERS).filter(|column| column.written != WrittenOn::Key);
    let changes: Vec<String> = columns
        .map(|column| {
            let (name, value) = (column.name, (column.value)(&parameter(column.name)));
            match column.written {
                WrittenOn::SingleUpdateIfLoaded => format!("{name} = COALESCE({value}, {name})"),
                _ => format!("{name} = {value}"),
            }
        })
        .collect();
    format!("UPDATE tasks SET {} WHERE id = {}", changes.join(", "), parameter("id"))
});

/// How many parameters [`bind_update`] binds.
pub(in crate::store) static UPDATE_PARAMETERS: LazyLock<usize> =
    LazyLock::new(|| INSERT_COLUMNS.iter().filter(|column| column.written != WrittenOn::InsertOnly).count());

/// Inserts a task, from the first [`insert_parameters`] parameters.
pub(super) static INSERT: LazyLock<String> = LazyLock::new(|| {
    let names: Vec<&str> = INSERT_COLUMNS.iter().map(|column| column.name).collect();
    let values: Vec<String> = INSERT_COLUMNS
        .iter()
        .map(|column| {
            let value = (column.value)(&parameter(column.name));
            match column.written {
                WrittenOn::SingleUpdateIfLoaded => format!("COALESCE({value}, '')"),
                _ => value,
            }
        })
        .collect();
    format!("INSERT INTO tasks ({}) VALUES ({})", names.join(", "), values.join(", "))
});

/// How many parameters [`bind_insert`] binds.
pub(super) fn insert_parameters() -> usize {
    INSERT_COLUMNS.len()
}

/// The parameter number of a column in [`UPDATE`] and [`INSERT`]; 0 if they don't write it.
pub(in crate::store) fn parameter_number(name: &str) -> usize {
    INSERT_COLUMNS.iter().position(|column| column.name == name).map_or(0, |index| index + 1)
}

/// The parameter of a column in [`UPDATE`] and [`INSERT`], as SQL.
pub(in crate::store) fn parameter(name: &str) -> String {
    format!("${}", parameter_number(name))
}

/// Binds the parameters of [`UPDATE`].
pub(in crate::store) fn bind_update<'q>(
    query: BoundQuery<'q>,
    stored: StoredTask<'q>,
) -> Result<BoundQuery<'q>, StoreError> {
    INSERT_COLUMNS.iter().take(*UPDATE_PARAMETERS).try_fold(query, |query, column| (column.bind)(query, stored))
}

/// Binds the parameters of [`INSERT`].
pub(super) fn bind_insert<'q>(query: BoundQuery<'q>, stored: StoredTask<'q>) -> Result<BoundQuery<'q>, StoreError> {
    INSERT_COLUMNS.iter().try_fold(query, |query, column| (column.bind)(query, stored))
}

/// The UPDATE of this many tasks.
pub(in crate::store) fn update_many(tasks: usize) -> String {
    // Both databases call the columns of a VALUES list column1, column2.
    let changes: Vec<String> = BULK_COLUMNS
        .iter()
        .zip(1..)
        .filter(|(column, _)| column.written != WrittenOn::Key)
        .map(|(column, number)| format!("{} = {}", column.name, (column.value)(&format!("v.column{number}"))))
        .collect();
    format!(
        "UPDATE tasks SET {} FROM (VALUES {}) AS v WHERE tasks.id = v.column1",
        changes.join(", "),
        placeholders(tasks, BULK_COLUMNS.len())
    )
}

/// Binds the parameters of one task of [`update_many`].
pub(in crate::store) fn bind_one_of_many<'q>(
    query: BoundQuery<'q>,
    stored: StoredTask<'q>,
) -> Result<BoundQuery<'q>, StoreError> {
    BULK_COLUMNS.iter().try_fold(query, |query, column| (column.bind)(query, stored))
}

/// The columns that `task_history` shares with `tasks`, in order.
pub(in crate::store) fn history_columns() -> impl Iterator<Item = &'static TaskColumn> {
    COLUMNS.iter().filter(|column| column.history != HistoryColumn::NotInHistory)
}

#[cfg(test)]
mod tests;
