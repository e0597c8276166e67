//! A session's side of the log: what the socket and the fetches bring, applied in order.

use super::{Changes, Effect, Link, Need, Session, Step, Wish, view::View};
use crate::{
    ApiError, Board, Change, Event, Snapshot,
    wire::{Batch, ClientFrame, EventPage, ServerFrame, Sync},
};

/// The close code of a socket that was not closed but broke.
const ABNORMAL: u16 = 1006;

impl Session {
    pub(super) fn frame(&mut self, frame: ServerFrame, now: u64, random: u64, effects: &mut Vec<Effect>) -> Step {
        if !self.connection.has_socket() {
            return Step::Rest;
        }
        self.connection.heard(now);
        match frame {
            ServerFrame::Sync(Sync { epoch, seq, recovered, events, presence }) => {
                self.synced = true;
                // In a tab that shares its socket it may be another one without a break between.
                self.lose_subscription();
                self.people.reset(presence);
                self.cursor.reached(epoch, seq, now);
                if !recovered {
                    self.cursor.lose();
                }
                self.offer(events, now);
            }
            ServerFrame::Batch(Batch { epoch, to, op_id, events, .. }) => {
                self.cursor.reached(epoch, to, now);
                self.offer(events, now);
                if let Some(op_id) = op_id {
                    self.pending.answered(op_id, to);
                }
            }
            ServerFrame::Resync { epoch, seq, .. } => {
                self.synced = true;
                self.lose_subscription();
                self.cursor.reached(epoch, seq, now);
                self.cursor.lose();
            }
            ServerFrame::Event(event) => self.cursor.offer(*event, now),
            ServerFrame::Presence { join, leave, editing } => self.people.update(join, &leave, editing),
            ServerFrame::Subscribed(answer) => self.on_thread(|thread| thread.subscribed(answer)),
            ServerFrame::Denied { scope } => self.on_thread(|thread| thread.denied(&scope)),
            ServerFrame::Comment { comment } => self.on_thread(|thread| thread.comment(*comment)),
            ServerFrame::Ping => effects.push(Effect::Send(ClientFrame::Pong)),
            ServerFrame::Bye { code, retry_ms, .. } => {
                self.connection.closed(code, Some(retry_ms), now, random);
                return Step::Close;
            }
            ServerFrame::Pong
            | ServerFrame::UnreadSync { .. }
            | ServerFrame::Notification { .. }
            | ServerFrame::NotificationRead(_)
            | ServerFrame::Changed { .. }
            | ServerFrame::Unknown(_) => {}
        }
        Step::Rest
    }

    /// An answer to [`Effect::FetchEvents`].
    pub(super) fn events(&mut self, result: Result<EventPage, ApiError>, now: u64, random: u64) -> Step {
        if let Some(step) = self.fetched(result.as_ref().err(), now, random) {
            return step;
        }
        match result {
            Ok(page) => {
                let before = self.cursor.seq();
                self.cursor.reached(page.epoch, page.seq, now);
                self.offer(page.events, now);
                self.apply_what_is_next(now);
                if self.cursor.is_behind() && self.cursor.seq() == before {
                    return self.fetch_failed(now, random);
                }
                self.repair.done();
                self.is_as_of(now);
            }
            Err(error) if error.is_temporary() => return self.unanswered(now, random),
            Err(_) => {
                // The log was pruned, or is another one: events cannot be had, the board can.
                self.repair.done();
                self.cursor.lose();
            }
        }
        Step::Rest
    }

    /// An answer to [`Effect::FetchSnapshot`].
    pub(super) fn snapshot(&mut self, result: Result<Box<Snapshot>, ApiError>, now: u64, random: u64) -> Step {
        if let Some(step) = self.fetched(result.as_ref().err(), now, random) {
            return step;
        }
        match result {
            Ok(snapshot) => {
                let another_log = snapshot.epoch != self.cursor.epoch();
                if !self.cursor.jump(snapshot.epoch, snapshot.seq, now) {
                    return self.fetch_failed(now, random);
                }
                self.repair.done();
                self.replace(*snapshot, another_log);
                self.is_as_of(now);
                Step::Rest
            }
            Err(error) if matches!(error.status, 403 | 404) => self.end(Link::NoAccess),
            Err(_) => self.unanswered(now, random),
        }
    }

    /// A board of an earlier page: better than an older one, worth nothing once the server has said anything.
    pub(super) fn stored(&mut self, snapshot: Snapshot, at: u64) {
        if self.as_of.is_some() || self.synced || snapshot.epoch != self.cursor.epoch() {
            return;
        }
        if snapshot.seq >= self.cursor.seq() {
            self.as_of = Some(at);
        }
        // The clock only dates a gap, and a snapshot ahead of everything known leaves none.
        if snapshot.seq > self.cursor.seq() && self.cursor.jump(snapshot.epoch, snapshot.seq, at) {
            self.replace(snapshot, false);
        }
    }

