//! A session's side of the thread that its page has open: a scope of its own on the project's socket.

use super::{
    Session, SessionEffect, ThreadInput,
    thread::{OpenThread, ThreadRequest},
};
use crate::{Comment, wire::ClientFrame};

impl Session {
    /// The thread of the task whose page is open.
    pub fn thread(&self) -> Option<&OpenThread> {
        self.thread.as_ref()
    }

    pub(super) fn thread_input(&mut self, input: ThreadInput, now: u64, effects: &mut Vec<SessionEffect>) {
        match (input, &mut self.thread) {
            (ThreadInput::Open(task), Some(thread)) if thread.task() == task => {}
            (ThreadInput::Open(task), _) => {
                self.close_thread(effects);
                self.thread = Some(OpenThread::new(task, self.cursor.seq()));
            }
            (ThreadInput::Close, _) => self.close_thread(effects),
            (ThreadInput::Older, Some(thread)) => thread.want_older(),
            (ThreadInput::Show(id), Some(thread)) => thread.want_comment(id),
            (ThreadInput::Between, Some(thread)) => thread.want_between(),
            (ThreadInput::Around { task, comment, result }, Some(thread)) if thread.task() == task => {
                thread.around(comment, result, now);
            }
            (ThreadInput::Watching(watching), Some(thread)) => thread.watch(watching),
            (ThreadInput::Page { task, before, result }, Some(thread)) if thread.task() == task => {
                thread.page(before, result, now);
            }
            _ => {}
        }
    }

    /// The socket is gone, or is another one.
    pub(super) fn lose_subscription(&mut self) {
        self.on_thread(OpenThread::lose_subscription);
    }

    pub(super) fn on_thread(&mut self, happened: impl FnOnce(&mut OpenThread)) {
        if let Some(thread) = &mut self.thread {
            happened(thread);
        }
    }

    /// The answer to an op on a comment has the comment in it.
    pub(super) fn answered_with(&mut self, comment: Option<Box<Comment>>, watching: Option<bool>) {
        let Some((comment, thread)) = comment.zip(self.thread.as_mut()) else { return };
        if let Some(watching) = watching.filter(|_| comment.task_id == thread.task()) {
            thread.watch(watching);
        }
        thread.comment(*comment);
    }

    /// Has what is missing of the thread fetched, or sent.
    pub(super) fn pursue_thread(&mut self, now: u64, effects: &mut Vec<SessionEffect>) {
        let live = self.is_live();
        let Some(thread) = &mut self.thread else { return };
        thread.take_pending(self.pending.wishes(), !live || self.pending.is_held_up());
        thread.read_to(self.cursor.seq());
        while let Some(want) = thread.want(live, now) {
            effects.push(match want {
                ThreadRequest::Around(comment) => SessionEffect::FetchAround { task: thread.task(), comment },
                ThreadRequest::Page(before) => SessionEffect::FetchThread { task: thread.task(), before },
                ThreadRequest::Subscription(since) => {
                    let epoch = Some(self.cursor.epoch());
                    SessionEffect::Send(ClientFrame::Subscribe { scope: thread.scope(), epoch, since: Some(since) })
                }
            });
        }
        self.changes.thread |= thread.take_changed();
    }

    fn close_thread(&mut self, effects: &mut Vec<SessionEffect>) {
        let Some(thread) = self.thread.take() else { return };
        self.changes.thread = true;
        if thread.has_subscription() && self.is_live() {
            effects.push(SessionEffect::Send(ClientFrame::Unsubscribe { scope: thread.scope() }));
        }
    }
}
