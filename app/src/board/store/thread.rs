//! What is said about the open task.

use engine::{
    ApiError, Comment, CommentId, TaskId,
    session::{OpenThread, ThreadInput},
};
use leptos::prelude::*;

use super::BoardStore;

/// A thread as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownThread {
    /// About which task.
    pub task: TaskId,
    /// Oldest first, as far back as it is loaded, with the reader's own pending changes.
    pub comments: Vec<Comment>,
    /// Those that the reader has written or rewritten, and the server has not confirmed: they have no HTML.
    pub pending: Vec<CommentId>,
    /// Whether what is pending cannot be sent just now.
    pub held_up: bool,
    /// Whether anything was loaded yet. Without a connection there may be nothing but one's own comments.
    pub loaded: bool,
    /// Whether there are older ones.
    pub older: bool,
    /// Whether they are under way.
    pub fetching: bool,
    /// The comment after which there are others that are not loaded.
    pub gap: Option<CommentId>,
    /// Whether some of those are under way.
    pub filling: bool,
    /// Why the comment that the address names cannot be shown.
    pub named_gone: Option<ApiError>,
    /// Whether the reader watches the task.
    pub watching: bool,
    /// Why it cannot be read, when it cannot.
    pub refused: Option<ApiError>,
}

impl BoardStore {
    /// The open thread, once something of it is known.
    pub fn thread(&self) -> Signal<Option<ShownThread>> {
        self.thread.into()
    }

    /// Opens, closes or goes on with a thread. Does nothing before the page is hydrated.
    pub fn send_thread_input(&self, input: ThreadInput) {
        if let Some(live) = self.live() {
            live.thread(input);
        }
    }

    pub(in crate::board) fn set_thread(&self, thread: Option<&OpenThread>) {
        let known = thread.filter(|thread| {
            thread.is_loaded() || thread.refused().is_some() || thread.is_unreachable() || thread.has_own()
        });
        self.thread.try_set(known.map(|thread| {
            let (comments, pending) = thread.shown_comments(self.me, &self.my_name());
            ShownThread {
                task: thread.task(),
                comments,
                pending,
                held_up: thread.is_held_up(),
                loaded: thread.is_loaded(),
                older: thread.has_older(),
                fetching: thread.is_fetching_older(),
                gap: thread.gap(),
                filling: thread.is_fetching_between(),
                named_gone: thread.named_gone().cloned(),
                watching: thread.watching(),
                refused: thread.refused().cloned(),
            }
        }));
    }
}
