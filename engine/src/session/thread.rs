//! A client's side of one task's thread: what is loaded of it, and what is not known to be.
//!
//! ```text
//! page opens ─► fetch the newest page ─► subscribe, from that page on ─► comments come by themselves
//! log ──── told ──► owed: there is a comment that has not come ─► after a while subscribe again
//! ```
//!
//! Comments come as pages, as answers to a subscription, as frames, and as answers to one's own writes, in any order:
//! of two with one id the one with the higher seq counts. The log, which has no gaps, tells of each change, so nothing
//! that the socket loses on the way is missed for good.

mod own;
mod request;
mod shown;
mod window;

use std::collections::BTreeMap;

pub use self::request::{ANSWER_MS, MISSING_MS, RETRY_MS, ThreadRequest};
use self::{
    own::OwnComments,
    request::Subscription,
    window::{CommentWindow, Named},
};
use crate::{
    ApiError, Comment, CommentId, TaskId, Timestamp,
    comment::{self, Commented},
    wire::Subscribed,
};

/// How far a thread is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loaded {
    Not,
    /// From this comment on, and there are older ones.
    From(Timestamp, CommentId),
    All,
}

/// One task's thread. Times are in milliseconds of a clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct OpenThread {
    task: TaskId,
    /// All that came, also what is older than what is loaded, and what was deleted: it outdates what comes later.
    comments: BTreeMap<CommentId, Comment>,
    loaded: Loaded,
    /// It has to be loaded again. What is there is shown until then.
    stale: bool,
    watching: bool,
    /// All changes up to this seq are in `comments`, as far as they are loaded.
    known: u64,
    /// The log was read from this seq on without a gap.
    read_from: u64,
    /// What the log told of and has not come: its seq, and since when.
    missing: BTreeMap<CommentId, (u64, u64)>,
    subscription: Subscription,
    /// The page that is being fetched, and whether its answer is still wanted.
    fetching: Option<(Option<CommentId>, bool)>,
    older: bool,
    named: Named,
    window: Option<CommentWindow>,
    /// More of what lies between the window and what is loaded is wanted.
    between: bool,
    /// The comment around which a page is being fetched, and whether its answer is still wanted.
    fetching_around: Option<(CommentId, bool)>,
    /// Not before this is anything fetched.
    fetch_at: u64,
    refused: Option<ApiError>,
    /// A fetch failed for now, and nothing is loaded yet.
    unreachable: bool,
    own: OwnComments,
    changed: bool,
}

impl OpenThread {
    /// A thread of which nothing is loaded. The log was read up to `seq`.
    pub fn new(task: TaskId, seq: u64) -> Self {
        Self {
            task,
            comments: BTreeMap::new(),
            loaded: Loaded::Not,
            stale: false,
            watching: false,
            known: 0,
            read_from: seq,
            missing: BTreeMap::new(),
            subscription: Subscription::None,
            fetching: None,
            older: false,
            named: Named::None,
            window: None,
            between: false,
            fetching_around: None,
            fetch_at: 0,
            refused: None,
            unreachable: false,
            own: OwnComments::default(),
            changed: true,
        }
    }

    /// Whether something that a page shows changed since the last call.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// The reader wants older comments.
    pub fn want_older(&mut self) {
        self.older |= self.has_older();
        self.changed = true;
    }

    /// The reader watches the task now, or no longer.
    pub fn watch(&mut self, watching: bool) {
        self.watching = watching;
        self.changed = true;
    }

    /// A [`ThreadRequest::Page`] was answered.
    pub fn page(&mut self, before: Option<CommentId>, result: Result<comment::Thread, ApiError>, now: u64) {
        let Some((_, wanted)) = self.fetching.take_if(|(fetching, _)| *fetching == before) else { return };
        self.changed = true;
        if before.is_some() {
            self.older = false;
        }
        match result {
            Ok(_) if !wanted => {}
            Ok(page) => {
                if before.is_none() {
                    // It may be far ahead of what was loaded: only what is newer than it stays.
                    self.stale = false;
                    self.comments.retain(|_, comment| comment.seq > page.seq);
                    self.drop_window();
                    self.knows(page.seq);
                    self.watching = page.watching;
                }
                let oldest = page.comments.first().map(|comment| (comment.created_at, comment.id));
                let oldest = oldest.filter(|_| page.more);
                if !before.is_some_and(|before| self.extend_window(before, oldest)) {
                    self.loaded = oldest.map_or(Loaded::All, |(at, id)| Loaded::From(at, id));
                    self.join_window();
                }
                page.comments.into_iter().for_each(|comment| self.put(comment));
                self.find_named();
                self.unreachable = false;
            }
            Err(error) if error.is_temporary() => {
                self.fetch_at = now + RETRY_MS;
                self.unreachable = !self.is_loaded();
            }
            // The comment that this page was to end before is gone from this thread: what is loaded is no longer it.
            Err(_) if before.is_some() => self.reload(),
            Err(error) => self.refused = Some(error),
        }
    }

