//! One user's bell: their notifications, the unread count and the connection that delivers them.
//!
//! ```text
//! user ── More, Read, ReadAll ─► marks ─┐            ┌─ FetchPage, Mark ──► HTTP
//! socket ── Frame ─► inbox ─────────────┤► what the ─┤
//! HTTP ──── Page, Marked ─► both        ┘   page     └─ Connect, Send ───► socket
//! clock ─── Tick, Woken ─► connection        shows
//! ```
//!
//! The count comes from the socket alone: its frames are applied in order, as the server counts them. What the user has
//! read shows at once as a [mark](marks) on top, until the socket confirms it or the server refuses.

mod inbox;
mod io;
mod marks;
mod oversight;

pub use self::io::{BellEffect, BellInput, ReadMarks};
use self::{inbox::NotificationList, marks::Marks, oversight::OversightWatch};
use super::{Connection, ConnectionStep, Link, recent::Recent};
use crate::{
    ApiError, Notification, NotificationId, TaskId, Timestamp,
    wire::{ClientFrame, ServerFrame},
};

/// How often a visible page polls while sockets are blocked, in milliseconds.
const POLL_MS: u64 = 15_000;
/// Minimum wait after a failed repair, in milliseconds.
const REPAIR_MS: u64 = 5_000;

/// One user's bell. Times are in milliseconds since 1970, of a clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct Bell {
    connection: Connection,
    inbox: NotificationList,
    marks: Marks,
    oversight: OversightWatch,
    /// The task that the user views.
    viewed_task: Option<TaskId>,
    /// Notifications marked read because their task was viewed. None is marked twice, even if the server refuses.
    auto_read: Recent<NotificationId>,
    revision: u64,
}

impl Bell {
    /// Creates a bell that connects at its first [`BellInput::Tick`].
    pub fn new(now: u64) -> Self {
        Self {
            connection: Connection::new(now).polling_every(POLL_MS),
            inbox: NotificationList::default(),
            marks: Marks::default(),
            oversight: OversightWatch::default(),
            viewed_task: None,
            auto_read: Recent::default(),
            revision: 0,
        }
    }

    /// The previous page of this tab found sockets blocked, so poll at once.
    pub fn expect_blocked(&mut self) {
        self.connection.expect_blocked();
    }

    /// State of the connection.
    pub fn link(&self) -> Link {
        self.connection.link()
    }

    /// Number of unread notifications, as this user sees it.
    pub fn unread(&self) -> u64 {
        self.marks.unread(&self.inbox)
    }

    /// The loaded notifications, newest first: all, or the unread ones. See [`Bell::is_read`].
    pub fn notifications(&self, unread: bool) -> impl Iterator<Item = &Notification> {
        self.inbox.shown(unread).filter(move |notification| !unread || !self.is_read(notification))
    }

    /// Whether a notification shows as read.
    pub fn is_read(&self, notification: &Notification) -> bool {
        notification.read_at.is_some() || self.marks.cover(notification.id)
    }

    /// Whether there are older ones than [`Bell::notifications`] returns. [`BellInput::More`] fetches them.
    pub fn more(&self, unread: bool) -> bool {
        self.inbox.more(unread)
    }

    /// The oldest one that [`Bell::notifications`] reaches: all newer ones are loaded. `None` before the first page.
    pub fn floor(&self, unread: bool) -> Option<NotificationId> {
        self.inbox.floor(unread)
    }

    /// Whether older ones are being fetched.
    pub fn fetching(&self, unread: bool) -> bool {
        self.inbox.fetching(unread)
    }

    /// Whether the first page is loaded, even if it is empty.
    pub fn loaded(&self) -> bool {
        self.inbox.loaded()
    }

    /// Counts the changes of what the bell shows.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Unread notifications that arrived since the last call, oldest first, for announcements and desktop
    /// notifications. Does not include what was there when this bell first connected.
    pub fn take_fresh(&mut self) -> Vec<Notification> {
        let mut fresh = self.inbox.take_fresh();
        fresh.retain(|notification| !self.is_read(notification));
        fresh
    }

    /// Whether oversight figures may have changed since the last call. Only reported while the page shows them
    /// ([`BellInput::Oversee`]), and once at the start.
    pub fn take_oversight_changed(&mut self) -> bool {
        self.oversight.take_changed()
    }

