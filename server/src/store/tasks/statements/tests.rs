use std::collections::BTreeSet;

use super::*;
use crate::store::{Store, row::Columns as _, tasks::task_columns};

/// The names of a table's columns in a new database.
async fn columns_of(table: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite:{}", folder.path().join("a.db").display())).await.unwrap();
    store.migrate().await.unwrap();
    let sql = "SELECT name FROM pragma_table_info($1)";
    let rows = sqlx::query(sql).bind(table).fetch_all(&store.reader).await.unwrap();
    store.close().await;
    rows.iter().map(|row| row.text("name").unwrap()).collect()
}

#[tokio::test]
async fn the_list_matches_the_table() {
    let mut table = columns_of("tasks").await;
    for column in COLUMNS {
        assert!(
            table.remove(column.name),
            "the table `tasks` has no column `{}`: add it in a new file of server/migrations, and name the file in \
             server/src/store/dialect.rs",
            column.name
        );
    }
    assert!(
        table.is_empty(),
        "no statement reads or writes the columns {table:?} of `tasks`: list them in server/src/store/tasks/columns.rs"
    );
}

#[tokio::test]
async fn the_history_has_the_listed_columns() {
    let mut table = columns_of("task_history").await;
    for own in ["task_id", "project_id", "seq", "at", "category", "present"] {
        assert!(table.remove(own), "{own}");
    }
    for column in history_columns() {
        assert!(
            table.remove(column.name),
            "`{0}` is {1:?} in server/src/store/tasks/columns.rs, and `task_history` has no column for it: add one in a new \
             file of server/migrations, or make `{0}` NotInHistory",
            column.name,
            column.history
        );
    }
    assert!(
        table.is_empty(),
        "`task_history` has columns that nothing fills, {table:?}: make them AddsRow or Copied in \
         server/src/store/tasks/columns.rs"
    );
}

#[test]
fn each_column_has_a_parameter() {
    let parameters: BTreeSet<usize> = INSERT_COLUMNS.iter().map(|column| parameter_number(column.name)).collect();
    assert_eq!(parameters, (1..=insert_parameters()).collect());
    assert!(INSERT_COLUMNS.iter().all(
        |column| (parameter_number(column.name) > *UPDATE_PARAMETERS) == (column.written == WrittenOn::InsertOnly)
    ));
    assert_eq!((parameter_number("id"), BULK_COLUMNS[0].name), (1, "id"));
    // Other statements name these.
    for name in ["project_id", "status_id", "created_at", "deleted_at"] {
        assert!(parameter_number(name) > 0, "{name}");
    }
}

#[test]
fn an_update_keeps_columns_that_are_not_loaded() {
    assert!(
        UPDATE.contains(&format!("description = COALESCE({}, description)", parameter("description"))),
        "{}",
        *UPDATE
    );
    assert!(UPDATE.contains(&format!("estimate_hours = NULLIF({}, -1.0)", parameter("estimate_hours"))), "{}", *UPDATE);
    let many = update_many(2);
    assert!(!many.contains("description") && !many.contains("title"), "{many}");
    assert!(many.contains("estimate_hours = NULLIF(v.column"), "{many}");
    assert!(!UPDATE.contains("created_"), "{}", *UPDATE);
}

#[test]
fn a_query_selects_each_column_that_is_always_loaded() {
    let query: BTreeSet<&str> = task_columns!().split(", ").filter_map(|column| column.strip_prefix("t.")).collect();
    let listed: BTreeSet<&str> =
        COLUMNS.iter().map(|column| column.name).filter(|name| *name != "description").collect();
    assert_eq!(query, listed);
}
