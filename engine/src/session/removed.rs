//! The tasks that left the board last, for whoever wants one back.

use std::collections::VecDeque;

use crate::{Task, TaskId};

/// How many are remembered: enough for every Undo that can still be on the screen.
const REMEMBERED: usize = 64;

/// The last deleted tasks, as they were.
#[derive(Clone, Debug, Default)]
pub(super) struct Removed {
    tasks: VecDeque<Task>,
}

impl Removed {
    pub(super) fn push(&mut self, task: Task) {
        self.tasks.retain(|other| other.id != task.id);
        if self.tasks.len() == REMEMBERED {
            self.tasks.pop_front();
        }
        self.tasks.push_back(Task { description: None, ..task });
    }

    pub(super) fn get(&self, id: TaskId) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }
}