    /// The frame that brings another tab's bell up to date. `None` before this one is live.
    pub fn greeting(&self) -> Option<String> {
        self.connection.is_live().then(|| serde_json::to_string(&self.inbox.greeting()).ok()).flatten()
    }

    /// When the next [`BellInput::Tick`] is due.
    pub fn wake_at(&self) -> Option<u64> {
        let poll = self.connection.polls_at().filter(|_| !self.inbox.fetching(false));
        let wakes =
            [self.connection.wake_at(), poll, self.marks.wake_at(), self.inbox.wake_at(), self.oversight.wake_at()];
        wakes.into_iter().flatten().min()
    }

    /// Handles an input and returns the effects to carry out, in order.
    pub fn handle(&mut self, input: BellInput, now: u64, random: u64) -> Vec<BellEffect> {
        let mut effects = Vec::new();
        let (mut step, before) = (ConnectionStep::Rest, self.revision);
        match input {
            BellInput::Tick => step = self.connection.tick(now, random),
            BellInput::Woken => step = self.connection.woken(now, random),
            BellInput::Retry => step = self.connection.retry(now, random),
            BellInput::Network(online) => step = self.connection.network(online, now, random),
            BellInput::UserActive => self.connection.user_acted(now),
            BellInput::Visible(visible) => self.connection.set_visible(visible),
            BellInput::Closed { code } => self.connection.closed(code, None, now, random),
            BellInput::OtherUser if self.link().is_final() => {}
            BellInput::OtherUser => step = self.end(Link::OtherUser),
            BellInput::Frame(frame) if self.connection.has_socket() => {
                step = self.frame(frame, now, random, &mut effects);
            }
            BellInput::Frame(_) => {}
            BellInput::More { unread, below } => effects.extend(self.inbox.fetch(unread, below)),
            BellInput::Page { unread, before, result } => {
                self.revision += 1;
                step = self.request_finished(result.as_ref().err(), now, random);
                match result {
                    Ok(page) if before.is_none() && !unread && self.connection.polls_at().is_some() => {
                        self.inbox.polled(page);
                        self.oversight.polled();
                    }
                    Ok(page) => self.inbox.page(unread, before, page),
                    Err(error) => {
                        // Without a socket the next poll brings it.
                        let repairs = error.is_temporary() && self.connection.is_live();
                        let again_at = repairs.then_some(now + REPAIR_MS + random % REPAIR_MS);
                        self.inbox.missed(unread, before, again_at);
                    }
                }
            }
            BellInput::Read(id) => self.read(ReadMarks::Ids(vec![id])),
            BellInput::Looks(task) => {
                self.viewed_task = task;
                self.revision += 1;
            }
            BellInput::ReadAll => {
                if let Some(newest) = self.inbox.newest() {
                    self.read(ReadMarks::UpTo(newest));
                }
            }
            BellInput::Marked(result) => {
                step = self.request_finished(result.as_ref().err(), now, random);
                self.marked(result, now, random, &mut effects);
            }
            BellInput::Oversee(wanted) => {
                let live = self.connection.is_live();
                effects.extend(self.oversight.want(wanted, live, now).map(BellEffect::Send));
            }
        }
        for step in [step, self.connection.tick(now, random)] {
            match step {
                ConnectionStep::Rest => {}
                ConnectionStep::Connect => effects.push(BellEffect::Connect),
                ConnectionStep::Close => effects.push(BellEffect::Close),
                ConnectionStep::Ping => effects.push(BellEffect::Send(ClientFrame::Ping)),
            }
        }
        if !self.connection.is_live() {
            self.oversight.closed();
        }
        effects.extend(self.oversight.tick(now).map(BellEffect::Send));
        self.revision += u64::from(self.marks.expire(now));
        if self.revision != before {
            self.mark_viewed_task_read();
        }
        effects.extend(self.marks.send(now).map(BellEffect::Mark));
        effects.extend(self.inbox.repair(now));
        if self.connection.polls_at().is_some_and(|at| at <= now) && self.inbox.begin_poll() {
            effects.push(BellEffect::Poll);
        }
        effects
    }

