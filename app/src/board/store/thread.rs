//! What is said about the open task.

use engine::{
    ApiError, Comment, TaskId,
    session::{Thread, ThreadInput},
};
use leptos::prelude::*;

use super::BoardStore;

/// A thread as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// About which task.
    pub task: TaskId,
    /// Oldest first, as far back as it is loaded.
    pub comments: Vec<Comment>,
    /// Whether there are older ones.
    pub older: bool,
    /// Whether they are under way.
    pub fetching: bool,
    /// Whether the reader watches the task.
    pub watching: bool,
    /// Why it cannot be read, when it cannot.
    pub refused: Option<ApiError>,
}

impl BoardStore {
    /// The open thread, once something of it is known.
    pub fn thread(&self) -> Signal<Option<Said>> {
        self.thread.into()
    }

    /// Opens, closes or goes on with a thread. Does nothing before the page is hydrated.
    pub fn tell_thread(&self, input: ThreadInput) {
        if let Some(live) = self.live() {
            live.thread(input);
        }
    }

    pub(in crate::board) fn set_thread(&self, thread: Option<&Thread>) {
        let known = thread.filter(|thread| thread.is_loaded() || thread.refused().is_some());
        self.thread.try_set(known.map(|thread| Said {
            task: thread.task(),
            comments: thread.comments().into_iter().cloned().collect(),
            older: thread.has_older(),
            fetching: thread.is_fetching_older(),
            watching: thread.watching(),
            refused: thread.refused().cloned(),
        }));
    }
}
