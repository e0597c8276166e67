//! What a page has to draw again.

use crate::{TaskId, UserId, apply::Touched};

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
    pub(super) fn besides_tasks(&mut self, touched: &Touched) {
        self.statuses |= touched.statuses;
        self.members |= touched.members;
        self.project |= touched.project;
    }
}
