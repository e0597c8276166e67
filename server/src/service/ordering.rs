//! Ordering: the rank of a card at its position in a column.

mod column;

use engine::{ApiError, Change, Placement, Rank, Status, TaskId, event::Reranked};

use super::{ServiceError, write::ProjectWrite};
use crate::store::{Anchor, InsertionPoint};
pub(super) use column::{ColumnLayout, Ranked};

/// The rank for a position.
pub(super) struct Placed {
    /// The column.
    pub(super) status: Status,
    /// The rank in it.
    pub(super) rank: Rank,
}

/// Finds the rank for a position that a user chose. If the ranks of the column have become long or equal, the column
/// is ranked anew first, with an event.
///
/// # Errors
/// `rank_cycle` when the neighbours contradict each other; `status_not_found`.
pub(super) async fn find(write: &mut ProjectWrite, task: TaskId, to: Placement) -> Result<Placed, ServiceError> {
    check(task, to)?;
    let Placement { status_id, after_id, before_id } = to;
    let place = write.tx.place(write.project.id, status_id, task, after_id, before_id).await?;
    resolve(write, task, place).await
}

/// Ranks a position that was found on entering; `None` if the column does not exist.
///
/// # Errors
/// As [`find`].
pub(super) async fn resolve(
    write: &mut ProjectWrite,
    task: TaskId,
    place: Option<InsertionPoint>,
) -> Result<Placed, ServiceError> {
    let Some(place) = place else { return Err(status_not_found().into()) };
    rank_at(write, task, place).await
}

/// Checks that the neighbours don't contradict each other.
///
/// # Errors
/// `rank_cycle`.
pub(super) fn check(task: TaskId, to: Placement) -> Result<(), ApiError> {
    let Placement { after_id, before_id, .. } = to;
    let cycle =
        |field: &'static str| ApiError::new(422, "rank_cycle", "A card can't be placed next to itself.").on(field);
    if after_id == Some(task) {
        return Err(cycle("after_id"));
    }
    if before_id == Some(task) || (before_id.is_some() && before_id == after_id) {
        return Err(cycle("before_id"));
    }
    Ok(())
}

/// Finds the rank at the end of a column.
///
/// # Errors
/// `status_not_found`.
pub(super) async fn end(
    write: &mut ProjectWrite,
    task: TaskId,
    status: engine::StatusId,
) -> Result<Placed, ServiceError> {
    find(write, task, Placement { status_id: status, after_id: None, before_id: None }).await
}

/// The rank for a position; ranks the column anew if necessary.
pub(super) async fn rank_at(
    write: &mut ProjectWrite,
    task: TaskId,
    place: InsertionPoint,
) -> Result<Placed, ServiceError> {
    let InsertionPoint { status, above, below, anchor } = place;
    match Rank::between(above.as_ref(), below.as_ref()) {
        Ok(rank) if rank.as_str().len() <= Rank::LONG => Ok(Placed { status, rank }),
        _ => rerank(write, task, status, &anchor).await,
    }
}

/// Ranks a column anew in the same order, with a gap for a task at its position.
async fn rerank(
    write: &mut ProjectWrite,
    task: TaskId,
    status: Status,
    anchor: &Anchor,
) -> Result<Placed, ServiceError> {
    let mut column = write.tx.column(status.id).await?;
    column.retain(|(id, _)| *id != task);
    let position = |wanted: &TaskId| column.iter().position(|(id, _)| id == wanted);
    let at = match anchor {
        Anchor::After(id) => position(id).map_or(column.len(), |at| at + 1),
        Anchor::Before(id) => position(id).unwrap_or(column.len()),
        Anchor::Below(rank) => column.partition_point(|(_, other)| other <= rank),
        Anchor::End => column.len(),
    };
    let mut fresh = Rank::spread(column.len() + 1);
    if fresh.len() <= at {
        return Err(ServiceError::Internal("too few ranks"));
    }
    let rank = fresh.remove(at);
    let ranks: Vec<(TaskId, Rank)> = column.into_iter().map(|(id, _)| id).zip(fresh).collect();
    write.tx.save_ranks(&ranks).await?;
    write.record(Change::TasksReranked(Reranked { status_id: status.id, ranks }));
    Ok(Placed { status, rank })
}

/// The refusal of an unknown column.
pub(super) fn status_not_found() -> ApiError {
    ApiError::new(404, "status_not_found", "There's no such column on this board.").on("status_id")
}