    /// Applies what has come, fetches what has not, and goes live when nothing is missing.
    pub(super) fn catch_up(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.apply_what_is_next(now);
        match self.repair.begin(self.need(now), now) {
            Some(Need::Events) => {
                effects.push(Effect::FetchEvents { epoch: self.cursor.epoch(), since: self.cursor.seq() });
            }
            Some(Need::Snapshot) => effects.push(Effect::FetchSnapshot),
            None => {}
        }
        if self.synced && self.link() != Link::Live && !self.cursor.is_behind() {
            self.connection.caught_up(now);
            self.pending.hurry();
            effects.extend(self.doing.clone().map(Effect::Send));
        }
    }

    /// What is to be fetched now: what is known to be missing; and without a socket that tells, whatever there is.
    fn need(&self, now: u64) -> Option<Need> {
        let missing = self.cursor.need(now);
        if self.synced || self.connection.is_reachable() && missing.is_some() {
            return missing;
        }
        let due = self.connection.polls_at().is_some_and(|at| at <= now);
        due.then(|| missing.unwrap_or(Need::Events))
    }

    /// Without a socket, what was fetched is how the board stands.
    fn is_as_of(&mut self, now: u64) {
        if !self.synced && !self.cursor.is_behind() {
            self.as_of = Some(now);
        }
    }

    fn offer(&mut self, events: Vec<Event>, now: u64) {
        for event in events {
            self.cursor.offer(event, now);
        }
    }

    fn apply_what_is_next(&mut self, now: u64) {
        let before = self.cursor.seq();
        while let Some(event) = self.cursor.next(now) {
            self.apply(event, now);
        }
        let settled = self.pending.settle(self.cursor.seq());
        self.mark(&settled);
        if self.cursor.seq() != before || !settled.is_empty() {
            self.view.advance(self.cursor.seq());
            self.confirmed.seq = self.cursor.seq();
            self.replay();
        }
    }

    fn apply(&mut self, event: Event, now: u64) {
        let mut touched = self.confirmed.apply(&event);
        match &event.change {
            Change::TaskDeleted(task) => self.removed.push(task.clone()),
            // What everybody hears of a member's role is, for that member, what they may do themselves. They hear that
            // they were taken in when they were let go and taken in again while there was no connection.
            Change::MemberAdded(member) | Change::MemberUpdated(member) if member.user_id == self.me => {
                self.confirmed.project.role = Some(member.role);
                touched.project = true;
            }
            Change::CommentCreated(told) | Change::CommentUpdated(told) | Change::CommentDeleted(told) => {
                self.on_thread(|thread| thread.told(told, event.seq, now));
            }
            _ => {}
        }
        if touched.statuses || touched.members || touched.project {
            self.view.frame(&self.confirmed);
            self.changes.besides_tasks(&touched);
        }
        if event.triggered_by != self.me
            && let Some(task) = event.change.task()
        {
            self.changes.remote.push((task.id, event.triggered_by));
        }
        self.touched.extend(touched.tasks);
        let confirmed = event.op_id.and_then(|op_id| self.pending.confirmed(op_id));
        self.mark(confirmed.as_slice());
    }

    fn replace(&mut self, snapshot: Snapshot, another_log: bool) {
        let confirmed = Board::new(snapshot);
        for task in self.confirmed.tasks().filter(|task| confirmed.task(task.id).is_none()) {
            self.removed.push(task.clone());
        }
        self.confirmed = confirmed;
        if another_log {
            self.pending.forget_answers();
        }
        self.pending.settle(self.cursor.seq());
        self.touched.clear();
        self.view = View::play(&self.confirmed, &self.pending, self.known());
        let seq = self.cursor.seq();
        self.on_thread(|thread| if another_log { thread.forget(seq) } else { thread.jumped_to(seq) });
        self.changes = Changes { all: true, thread: self.changes.thread, ..Changes::default() };
    }

    /// A fetch got no answer. Without a socket it was a poll, and the connection knows when the next one is due.
    fn unanswered(&mut self, now: u64, random: u64) -> Step {
        if self.synced {
            return self.fetch_failed(now, random);
        }
        self.repair.done();
        Step::Rest
    }

    fn fetch_failed(&mut self, now: u64, random: u64) -> Step {
        if !self.repair.failed(now, random) || !self.synced {
            return Step::Rest;
        }
        // A socket that tells of events which cannot be had is not live, whatever it looks like.
        self.connection.closed(ABNORMAL, None, now, random);
        Step::Close
    }

    /// A fetch was answered. One that the end of the session refused is done when they have signed in again.
    fn fetched(&mut self, error: Option<&ApiError>, now: u64, random: u64) -> Option<Step> {
        let step = self.asked(error, now, random)?;
        self.repair.done();
        Some(step)
    }

    fn mark(&mut self, wishes: &[Wish]) {
        for wish in wishes {
            self.view.mark(wish.op.task_id());
        }
    }
}