    /// Records the outcome of a request. Ends the connection if the session is over or belongs to another user.
    fn request_finished(&mut self, error: Option<&ApiError>, now: u64, random: u64) -> ConnectionStep {
        if let Some(link) = error.and_then(Link::of_refusal) {
            return self.end(link);
        }
        self.connection.request_finished(error.is_none_or(|error| !error.is_temporary()), now, random);
        ConnectionStep::Rest
    }

    fn end(&mut self, link: Link) -> ConnectionStep {
        let step = if self.connection.has_socket() { ConnectionStep::Close } else { ConnectionStep::Rest };
        self.connection.end(link);
        step
    }

    fn frame(
        &mut self,
        frame: Option<ServerFrame>,
        now: u64,
        random: u64,
        effects: &mut Vec<BellEffect>,
    ) -> ConnectionStep {
        self.connection.frame_received(now);
        let at = Timestamp::from_millis(i64::try_from(now).unwrap_or(i64::MAX));
        match frame {
            Some(ServerFrame::UnreadSync { notifications, unread }) => {
                self.inbox.sync(notifications, unread);
                self.connection.caught_up(now);
                effects.extend(self.oversight.caught_up(now).map(BellEffect::Send));
            }
            Some(ServerFrame::Notification { data }) => self.inbox.add(*data),
            Some(ServerFrame::NotificationChanged { data, replaces }) => self.inbox.change(*data, replaces),
            Some(ServerFrame::NotificationRead(read)) => {
                self.inbox.read(&read, at);
                self.marks.echoed(&read);
            }
            Some(ServerFrame::Ping) => {
                effects.push(BellEffect::Send(ClientFrame::Pong));
                return ConnectionStep::Rest;
            }
            Some(ServerFrame::Pong) => {
                self.connection.pong(now);
                return ConnectionStep::Rest;
            }
            Some(ServerFrame::Bye { code, retry_ms, .. }) => {
                self.connection.closed(code, Some(retry_ms), now, random);
                return ConnectionStep::Close;
            }
            Some(ServerFrame::Changed { scope }) => {
                self.oversight.scope_changed(&scope);
                return ConnectionStep::Rest;
            }
            _ => return ConnectionStep::Rest,
        }
        self.revision += 1;
        ConnectionStep::Rest
    }

    /// Marks the notifications of the viewed task as read.
    fn mark_viewed_task_read(&mut self) {
        let Some(task) = self.viewed_task else { return };
        let unread = self.inbox.unread_of(task).filter(|notification| !self.marks.cover(notification.id));
        let ids: Vec<NotificationId> =
            unread.map(|notification| notification.id).filter(|id| !self.auto_read.contains(*id)).collect();
        for ids in ids.chunks(marks::TOGETHER) {
            for id in ids {
                self.auto_read.insert(*id);
            }
            self.read(ReadMarks::Ids(ids.to_vec()));
        }
    }

    fn read(&mut self, mark: ReadMarks) {
        let is_new = match &mark {
            ReadMarks::Ids(ids) => {
                ids.iter().any(|id| self.inbox.get(*id).is_none_or(|notification| !self.is_read(notification)))
            }
            ReadMarks::UpTo(_) => self.unread() > 0,
        };
        if is_new {
            self.marks.add(mark);
            self.revision += 1;
        }
    }

    fn marked(&mut self, result: Result<(), ApiError>, now: u64, random: u64, effects: &mut Vec<BellEffect>) {
        match result {
            // Without a socket nothing will confirm it.
            Ok(()) if !self.connection.is_live() => {
                if let Some(mark) = self.marks.take_sent() {
                    self.inbox.outdate_poll();
                    self.inbox.settle(&mark, Timestamp::from_millis(i64::try_from(now).unwrap_or(i64::MAX)));
                }
            }
            Ok(()) => self.marks.done(now),
            // The server did not look at it: it waits until its author signs in again.
            Err(error) if error.is_temporary() || Link::of_refusal(&error).is_some() => self.marks.later(now, random),
            Err(error) => {
                self.marks.take_sent();
                effects.push(BellEffect::Refused(error));
            }
        }
        self.revision += 1;
    }
}

#[cfg(test)]
mod tests;
