//! The board that the page shows: the confirmed board with the pending ops played on it.
//!
//! There are no inverse patches. When the confirmed board or the queue changes, every task that a pending op touched is
//! reset to its confirmed state, and the queue is replayed. The cost depends on the number of pending ops, not on the
//! size of the board, and the result equals a full replay.

use super::{
    overlay::{self, Known},
    pending::Pending,
};
use crate::{Board, Op, Task, TaskId, UserId, apply::Touched, sorted::SortedSet};

/// What changed in the view since the page last asked: what it has to redraw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Everything changed: a new snapshot was applied.
    pub all: bool,
    /// Tasks whose fields, place or pending state changed.
    pub tasks: Vec<TaskId>,
    /// Tasks changed by other users, with the user.
    pub remote: Vec<(TaskId, UserId)>,
    /// Whether columns themselves changed.
    pub statuses: bool,
    /// Whether members changed.
    pub members: bool,
    /// Whether the project's own fields changed.
    pub project: bool,
    /// Whether the open thread changed or was replaced by another.
    pub thread: bool,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Merges the columns, members and project fields that an event touched. The view tracks tasks itself.
    pub(super) fn add_structure(&mut self, touched: &Touched) {
        self.statuses |= touched.statuses;
        self.members |= touched.members;
        self.project |= touched.project;
    }
}

/// The view, and which tasks the page has to redraw.
#[derive(Clone, Debug)]
pub(super) struct View {
    board: Board,
    /// Tasks that pending ops may have changed.
    overlaid: SortedSet<TaskId>,
    /// Whether pending ops may have changed columns or members.
    restructured: bool,
    changed: SortedSet<TaskId>,
    /// Columns, members or project fields that a replay changed.
    frame_changed: Touched,
}

impl View {
    /// A view without pending ops.
    pub(super) fn new(confirmed: &Board) -> Self {
        Self {
            board: confirmed.clone(),
            overlaid: SortedSet::new(),
            restructured: false,
            changed: SortedSet::new(),
            frame_changed: Touched::default(),
        }
    }

    /// Plays the whole queue on the confirmed board.
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

    /// Marks a task for a redraw although its fields are the same: it became pending, or is no longer.
    pub(super) fn mark(&mut self, task: Option<TaskId>) {
        self.changed.extend(task);
    }

    pub(super) fn take_changed(&mut self) -> Vec<TaskId> {
        std::mem::take(&mut self.changed).into_iter().collect()
    }

    /// Changes to columns, members and the project that no event reported.
    pub(super) fn take_frame_changes(&mut self) -> Touched {
        std::mem::take(&mut self.frame_changed)
    }

    /// Replays the queue after `touched` tasks of the confirmed board changed.
    pub(super) fn replay(
        &mut self,
        confirmed: &Board,
        touched: SortedSet<TaskId>,
        pending: &Pending,
        known: Known<'_>,
    ) {
        let mut affected = touched;
        affected.extend(std::mem::replace(&mut self.overlaid, pending.tasks().collect()));
        affected.extend(pending.tasks());

        let before: Vec<(TaskId, Option<Task>)> = affected.into_iter().map(|id| (id, self.board.take(id))).collect();
        for (id, _) in &before {
            if let Some(task) = confirmed.task(*id) {
                self.board.put(task.clone());
            }
        }
        let structural = pending.ops().any(|op| is_structural(&op.op));
        // Ops on columns or members are rare: other boards skip the copies.
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

    /// Copies everything but the tasks from the confirmed board.
    pub(super) fn frame(&mut self, confirmed: &Board) {
        self.board.statuses.clone_from(&confirmed.statuses);
        self.board.members.clone_from(&confirmed.members);
        self.board.project.clone_from(&confirmed.project);
        self.board.unreadable = confirmed.unreadable;
    }

    /// Moves to the confirmed board's place in the log.
    pub(super) fn advance(&mut self, confirmed: &Board) {
        (self.board.seq, self.board.last) = (confirmed.seq, confirmed.last);
    }
}

/// Whether an op changes columns or members rather than tasks.
fn is_structural(op: &Op) -> bool {
    op.status_id().is_some() || op.member_id().is_some()
}
