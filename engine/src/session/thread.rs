//! A client's side of one task's comment thread: what is loaded, and what is missing.
//!
//! ```text
//! page opens ─► fetch the newest page ─► subscribe, from that page on ─► comments come by themselves
//! log reports a comment ─► missing: it has not arrived ─► after a while subscribe again
//! ```
//!
//! Comments arrive as pages, answers to subscriptions, frames and answers to the reader's own writes, in any order: of
//! two versions of a comment the one with the higher seq wins. The log has no gaps and reports each change, so nothing
//! that the socket loses is missed for good.

mod own;
mod request;
mod shown;
mod window;

pub use self::request::{ANSWER_MS, MISSING_MS, RETRY_MS, ThreadRequest};
use self::{
    own::OwnComments,
    request::Subscription,
    window::{CommentWindow, Named},
};
use crate::{
    ApiError, Comment, CommentId, TaskId, Timestamp,
    comment::{self, Commented},
    sorted::SortedMap,
    wire::Subscribed,
};

/// How far a thread is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loaded {
    Not,
    /// From this comment on; there are older ones.
    From(Timestamp, CommentId),
    All,
}

/// The comment thread of one task. Times are in milliseconds of a clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct OpenThread {
    task: TaskId,
    /// Every comment received. Includes deleted ones and ones before the loaded range: they outdate later arrivals.
    comments: SortedMap<CommentId, Comment>,
    loaded: Loaded,
    /// The thread has to be loaded again. The current comments are shown until then.
    stale: bool,
    watching: bool,
    /// All changes up to this seq are in `comments`, within the loaded range.
    known: u64,
    /// The log was read without a gap from this seq on.
    read_from: u64,
    /// Comments that the log reported and that have not arrived: the seq, and since when.
    missing: SortedMap<CommentId, (u64, u64)>,
    subscription: Subscription,
    /// The page being fetched, and whether its answer is still wanted.
    fetching: Option<(Option<CommentId>, bool)>,
    older: bool,
    named: Named,
    window: Option<CommentWindow>,
    /// The reader wants more comments between the window and the loaded range.
    between: bool,
    /// The comment whose surroundings are being fetched, and whether the answer is still wanted.
    fetching_around: Option<(CommentId, bool)>,
    /// No fetch starts before this.
    fetch_at: u64,
    refused: Option<ApiError>,
    /// A fetch failed temporarily, and nothing is loaded yet.
    unreachable: bool,
    own: OwnComments,
    changed: bool,
}

impl OpenThread {
    /// A thread without loaded comments. The log was read up to `seq`.
    pub fn new(task: TaskId, seq: u64) -> Self {
        Self {
            task,
            comments: SortedMap::new(),
            loaded: Loaded::Not,
            stale: false,
            watching: false,
            known: 0,
            read_from: seq,
            missing: SortedMap::new(),
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

    /// Whether anything that a page shows changed since the last call.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Requests older comments.
    pub fn want_older(&mut self) {
        self.older |= self.has_older();
        self.changed = true;
    }

    /// Sets whether the reader watches the task.
    pub fn watch(&mut self, watching: bool) {
        self.watching = watching;
        self.changed = true;
    }

    /// Handles the answer to a [`ThreadRequest::Page`].
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
                    // The page may be far ahead of the loaded comments: only newer ones stay.
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
            // The comment before which this page ends is gone, so the loaded range is invalid.
            Err(_) if before.is_some() => self.reload(),
            Err(error) => self.refused = Some(error),
        }
    }

    /// Takes a comment from the socket or from the answer to the reader's own op.
    pub fn comment(&mut self, comment: Comment) {
        if comment.task_id == self.task {
            self.accept(comment);
        }
    }

    /// Handles the answer to a subscription of this tab, or of another that shares its socket.
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

    /// Handles a refused subscription. A fetch will tell whether the thread can be read at all.
    pub fn denied(&mut self, scope: &str) {
        if scope == self.scope() && self.subscription != Subscription::Denied {
            self.subscription = Subscription::Denied;
            self.reload();
        }
    }

    /// Records that an event of the log reports a comment.
    pub(super) fn log_reports(&mut self, change: &Commented, seq: u64, now: u64) {
        let has = self.comments.get(&change.comment_id).is_some_and(|comment| comment.seq >= seq);
        if change.task_id == self.task && !has && seq > self.known {
            let since = self.missing.get(&change.comment_id).map_or(now, |(_, since)| *since);
            self.missing.insert(change.comment_id, (seq, since));
        }
    }

    /// The log was read up to this seq, event by event.
    pub(super) fn read_to(&mut self, seq: u64) {
        if self.missing.is_empty() && self.is_loaded() && self.known >= self.read_from {
            self.known = self.known.max(seq);
        }
    }

    /// The cursor jumped to this seq: the board was fetched instead of events.
    pub(super) fn jumped_to(&mut self, seq: u64) {
        self.read_from = seq;
    }

    /// Starts over after the log was replaced.
    pub(super) fn forget(&mut self, seq: u64) {
        self.drop_window();
        let fetching = self.fetching.map(|(before, _)| (before, false));
        let (named, fetching_around) = (std::mem::take(&mut self.named), self.fetching_around);
        *self = Self { fetching, fetching_around, named, watching: self.watching, ..Self::new(self.task, seq) };
    }

    /// Forgets the subscription: the socket is gone or replaced.
    pub(super) fn lose_subscription(&mut self) {
        self.subscription = Subscription::None;
        self.fetch_at = 0;
    }

    /// Whether the server may have a subscription.
    pub(super) fn has_subscription(&self) -> bool {
        matches!(self.subscription, Subscription::Asked(_) | Subscription::Works(_))
    }

    /// The scope of its subscription.
    pub fn scope(&self) -> String {
        format!("task:{}", self.task)
    }

    fn accept(&mut self, comment: Comment) {
        // An older comment that is not in the map was deleted since, or lies before the loaded range.
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

    /// Requests that everything is fetched again.
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