    /// A comment came: on the socket, or with the answer to an op of the reader's.
    pub fn comment(&mut self, comment: Comment) {
        if comment.task_id == self.task {
            self.accept(comment);
        }
    }

    /// A subscription was answered: this tab's, or that of another one that shares its socket.
    pub fn subscribed(&mut self, answer: Subscribed) {
        let Subscribed { scope, since, seq, comments, complete } = answer;
        if scope != self.scope() {
            return;
        }
        comments.into_iter().for_each(|comment| self.accept(comment));
        if let Subscription::Asked(at) = self.subscription {
            self.subscription = Subscription::Works(at);
        }
        if since.is_some_and(|since| since <= self.known) {
            if complete {
                self.knows(seq);
            } else {
                self.reload();
            }
        }
    }

    /// A subscription was refused. Whether the thread can be read at all, a fetch finds out.
    pub fn denied(&mut self, scope: &str) {
        if scope == self.scope() && self.subscription != Subscription::Denied {
            self.subscription = Subscription::Denied;
            self.reload();
        }
    }

    /// An event of the log told of a comment.
    pub(super) fn log_reports(&mut self, change: &Commented, seq: u64, now: u64) {
        let has = self.comments.get(&change.comment_id).is_some_and(|comment| comment.seq >= seq);
        if change.task_id == self.task && !has && seq > self.known {
            let since = self.missing.get(&change.comment_id).map_or(now, |(_, since)| *since);
            self.missing.insert(change.comment_id, (seq, since));
        }
    }

    /// The log was read up to this seq, each event of it.
    pub(super) fn read_to(&mut self, seq: u64) {
        if self.missing.is_empty() && self.is_loaded() && self.known >= self.read_from {
            self.known = self.known.max(seq);
        }
    }

    /// The log was not read up to this seq: the board was fetched instead.
    pub(super) fn jumped_to(&mut self, seq: u64) {
        self.read_from = seq;
    }

    /// The log is another one. What was known of the old one means nothing.
    pub(super) fn forget(&mut self, seq: u64) {
        self.drop_window();
        let fetching = self.fetching.map(|(before, _)| (before, false));
        let (named, fetching_around) = (std::mem::take(&mut self.named), self.fetching_around);
        *self = Self { fetching, fetching_around, named, watching: self.watching, ..Self::new(self.task, seq) };
    }

    /// The socket is gone, or another one is there: it knows of no subscriptions.
    pub(super) fn lose_subscription(&mut self) {
        self.subscription = Subscription::None;
        self.fetch_at = 0;
    }

    /// Whether the server may believe that there is a subscription.
    pub(super) fn has_subscription(&self) -> bool {
        matches!(self.subscription, Subscription::Asked(_) | Subscription::Works(_))
    }

    /// What a subscription to it is called.
    pub fn scope(&self) -> String {
        format!("task:{}", self.task)
    }

    fn accept(&mut self, comment: Comment) {
        // One that is not there although it would have to be was deleted since, or is older than what is loaded.
        if comment.seq > self.known || self.comments.contains_key(&comment.id) {
            self.put(comment);
        }
    }

    fn put(&mut self, comment: Comment) {
        if self.missing.get(&comment.id).is_some_and(|(seq, _)| *seq <= comment.seq) {
            self.missing.remove(&comment.id);
        }
        let newer = self.comments.get(&comment.id).is_none_or(|other| other.seq < comment.seq);
        if newer {
            self.changed = true;
            self.forget_echoes_of(comment.id, comment.seq);
            let deleted = comment.deleted_at.is_some();
            let before = self.comments.insert(comment.id, comment);
            if let Some(before) = before.filter(|before| deleted && before.deleted_at.is_none()) {
                self.remember(before);
            }
        }
    }

    fn knows(&mut self, seq: u64) {
        self.known = self.known.max(seq);
        self.missing.retain(|_, (missing, _)| *missing > seq);
        self.forget_echoes_to(seq);
    }

    /// Has everything fetched anew.
    fn reload(&mut self) {
        self.stale = true;
        self.older = false;
        if let Some((_, wanted)) = &mut self.fetching {
            *wanted = false;
        }
        self.changed = true;
    }
}

#[cfg(test)]
mod tests;
