//! What the page shows: the confirmed board with the pending ops played on it.
//!
//! There are no inverse patches. Whenever the confirmed board or the queue changes, every task that a
//! pending op had touched goes back to its confirmed self, and the queue is played anew: as many steps as
//! there are pending ops, whatever the size of the board, and exactly what a whole new play would give.

use std::collections::BTreeSet;

use super::{
    overlay::{self, Known},
    pending::Pending,
};
use crate::{Board, Op, Task, TaskId, UserId, apply::Touched};

/// What changed in the view since the page last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Everything: a new snapshot came.
    pub all: bool,
    /// Tasks to look at again: their fields, their place, or whether they are pending.
    pub tasks: Vec<TaskId>,
    /// Tasks that somebody else changed, and who.
    pub remote: Vec<(TaskId, UserId)>,
    /// Whether columns themselves changed.
    pub statuses: bool,
    /// Whether members changed.
    pub members: bool,
    /// Whether the project's own fields changed.
    pub project: bool,
    /// Whether the open thread changed, or another one is open.
    pub thread: bool,
}

impl Changes {
    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what an event touched besides tasks, which the view compares for itself.
    pub(super) fn add_structure(&mut self, touched: &Touched) {
        self.statuses |= touched.statuses;
        self.members |= touched.members;
        self.project |= touched.project;
    }
}

/// The view, and which of its tasks a page has to draw again.
#[derive(Clone, Debug)]
pub(super) struct View {
    board: Board,
    /// Tasks that may differ from their confirmed selves.
    overlaid: BTreeSet<TaskId>,
    /// Whether columns and members may differ from the confirmed ones.
    restructured: bool,
    changed: BTreeSet<TaskId>,
    /// What changed besides tasks because the queue was played anew.
    frame_changed: Touched,
}

impl View {
    /// The view of a board that nobody has touched.
    pub(super) fn new(confirmed: &Board) -> Self {
        Self {
            board: confirmed.clone(),
            overlaid: BTreeSet::new(),
            restructured: false,
            changed: BTreeSet::new(),
            frame_changed: Touched::default(),
        }
    }

    /// A whole new play.
    pub(super) fn play(confirmed: &Board, pending: &Pending, known: Known<'_>) -> Self {
        let mut view = Self {
            overlaid: pending.tasks().collect(),
            restructured: pending.ops().any(|op| is_structural(&op.op)),
            ..Self::new(confirmed)
        };
        overlay::play(&mut view.board, pending.ops(), known);
        view
    }

    pub(super) fn board(&self) -> &Board {
        &self.board
    }

    /// Has a task drawn again whose fields stay the same: it became, or ceased to be, pending.
    pub(super) fn mark(&mut self, task: Option<TaskId>) {
        self.changed.extend(task);
    }

    pub(super) fn take_changed(&mut self) -> Vec<TaskId> {
        std::mem::take(&mut self.changed).into_iter().collect()
    }

    /// What changed besides tasks, and no event has told.
    pub(super) fn take_frame_changes(&mut self) -> Touched {
        std::mem::take(&mut self.frame_changed)
    }

    /// Plays the queue anew after `touched` tasks of the confirmed board changed.
    pub(super) fn replay(&mut self, confirmed: &Board, touched: BTreeSet<TaskId>, pending: &Pending, known: Known<'_>) {
        let mut affected = touched;
        affected.append(&mut self.overlaid);
        self.overlaid = pending.tasks().collect();
        affected.extend(&self.overlaid);

        let before: Vec<(TaskId, Option<Task>)> = affected.into_iter().map(|id| (id, self.board.take(id))).collect();
        for (id, _) in &before {
            if let Some(task) = confirmed.task(*id) {
                self.board.put(task.clone());
            }
        }
        let structural = pending.ops().any(|op| is_structural(&op.op));
        // Few boards have an op on columns or members waiting: the others need not copy them.
        if structural || self.restructured {
            self.restructured = structural;
            let shown = (self.board.statuses.clone(), self.board.members.clone(), self.board.project.clone());
            self.frame(confirmed);
            overlay::play(&mut self.board, pending.ops(), known);
            self.frame_changed.statuses |= shown.0 != self.board.statuses;
            self.frame_changed.members |= shown.1 != self.board.members;
            self.frame_changed.project |= shown.2 != self.board.project;
        } else {
            overlay::play(&mut self.board, pending.ops(), known);
        }
        let changed = before.into_iter().filter(|(id, task)| self.board.task(*id) != task.as_ref());
        self.changed.extend(changed.map(|(id, _)| id));
    }

    /// Takes over all that is not tasks.
    pub(super) fn frame(&mut self, confirmed: &Board) {
        self.board.statuses.clone_from(&confirmed.statuses);
        self.board.members.clone_from(&confirmed.members);
        self.board.project.clone_from(&confirmed.project);
        self.board.unreadable = confirmed.unreadable;
    }

    /// Moves to the place in the log of the confirmed board.
    pub(super) fn advance(&mut self, confirmed: &Board) {
        (self.board.seq, self.board.last) = (confirmed.seq, confirmed.last);
    }
}

/// Whether an op changes something besides tasks.
fn is_structural(op: &Op) -> bool {
    op.status_id().is_some() || op.member_id().is_some()
}
