//! Insertion points: where a task goes in its column.

use engine::{ProjectId, Rank, Status, StatusId, TaskId};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::Columns,
    statuses,
};

/// A position in an existing column.
#[derive(Clone, Debug)]
pub(crate) struct InsertionPoint {
    /// The column.
    pub(crate) status: Status,
    /// The rank directly above; `None` at the top.
    pub(crate) above: Option<Rank>,
    /// The rank directly below; `None` at the end.
    pub(crate) below: Option<Rank>,
    /// What the position was found by.
    pub(crate) anchor: Anchor,
}

/// The neighbour that defines a position, even between equal ranks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// Directly below this task.
    After(TaskId),
    /// Directly above this task.
    Before(TaskId),
    /// Below every task of this rank.
    Below(Rank),
    /// At the end.
    End,
}

/// A query of a position, with the names of its parameters. Read by [`place`].
macro_rules! place_of {
    (task: $task:literal, project: $project:literal, status: $status:literal, after: $after:literal, before: $before:literal) => {
        concat!(
            "SELECT s.id AS s_id, s.project_id AS s_project_id, s.name AS s_name, s.color AS s_color, s.rank AS s_rank,
             s.wip_limit AS s_wip_limit, s.category AS s_category, a.rank AS after_rank, b.rank AS before_rank,
             (SELECT n.rank FROM tasks n WHERE n.status_id = s.id AND n.deleted_at IS NULL AND n.id <> ",
            $task,
            "
              AND (n.rank, n.id) > (a.rank, a.id) ORDER BY n.rank, n.id LIMIT 1) AS after_next,
             (SELECT n.rank FROM tasks n WHERE n.status_id = s.id AND n.deleted_at IS NULL AND n.id <> ",
            $task,
            "
              AND (n.rank, n.id) < (b.rank, b.id) ORDER BY n.rank DESC, n.id DESC LIMIT 1) AS before_previous,
             (SELECT n.rank FROM tasks n WHERE n.status_id = s.id AND n.deleted_at IS NULL AND n.id <> ",
            $task,
            "
              ORDER BY n.rank DESC, n.id DESC LIMIT 1) AS last_rank
             FROM statuses s
             LEFT JOIN tasks a ON a.id = ",
            $after,
            " AND a.status_id = s.id AND a.deleted_at IS NULL
             LEFT JOIN tasks b ON b.id = ",
            $before,
            " AND b.status_id = s.id AND b.deleted_at IS NULL
             WHERE s.id = ",
            $status,
            " AND s.project_id = ",
            $project
        )
    };
}
pub(super) use place_of;

/// Reads the columns of `place_of!`; `None` if the join found no such column.
pub(super) fn place(
    row: &AnyRow,
    after: Option<TaskId>,
    before: Option<TaskId>,
) -> Result<Option<InsertionPoint>, StoreError> {
    if row.opt_text("s_id")?.is_none() {
        return Ok(None);
    }
    let (after_text, before_text) = (row.opt_text("after_rank")?, row.opt_text("before_rank")?);
    let (above, below, anchor) =
        match (after.filter(|_| after_text.is_some()), before.filter(|_| before_text.is_some())) {
            (Some(after), _) => ("after_rank", Some("after_next"), Anchor::After(after)),
            (None, Some(before)) => ("before_previous", Some("before_rank"), Anchor::Before(before)),
            (None, None) => ("last_rank", None, Anchor::End),
        };
    let (above, below) = match (row.opt_rank(above), below.map_or(Ok(None), |below| row.opt_rank(below))) {
        // Equal ranks leave no room, so the caller ranks the column anew, which makes the ranks readable again.
        (Err(StoreError::Unreadable(_)), _) | (_, Err(StoreError::Unreadable(_))) => {
            (Some(Rank::default()), Some(Rank::default()))
        }
        (above, below) => (above?, below?),
    };
    Ok(Some(InsertionPoint { status: statuses::status_as(row, &statuses::PREFIXED)?, above, below, anchor }))
}

impl WriteTx {
    /// The position that two neighbours define for a task. A neighbour outside the column is ignored; `after` takes
    /// precedence over `before`. `None` if the column does not exist.
    pub(crate) async fn place(
        &mut self,
        project: ProjectId,
        status: StatusId,
        task: TaskId,
        after: Option<TaskId>,
        before: Option<TaskId>,
    ) -> Result<Option<InsertionPoint>, StoreError> {
        let sql = place_of!(task: "$5", project: "$2", status: "$1", after: "$3", before: "$4");
        let row = sqlx::query(sql)
            .bind(status.to_string())
            .bind(project.to_string())
            .bind(after.map(|id| id.to_string()))
            .bind(before.map(|id| id.to_string()))
            .bind(task.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map_or(Ok(None), |row| place(&row, after, before))
    }

    /// The neighbours of a rank, not counting the task that wants it back: the nearest rank at or above it, and the
    /// nearest below.
    pub(crate) async fn neighbours(
        &mut self,
        status: StatusId,
        task: TaskId,
        rank: &Rank,
    ) -> Result<(Option<Rank>, Option<Rank>), StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT MAX(n.rank) FROM tasks n WHERE n.status_id = $1 AND n.deleted_at IS NULL AND n.id <> $2
                     AND n.rank <= $3) AS above,
                    (SELECT MIN(n.rank) FROM tasks n WHERE n.status_id = $1 AND n.deleted_at IS NULL AND n.id <> $2
                     AND n.rank > $3) AS below",
        )
        .bind(status.to_string())
        .bind(task.to_string())
        .bind(rank.as_str())
        .fetch_one(&mut *self.tx)
        .await?;
        // An unreadable rank defines no position.
        Ok((row.opt_rank("above").ok().flatten(), row.opt_rank("below").ok().flatten()))
    }

    /// The tasks of a column and their ranks, in order.
    pub(crate) async fn column(&mut self, status: StatusId) -> Result<Vec<(TaskId, Rank)>, StoreError> {
        let rows =
            sqlx::query("SELECT id, rank FROM tasks WHERE status_id = $1 AND deleted_at IS NULL ORDER BY rank, id")
                .bind(status.to_string())
                .fetch_all(&mut *self.tx)
                .await?;
        // The rows are in order even if a rank is unreadable.
        rows.iter().map(|row| Ok((row.parse("id")?, row.rank("rank").unwrap_or_default()))).collect()
    }

    /// Stores new ranks in few statements.
    pub(crate) async fn save_ranks(&mut self, ranks: &[(TaskId, Rank)]) -> Result<(), StoreError> {
        for chunk in ranks.chunks(CHUNK) {
            // Both databases call the columns of a VALUES list column1, column2.
            let sql = format!(
                "UPDATE tasks SET rank = v.column2 FROM (VALUES {}) AS v WHERE tasks.id = v.column1",
                placeholders(chunk.len(), 2)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
            for (id, rank) in chunk {
                query = query.bind(id.to_string()).bind(rank.as_str());
            }
            query.execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}
