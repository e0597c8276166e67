//! Statuses: the columns of a board.

use engine::{ProjectId, Status, StatusId};
use sqlx::{
    Any, AnyConnection,
    any::{AnyArguments, AnyRow},
    query::Query,
};

use super::{
    Store, StoreError, WriteTx,
    row::{Columns, ReadRows, readable, word},
};

/// The columns of table `s` that make a [`Status`].
macro_rules! status_columns {
    () => {
        "s.id, s.project_id, s.name, s.color, s.rank, s.wip_limit, s.category"
    };
}

impl Store {
    /// The statuses of a project, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn statuses(&self, project: ProjectId) -> Result<Vec<Status>, StoreError> {
        let mut connection = self.reader.acquire().await?;
        all(&mut connection, project).await
    }
}

impl WriteTx {
    /// The statuses of a project, in order.
    pub(crate) async fn statuses(&mut self, project: ProjectId) -> Result<Vec<Status>, StoreError> {
        all(&mut self.tx, project).await
    }

    /// Inserts a status.
    pub(crate) async fn add_status(&mut self, status: &Status) -> Result<(), StoreError> {
        let insert = "INSERT INTO statuses (id, name, color, rank, wip_limit, category, project_id)
                      VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let project = status.project_id.to_string();
        bind(sqlx::query(insert), status)?.bind(project).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Stores the changeable fields of a status.
    pub(crate) async fn save_status(&mut self, status: &Status) -> Result<(), StoreError> {
        let update =
            "UPDATE statuses SET name = $2, color = $3, rank = $4, wip_limit = $5, category = $6 WHERE id = $1";
        bind(sqlx::query(update), status)?.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Whether a status has tasks on the board.
    pub(crate) async fn has_tasks(&mut self, status: StatusId) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM tasks WHERE status_id = $1 AND deleted_at IS NULL LIMIT 1";
        Ok(sqlx::query(sql).bind(status.to_string()).fetch_optional(&mut *self.tx).await?.is_some())
    }

    /// Deletes a status.
    pub(crate) async fn delete_status(&mut self, status: StatusId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM statuses WHERE id = $1").bind(status.to_string()).execute(&mut *self.tx).await?;
        Ok(())
    }
}

/// Binds the changeable fields of a status, `$1` (its id) to `$6`.
fn bind<'q>(
    query: Query<'q, Any, AnyArguments>,
    status: &'q Status,
) -> Result<Query<'q, Any, AnyArguments>, StoreError> {
    Ok(query
        .bind(status.id.to_string())
        .bind(&status.name)
        .bind(&status.color)
        .bind(status.rank.as_str())
        .bind(status.wip_limit.map(i64::from))
        .bind(word(status.category)?))
}

/// The readable statuses of a project, in order.
pub(super) async fn all(connection: &mut AnyConnection, project: ProjectId) -> Result<Vec<Status>, StoreError> {
    Ok(rows(connection, project).await?.rows)
}

/// The readable statuses, with the number of unreadable ones.
pub(super) async fn rows(connection: &mut AnyConnection, project: ProjectId) -> Result<ReadRows<Status>, StoreError> {
    let rows = sqlx::query(concat!(
        "SELECT ",
        status_columns!(),
        " FROM statuses s WHERE s.project_id = $1 ORDER BY s.rank, s.id"
    ))
    .bind(project.to_string())
    .fetch_all(connection)
    .await?;
    Ok(readable("statuses", &rows, status))
}

/// The names of a status's columns.
type Names = [&'static str; 7];
/// As in `status_columns!`.
const PLAIN: Names = ["id", "project_id", "name", "color", "rank", "wip_limit", "category"];
/// With a prefix, beside columns of another table.
pub(super) const PREFIXED: Names = ["s_id", "s_project_id", "s_name", "s_color", "s_rank", "s_wip_limit", "s_category"];

/// From the columns of `status_columns!`.
fn status(row: &AnyRow) -> Result<Status, StoreError> {
    status_as(row, &PLAIN)
}

/// Reads columns of these names.
pub(super) fn status_as(row: &AnyRow, names: &Names) -> Result<Status, StoreError> {
    let [id, project_id, name, color, rank, wip_limit, category] = *names;
    let limit = row.opt_int(wip_limit)?.map(u32::try_from).transpose();
    Ok(Status {
        id: row.parse(id)?,
        project_id: row.parse(project_id)?,
        name: row.text(name)?,
        color: row.text(color)?,
        rank: row.rank(rank)?,
        wip_limit: limit.map_err(|_| StoreError::Unreadable(wip_limit.into()))?,
        category: row.word(category)?,
    })
}
