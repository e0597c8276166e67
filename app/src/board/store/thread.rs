//! The comments on the open card.

use engine::{
    ApiError, Comment, CommentId, TaskId,
    session::{OpenThread, ThreadInput},
};
use leptos::prelude::*;

use super::BoardStore;

/// A thread as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownThread {
    /// The card's id.
    pub task: TaskId,
    /// Oldest first, as far back as loaded, with the reader's pending changes.
    pub comments: Vec<Comment>,
    /// Comments that the reader has written or edited and the server has not confirmed: they have no HTML yet.
    pub pending: Vec<CommentId>,
    /// Whether pending comments cannot be sent at the moment.
    pub held_up: bool,
    /// Whether comments were loaded. Without a connection there may be only the reader's own.
    pub loaded: bool,
    /// Whether older ones exist.
    pub older: bool,
    /// Whether older ones are being fetched.
    pub fetching: bool,
    /// The last comment before a range that is not loaded.
    pub gap: Option<CommentId>,
    /// Whether that range is being fetched.
    pub filling: bool,
    /// Why the comment that the address names cannot be shown.
    pub named_gone: Option<ApiError>,
    /// Whether the reader watches the task.
    pub watching: bool,
    /// Why the thread could not be fetched.
    pub refused: Option<ApiError>,
}

impl BoardStore {
    /// The open thread, once anything of it is known.
    pub fn thread(&self) -> Signal<Option<ShownThread>> {
        self.thread.into()
    }

    /// Opens, closes or extends a thread. Does nothing before the page is hydrated.
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
