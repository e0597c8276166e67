//! Op → board: how the page shows a pending op.
//!
//! This predicts what the server will do. It is recomputed at each change of the confirmed board, so nothing depends on
//! it. Where it has nothing to go by (the task or the column is gone) it shows nothing, and the server's refusal
//! explains why.

mod structure;

use std::collections::HashMap;

use super::{pending::PendingOp, removed::RemovedItems};
use crate::{Board, Category, Op, Placement, Rank, StatusId, Task, TaskDraft, TaskId, Timestamp, UserId};

/// Inputs of the prediction besides the board.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// Whose ops they are.
    pub(super) me: UserId,
    /// Copies of removed items, for ops that restore one.
    pub(super) removed: &'a RemovedItems,
}

/// Plays the ops on the board, oldest first.
pub(super) fn play<'a>(board: &mut Board, ops: impl Iterator<Item = &'a PendingOp>, known: Known<'_>) {
    let mut deleted = HashMap::new();
    let mut structure = structure::Structure::new(known);
    for PendingOp { op_id, op, at } in ops {
        match op {
            Op::CreateTask { draft, .. } => {
                // The session gives every draft an id before it comes here.
                let id = draft.id.unwrap_or(TaskId::new(op_id.uuid()));
                create(board, id, draft, *at, known.me);
            }
            Op::UpdateTask { task_id, patch } => change(board, *task_id, |task| patch.apply(task, *at)),
            Op::MoveTask { task_id, to } => relocate(board, *task_id, to, *at),
            Op::AssignTask { task_id, assignee_id } => change(board, *task_id, |task| task.assignee_id = *assignee_id),
            Op::DeleteTask { task_id } => {
                if let Some(task) = board.take(*task_id) {
                    deleted.insert(*task_id, task);
                }
            }
            Op::RestoreTask { task_id } => {
                if let Some(task) = deleted.remove(task_id).or_else(|| known.removed.get(*task_id).cloned()) {
                    restore(board, task);
                }
            }
            Op::AddComment { task_id, .. } | Op::RestoreComment { task_id, .. } => {
                change(board, *task_id, |task| task.comment_count += 1);
            }
            Op::EditComment { .. } => {}
            Op::DeleteComment { task_id, .. } => {
                change(board, *task_id, |task| task.comment_count = task.comment_count.saturating_sub(1));
            }
            Op::DeleteStatus { .. }
            | Op::RestoreStatus { .. }
            | Op::ChangeRole { .. }
            | Op::RemoveMember { .. }
            | Op::RestoreMember { .. } => structure.play(board, op),
        }
    }
}

fn create(board: &mut Board, id: TaskId, draft: &TaskDraft, at: Timestamp, me: UserId) {
    let first = board.statuses.first().map(|status| status.id);
    let Some(status_id) = draft.status_id.or(first).filter(|id| board.status(*id).is_some()) else { return };
    // A snapshot may contain it before the answer arrives.
    if board.task(id).is_some() {
        return;
    }
    let rank = place(board, id, &Placement { status_id, after_id: None, before_id: None });
    let mut task = Task::new(id, board.project.id, (status_id, rank), (me, at));
    draft.apply(&mut task);
    task.completed_at = completed(board, status_id, None, at);
    task.version = 0;
    board.put(task);
}

fn relocate(board: &mut Board, id: TaskId, to: &Placement, at: Timestamp) {
    if board.status(to.status_id).is_none() {
        return;
    }
    let Some(mut task) = board.take(id) else { return };
    task.rank = place(board, id, to);
    task.status_id = to.status_id;
    task.completed_at = completed(board, to.status_id, task.completed_at, at);
    board.put(task);
}

fn restore(board: &mut Board, mut task: Task) {
    if board.task(task.id).is_some() {
        return;
    }
    if board.status(task.status_id).is_none() {
        let Some(first) = board.statuses.first() else { return };
        task.status_id = first.id;
    }
    board.put(task);
}

fn change(board: &mut Board, id: TaskId, with: impl FnOnce(&mut Task)) {
    if let Some(mut task) = board.take(id) {
        with(&mut task);
        board.put(task);
    }
}

/// `completed_at` follows the category of the column.
fn completed(board: &Board, status: StatusId, before: Option<Timestamp>, at: Timestamp) -> Option<Timestamp> {
    let done = board.status(status).is_some_and(|status| status.category == Category::Done);
    done.then(|| before.unwrap_or(at))
}

/// The rank that the server will probably assign, with the moved task out of the way.
fn place(board: &Board, moved: TaskId, to: &Placement) -> Rank {
    let key = |id: Option<TaskId>| {
        let task = board.task(id?)?;
        (task.id != moved && task.status_id == to.status_id).then(|| (task.rank.clone(), task.id))
    };
    let column = || board.columns.get(&to.status_id).into_iter();
    let ranks = |key: Option<&(Rank, TaskId)>| key.map(|(rank, _)| rank.clone());
    let (above, below) = if let Some(after) = key(to.after_id) {
        let next = column().flat_map(|column| column.from(&after)).find(|key| **key != after && key.1 != moved);
        (ranks(Some(&after)), ranks(next))
    } else if let Some(before) = key(to.before_id) {
        let last = column().flat_map(|column| column.before(&before)).rfind(|key| key.1 != moved);
        (ranks(last), ranks(Some(&before)))
    } else {
        (ranks(column().flatten().rfind(|key| key.1 != moved)), None)
    };
    Rank::between(above.as_ref(), below.as_ref())
        // Nothing fits between two equal ranks: the server re-ranks the column, and the prediction waits for it.
        .unwrap_or_else(|_| above.unwrap_or_default())
}
