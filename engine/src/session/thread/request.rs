//! What an open thread requests and when, and how the session carries it out.

use super::{Loaded, OpenThread};
use crate::{
    Comment, CommentId,
    session::{Session, SessionEffect, ThreadInput},
    wire::ClientFrame,
};

/// How long a comment reported by the log may take to arrive, in milliseconds.
pub const MISSING_MS: u64 = 1_500;
/// The same without a live socket, in milliseconds.
pub(super) const OFFLINE_MS: u64 = 250;
/// How long the answer to a subscription may take, in milliseconds.
pub const ANSWER_MS: u64 = 5_000;
/// Wait after a failed fetch, in milliseconds.
pub const RETRY_MS: u64 = 5_000;

/// A request of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadRequest {
    /// A page: the newest, or the one before a comment. Each is answered by exactly one [`OpenThread::page`].
    Page(Option<CommentId>),
    /// The page around a comment. Each is answered by exactly one [`OpenThread::around`].
    Around(CommentId),
    /// A subscription to comments, starting with the changes after this seq.
    Subscription(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subscription {
    None,
    /// Asked for at this moment.
    Asked(u64),
    /// Answered; it was asked for at this moment.
    Works(u64),
    /// Refused. The thread is fetched when the log reports a comment.
    Denied,
}

impl OpenThread {
    /// The next request, if one is due. Called until it returns `None`.
    pub(in crate::session) fn next_request(&mut self, live: bool, now: u64) -> Option<ThreadRequest> {
        if self.refused.is_some() {
            return None;
        }
        self.stale |= self.subscription == Subscription::Denied && !self.missing.is_empty();
        if !live && self.is_loaded() && (!self.missing.is_empty() || self.known < self.read_from) && !self.stale {
            // Without a socket nothing arrives unasked. Not at once, for the log may report more.
            (self.stale, self.fetch_at) = (true, self.fetch_at.max(now + OFFLINE_MS));
        }
        if self.fetch_at <= now
            && let Some(before) = self.next_page()
        {
            self.fetching = Some((before, true));
            return Some(ThreadRequest::Page(before));
        }
        if self.fetch_at <= now
            && let Some(id) = self.next_around()
        {
            self.fetching_around = Some((id, true));
            return Some(ThreadRequest::Around(id));
        }
        if live && self.subscribe_at().is_some_and(|at| at <= now) {
            self.subscription = Subscription::Asked(now);
            return Some(ThreadRequest::Subscription(self.known));
        }
        None
    }

    /// When the next request may be due.
    pub(in crate::session) fn wake_at(&self, live: bool) -> Option<u64> {
        let fetch = (self.next_page().is_some() || self.next_around().is_some()).then_some(self.fetch_at);
        let wakes = [fetch, self.subscribe_at().filter(|_| live)].into_iter().flatten().min();
        wakes.filter(|_| self.refused.is_none())
    }

    /// The page to fetch, if one is missing and none is under way.
    fn next_page(&self) -> Option<Option<CommentId>> {
        match self.loaded {
            _ if self.fetching.is_some() => None,
            _ if self.stale => Some(None),
            Loaded::Not => Some(None),
            Loaded::From(_, id) if self.older => Some(Some(self.window.map_or(id, |window| window.from.1))),
            Loaded::From(..) | Loaded::All => None,
        }
    }

    /// When to subscribe, or to subscribe again because a comment is missing.
    fn subscribe_at(&self) -> Option<u64> {
        if !self.is_loaded() || self.stale {
            return None;
        }
        match self.subscription {
            Subscription::None => Some(0),
            Subscription::Asked(at) => Some(at + ANSWER_MS),
            Subscription::Works(at) if self.known < self.read_from => Some(at + MISSING_MS),
            Subscription::Works(at) => {
                let oldest = self.missing.values().map(|(_, since)| since + MISSING_MS).min();
                oldest.map(|due| due.max(at + MISSING_MS))
            }
            Subscription::Denied => None,
        }
    }
}

impl Session {
    /// The thread of the task whose page is open.
    pub fn thread(&self) -> Option<&OpenThread> {
        self.thread.as_ref()
    }

    pub(in crate::session) fn thread_input(&mut self, input: ThreadInput, now: u64, effects: &mut Vec<SessionEffect>) {
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

    /// Forgets the thread's subscription: the socket is gone or replaced.
    pub(in crate::session) fn lose_subscription(&mut self) {
        self.on_thread(OpenThread::lose_subscription);
    }

    pub(in crate::session) fn on_thread(&mut self, happened: impl FnOnce(&mut OpenThread)) {
        if let Some(thread) = &mut self.thread {
            happened(thread);
        }
    }

    /// Takes the comment from the answer to an op.
    pub(in crate::session) fn comment_answered(&mut self, comment: Option<Box<Comment>>, watching: Option<bool>) {
        let Some((comment, thread)) = comment.zip(self.thread.as_mut()) else { return };
        if let Some(watching) = watching.filter(|_| comment.task_id == thread.task()) {
            thread.watch(watching);
        }
        thread.comment(*comment);
    }

    /// Requests what the thread is missing.
    pub(in crate::session) fn request_thread(&mut self, now: u64, effects: &mut Vec<SessionEffect>) {
        let live = self.is_live();
        let Some(thread) = &mut self.thread else { return };
        thread.take_pending(self.pending.ops(), !live || self.pending.is_held_up());
        thread.read_to(self.cursor.seq());
        while let Some(request) = thread.next_request(live, now) {
            effects.push(match request {
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
