//! A change to many tasks: one transaction, one response, all or nothing.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    mem,
    num::NonZeroU32,
};

use engine::{
    ApiError, Bulk, BulkChange, BulkPatch, Change, Move, Placement, ProjectId, Rank, Status, StatusId, Task, TaskId,
    TaskPatch, event::Reranked, limit,
};
use serde::{Deserialize, Serialize};

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{Right, task_not_found},
    field::invalid,
    notice::TaskNotice,
    ordering::{ColumnLayout, Ranked, status_not_found},
    patch,
    task::{check_assignee, follow_category},
    write::ProjectWrite,
};
use crate::store::TaskRow;

/// Tasks that count as another write of a user, since they share a transaction and a request.
const PER_WRITE: u32 = 10;

/// Tasks after a write, and its `seq`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TasksChanged {
    /// The `seq` of the last event of the write.
    pub seq: u64,
    /// The tasks, in the requested order, without their descriptions.
    pub tasks: Vec<Task>,
}

/// Changes many tasks of a project, each with an event, or none of them.
///
/// # Errors
/// `project_not_found`, `forbidden`, `invalid` with the field; `too_many_writes`; `task_not_found` if one of them is
/// not on this board; those of the same change to one task.
pub async fn change(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    bulk: Bulk,
) -> Result<OpResponse, ServiceError> {
    let Bulk { ids, change } = bulk;
    check(&ids, &change)?;
    if let Some(cost) = NonZeroU32::new(u32::try_from(ids.len()).unwrap_or(u32::MAX) / PER_WRITE) {
        services.write_limit.count(intent.user.id, cost)?;
    }
    let mut write = ProjectWrite::enter(services, intent, project, Right::EditTasks).await?;
    let mut rows = find(&mut write, &ids, change == BulkChange::Restore).await?;
    match change {
        BulkChange::Move(to) => {
            let from: Vec<StatusId> = rows.iter().map(|row| row.task.status_id).collect();
            let Status { id, name, color, .. } = place(&mut write, &mut rows, &ids, to).await?;
            finish(write, rows, |index, task| {
                let from_status_id = from[index];
                let notice = (id != from_status_id).then(|| TaskNotice::Moved(name.clone()));
                let status_color = color.clone();
                (Change::TaskStatusChanged(Move { task, from_status_id, status_color }), notice)
            })
            .await
        }
        BulkChange::Assign(to) => {
            check_assignee(&mut write, to.assignee_id).await?;
            let to = to.assignee_id;
            if let Some(user) = to {
                let fresh = rows.iter().filter(|row| !row.watchers.settled(user));
                let fresh: Vec<_> = fresh.map(|row| (row.task.id, user)).collect();
                write.tx.watch(&fresh).await?;
            }
            let from: Vec<_> = rows.iter_mut().map(|row| mem::replace(&mut row.task.assignee_id, to)).collect();
            finish(write, rows, |index, task| {
                (Change::TaskAssigned(task), Some(TaskNotice::Assigned { from: from[index], to }))
            })
            .await
        }
        BulkChange::Set(fields) => {
            let mut fields = TaskPatch::from(fields);
            patch::check(&mut fields)?;
            let was_blocked: Vec<bool> = rows.iter().map(|row| row.task.blocked_reason.is_some()).collect();
            rows.iter_mut().for_each(|row| fields.apply(&mut row.task, write.at));
            finish(write, rows, |index, task| {
                let changed = was_blocked[index] != task.blocked_reason.is_some();
                let notice = changed.then(|| TaskNotice::Blocker(task.blocked_reason.clone()));
                (Change::TaskUpdated(task), notice)
            })
            .await
        }
        BulkChange::Delete => {
            rows.iter_mut().for_each(|row| row.deleted = true);
            finish(write, rows, |_, task| (Change::TaskDeleted(task), None)).await
        }
        BulkChange::Restore => {
            restore(&mut write, &mut rows).await?;
            finish(write, rows, |_, task| (Change::TaskRestored(task), None)).await
        }
    }
}

/// Checks that need no database.
fn check(ids: &[TaskId], change: &BulkChange) -> Result<(), ApiError> {
    if ids.is_empty() || ids.len() > limit::BULK {
        return Err(invalid("ids", format!("1 to {} tasks.", limit::BULK)));
    }
    let distinct: HashSet<TaskId> = ids.iter().copied().collect();
    if distinct.len() < ids.len() {
        return Err(invalid("ids", "A card is listed twice."));
    }
    match change {
        BulkChange::Set(fields) if *fields == BulkPatch::default() => {
            Err(invalid("change", "There's nothing to change."))
        }
        BulkChange::Move(Placement { after_id, before_id, .. }) => {
            let cycle = |id: &Option<TaskId>| id.is_some_and(|id| distinct.contains(&id));
            let message = "A card can't be placed next to itself.";
            match (cycle(after_id), cycle(before_id) || (before_id.is_some() && before_id == after_id)) {
                (true, _) => Err(ApiError::new(422, "rank_cycle", message).on("after_id")),
                (_, true) => Err(ApiError::new(422, "rank_cycle", message).on("before_id")),
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// The tasks, in the requested order.
async fn find(write: &mut ProjectWrite, ids: &[TaskId], deleted: bool) -> Result<Vec<TaskRow>, ServiceError> {
    let found = write.tx.tasks_of(write.project.id, ids).await?;
    let mut found: HashMap<TaskId, TaskRow> = found.into_iter().map(|row| (row.task.id, row)).collect();
    let rows = ids.iter().map(|id| match found.remove(id) {
        Some(row) if row.deleted == deleted => Ok(row),
        Some(_) if deleted => {
            let error = ApiError::new(409, "task_not_deleted", "One of these cards isn't deleted.");
            Err(error.on("ids").with_current(serde_json::json!({ "id": id })))
        }
        _ => Err(task_not_found().on("ids").with_current(serde_json::json!({ "id": id }))),
    });
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Moves tasks to a position in a column. Returns the column.
async fn place(
    write: &mut ProjectWrite,
    rows: &mut [TaskRow],
    ids: &[TaskId],
    to: Placement,
) -> Result<Status, ServiceError> {
    let statuses = write.tx.statuses(write.project.id).await?;
    let status = statuses.into_iter().find(|status| status.id == to.status_id).ok_or_else(status_not_found)?;
    let moving: HashSet<TaskId> = ids.iter().copied().collect();
    let mut column = write.tx.column(status.id).await?;
    column.retain(|(id, _)| !moving.contains(id));
    let mut order = ColumnLayout::new(column);
    let below = |id: TaskId| order.position(id).map(|at| at + 1);
    let at = to.after_id.and_then(below).or_else(|| to.before_id.and_then(|id| order.position(id)));
    order.insert(at.unwrap_or(order.len()), ids);
    store_ranks(write, rows, &status, order.rank()).await?;
    Ok(status)
}

/// Restores deleted tasks at their former positions, or at the end of the first column if their column is gone.
async fn restore(write: &mut ProjectWrite, rows: &mut [TaskRow]) -> Result<(), ServiceError> {
    let statuses = write.tx.statuses(write.project.id).await?;
    let first = statuses.first().ok_or_else(status_not_found)?.id;
    let mut returning: BTreeMap<StatusId, Vec<(bool, Rank, TaskId)>> = BTreeMap::new();
    for row in rows.iter() {
        let lost = !statuses.iter().any(|status| status.id == row.task.status_id);
        let status = if lost { first } else { row.task.status_id };
        returning.entry(status).or_default().push((lost, row.task.rank.clone(), row.task.id));
    }
    for (id, mut tasks) in returning {
        let Some(status) = statuses.iter().find(|status| status.id == id) else { continue };
        tasks.sort_unstable();
        let mut order = ColumnLayout::new(write.tx.column(id).await?);
        for (lost, rank, task) in tasks {
            if lost {
                order.insert(order.len(), &[task]);
            } else {
                order.restore(task, rank);
            }
        }
        store_ranks(write, rows, status, order.rank()).await?;
    }
    rows.iter_mut().for_each(|row| row.deleted = false);
    Ok(())
}

/// Stores the ranks of a column: sets them in the changed rows, and saves those of cards that had to move.
async fn store_ranks(
    write: &mut ProjectWrite,
    rows: &mut [TaskRow],
    status: &Status,
    ranked: Ranked,
) -> Result<(), ServiceError> {
    let Ranked { all, mut moved } = ranked;
    let ranks: HashMap<TaskId, Rank> = all.into_iter().collect();
    let mut ours = HashSet::new();
    for row in rows {
        let Some(rank) = ranks.get(&row.task.id) else { continue };
        row.task.status_id = status.id;
        row.task.rank = rank.clone();
        follow_category(&mut row.task, status, write.at);
        ours.insert(row.task.id);
    }
    // A restored card reports its own rank.
    moved.retain(|(id, _)| !ours.contains(id));
    if !moved.is_empty() {
        write.tx.save_ranks(&moved).await?;
        write.record(Change::TasksReranked(Reranked { status_id: status.id, ranks: moved }));
    }
    Ok(())
}

async fn finish(
    mut write: ProjectWrite,
    mut rows: Vec<TaskRow>,
    change: impl Fn(usize, Task) -> (Change, Option<TaskNotice>),
) -> Result<OpResponse, ServiceError> {
    rows.iter_mut().for_each(|row| row.touch(write.at));
    write.tx.save_tasks(&rows).await?;
    let changed: Vec<TaskId> = rows.iter().filter(|row| row.state_changed()).map(|row| row.task.id).collect();
    write.tx.append_history(&changed, write.next_seq(), write.at).await?;
    let mut seq = 0;
    for (index, TaskRow { task, watchers, .. }) in rows.iter().enumerate() {
        let (change, notice) = change(index, task.clone());
        seq = write.record(change);
        if let Some(notice) = notice {
            write.notify(task, watchers, notice);
        }
    }
    let tasks = rows.into_iter().map(|row| row.task).collect();
    write.commit(200, &TasksChanged { seq, tasks }).await
}
