//! Frames and fetched pages of the log, applied in order.

use super::{Changes, ConnectionStep, Jump, Link, Need, PendingOp, Session, SessionEffect, view::View};
use crate::{
    ApiError, Board, Change, Event, Snapshot,
    wire::{Batch, ClientFrame, EventPage, ResyncReason, ServerFrame, Sync},
};

/// The close code of a socket that was not closed but broke.
const ABNORMAL: u16 = 1006;
/// Consecutive unreadable snapshots after which this page counts as older than its server.
const ILLEGIBLE: u32 = 3;

impl Session {
    /// Handles a frame that this build cannot read: only the whole board can replace what it said.
    pub(super) fn unreadable(&mut self, now: u64) {
        if self.connection.has_socket() {
            self.connection.frame_received(now);
            // It may have been the first frame, with the log's position; the snapshot has that, too.
            self.synced = true;
            self.mark_illegible();
        }
    }

    fn mark_illegible(&mut self) {
        self.illegible = true;
        self.cursor.require_snapshot();
    }

    pub(super) fn frame(
        &mut self,
        frame: ServerFrame,
        now: u64,
        random: u64,
        effects: &mut Vec<SessionEffect>,
    ) -> ConnectionStep {
        if !self.connection.has_socket() {
            return ConnectionStep::Rest;
        }
        self.connection.frame_received(now);
        match frame {
            ServerFrame::Sync(Sync { epoch, seq, last, after, recovered, events, presence }) => {
                self.synced = true;
                // A tab that shares its socket may be on another one, without a break between.
                self.lose_subscription();
                self.people.reset(presence);
                self.cursor.forget_ahead();
                self.cursor.compare(epoch, seq, last, now);
                if let Some(first) = events.first().filter(|first| first.epoch == epoch) {
                    self.cursor.check_predecessor(first.seq, after);
                }
                self.cursor.socket_reached(epoch, seq, true);
                if !recovered {
                    self.cursor.require_snapshot();
                }
                self.offer(events, now);
            }
            ServerFrame::Batch(Batch { epoch, to, op_id, events, .. }) => {
                self.cursor.reached(epoch, to, now);
                self.cursor.socket_reached(epoch, to, false);
                self.offer_from_socket(events, now);
                if let Some(op_id) = op_id {
                    self.pending.answered(op_id, to);
                }
            }
            ServerFrame::Resync { reason, epoch, seq } => {
                self.synced = true;
                self.lose_subscription();
                self.cursor.forget_ahead();
                if reason == ResyncReason::Epoch {
                    self.cursor.supersede(epoch, seq);
                } else {
                    self.cursor.reached(epoch, seq, now);
                    self.cursor.require_snapshot();
                }
                self.cursor.socket_reached(epoch, seq, true);
            }
            ServerFrame::Event(event) => {
                self.cursor.socket_reached(event.epoch, event.seq, false);
                self.offer_from_socket(vec![*event], now);
            }
            ServerFrame::Presence { join, leave, editing } => self.people.update(join, &leave, editing),
            ServerFrame::Subscribed(answer) => self.on_thread(|thread| thread.subscribed(answer)),
            ServerFrame::Denied { scope } => self.on_thread(|thread| thread.denied(&scope)),
            ServerFrame::Comment { comment } => self.on_thread(|thread| thread.comment(*comment)),
            ServerFrame::Ping => effects.push(SessionEffect::Send(ClientFrame::Pong)),
            ServerFrame::Bye { code, retry_ms, .. } => {
                self.connection.closed(code, Some(retry_ms), now, random);
                return ConnectionStep::Close;
            }
            ServerFrame::Pong => self.connection.pong(now),
            ServerFrame::UnreadSync { .. }
            | ServerFrame::Notification { .. }
            | ServerFrame::NotificationChanged { .. }
            | ServerFrame::NotificationRead(_)
            | ServerFrame::Changed { .. }
            | ServerFrame::Unknown(_) => {}
        }
        ConnectionStep::Rest
    }

    /// Handles the answer to [`SessionEffect::FetchEvents`].
    pub(super) fn events(&mut self, result: Result<EventPage, ApiError>, now: u64, random: u64) -> ConnectionStep {
        if let Some(step) = self.fetched(result.as_ref().err(), now, random) {
            return step;
        }
        match result {
            Ok(page) => {
                let before = self.cursor.seq();
                if self.cursor.reached(page.epoch, page.seq, now) {
                    if !self.cursor.confirm(page.seq, self.fetch_basis) {
                        // A newer doubt needs another fetch.
                        self.catch_up.done();
                        return ConnectionStep::Rest;
                    }
                    self.pending.log_truncated(page.seq.max(self.cursor.top()));
                }
                self.offer(page.events, now);
                self.apply_next(now);
                if self.cursor.is_behind() && self.cursor.seq() == before {
                    return self.fetch_failed(now, random);
                }
                self.catch_up.done();
                self.mark_current(now);
            }
            Err(error) if error.is_illegible() => {
                self.catch_up.done();
                self.mark_illegible();
            }
            Err(error) if error.is_temporary() => return self.unanswered(now, random),
            Err(error) => {
                // The log was pruned or replaced: only the board can be fetched.
                self.catch_up.done();
                self.cursor.require_snapshot();
                if error.status == 410 && self.fetch_basis.0 == self.cursor.doubts() {
                    self.cursor.supersede(self.cursor.epoch(), 0);
                }
            }
        }
        ConnectionStep::Rest
    }

    /// Handles the answer to [`SessionEffect::FetchSnapshot`].
    pub(super) fn snapshot(
        &mut self,
        result: Result<Box<Snapshot>, ApiError>,
        now: u64,
        random: u64,
    ) -> ConnectionStep {
        if let Some(step) = self.fetched(result.as_ref().err(), now, random) {
            return step;
        }
        match result {
            Ok(snapshot) => {
                // A snapshot requested before the log was known to be replaced may be of the old log.
                if self.fetch_basis.0 != self.cursor.doubts() && snapshot.epoch == self.cursor.epoch() {
                    self.catch_up.done();
                    return ConnectionStep::Rest;
                }
                let jump = self.cursor.jump(snapshot.epoch, snapshot.seq, snapshot.last, now);
                if jump == Jump::Refused {
                    return self.fetch_failed(now, random);
                }
                self.catch_up.done();
                (self.illegible, self.illegible_boards) = (false, 0);
                self.replace(*snapshot, jump == Jump::Anew);
                self.mark_current(now);
                ConnectionStep::Rest
            }
            Err(error) if error.is_illegible() => {
                self.illegible = true;
                self.illegible_boards += 1;
                // A page of the server's own build can read its snapshots.
                if self.illegible_boards >= ILLEGIBLE {
                    self.end(Link::Outdated)
                } else {
                    self.fetch_failed(now, random)
                }
            }
            Err(error) if matches!(error.status, 403 | 404) => self.end(Link::NoAccess),
            Err(_) => self.unanswered(now, random),
        }
    }

    /// Applies a snapshot stored by an earlier page: useful if it is newer, and only until the server has answered.
    pub(super) fn stored(&mut self, snapshot: Snapshot, at: u64) {
        if self.as_of.is_some() || self.synced || snapshot.epoch != self.cursor.epoch() {
            return;
        }
        // Older builds store boards without the id of the last event.
        if snapshot.last.is_none() && self.confirmed.last().is_some() {
            return;
        }
        if snapshot.seq >= self.cursor.seq() {
            self.as_of = Some(at);
        }
        // The time only dates a gap, and a snapshot ahead of everything known leaves none.
        if snapshot.seq > self.cursor.seq() {
            self.cursor.jump(snapshot.epoch, snapshot.seq, snapshot.last, at);
            self.replace(snapshot, false);
        }
    }

    /// Applies events that are next, fetches missing ones, and goes live once nothing is missing.
    pub(super) fn catch_up(&mut self, now: u64, effects: &mut Vec<SessionEffect>) {
        self.apply_next(now);
        // Only a socket can lag behind what requests brought.
        if self.synced {
            self.cursor.watch(now);
        }
        let need = self.catch_up.begin(self.need(now), now);
        if need.is_some() {
            self.fetch_basis = (self.cursor.doubts(), self.cursor.top());
        }
        match need {
            Some(Need::Events) => effects.push(SessionEffect::FetchEvents(self.cursor.position())),
            Some(Need::Snapshot) => effects.push(SessionEffect::FetchSnapshot),
            None => {}
        }
        if self.synced && !self.is_live() && !self.cursor.is_behind() {
            self.connection.caught_up(now);
            self.pending.retry_now();
            effects.extend(self.own_presence.clone().map(SessionEffect::Send));
        }
    }

    /// The next fetch: known missing events, or a poll if no socket reports them.
    fn need(&self, now: u64) -> Option<Need> {
        let missing = self.cursor.need(now);
        if self.synced || self.connection.is_reachable() && missing.is_some() {
            return missing;
        }
        let due = self.connection.polls_at().is_some_and(|at| at <= now);
        due.then(|| missing.unwrap_or(Need::Events))
    }

    /// Without a socket, a complete fetch makes the board current.
    fn mark_current(&mut self, now: u64) {
        if !self.synced && !self.cursor.is_behind() {
            self.as_of = Some(now);
        }
    }

    /// Offers events from a socket. Before its first frame, as between tabs that share one, only their existence
    /// counts: whether they follow this cursor, or another log, is up to that frame.
    fn offer_from_socket(&mut self, events: Vec<Event>, now: u64) {
        if self.synced {
            return self.offer(events, now);
        }
        for event in events {
            self.cursor.reached(event.epoch, event.seq, now);
        }
    }

    fn offer(&mut self, events: Vec<Event>, now: u64) {
        for event in events {
            self.cursor.offer(event, now);
        }
    }

    fn apply_next(&mut self, now: u64) {
        let before = self.cursor.seq();
        while let Some(event) = self.cursor.next(now) {
            self.apply(event, now);
        }
        let settled = self.pending.settle(self.cursor.seq());
        self.mark(&settled);
        if self.cursor.seq() != before || !settled.is_empty() {
            self.confirmed.seq = self.cursor.seq();
            self.confirmed.last = self.cursor.position().last;
            self.view.advance(&self.confirmed);
            self.replay();
        }
    }

    fn apply(&mut self, event: Event, now: u64) {
        let unreadable = self.confirmed.unreadable;
        let mut touched = self.confirmed.apply(&event);
        touched.project |= unreadable != self.confirmed.unreadable;
        match &event.change {
            Change::Unreadable(_) => self.mark_illegible(),
            // The task may have been unreadable because of its rank.
            Change::TasksReranked(reranked)
                if unreadable > 0 && reranked.ranks.iter().any(|(id, _)| self.confirmed.task(*id).is_none()) =>
            {
                self.cursor.require_snapshot();
            }
            Change::TaskDeleted(_) | Change::StatusDeleted(_) | Change::MemberRemoved(_) => {
                self.removed.note(&event.change);
            }
            // A member event of this user's changes what they may do. `MemberAdded` comes when they were removed and
            // added again while disconnected.
            Change::MemberAdded(member) | Change::MemberUpdated(member) if member.user_id == self.me => {
                self.confirmed.project.role = Some(member.role);
                touched.project = true;
            }
            Change::CommentCreated(change) | Change::CommentUpdated(change) | Change::CommentDeleted(change) => {
                self.on_thread(|thread| thread.log_reports(change, event.seq, now));
            }
            _ => {}
        }
        if touched.statuses || touched.members || touched.project {
            self.view.frame(&self.confirmed);
            self.changes.add_structure(&touched);
        }
        if event.triggered_by != self.me
            && let Some(task) = event.change.task()
        {
            self.changes.remote.push((task.id, event.triggered_by));
        }
        self.touched_tasks.extend(touched.tasks);
        let confirmed = event.op_id.and_then(|op_id| self.pending.confirmed(op_id));
        if let Some(op) = &confirmed {
            self.on_thread(|thread| thread.echo(op, event.seq));
        }
        self.mark(confirmed.as_slice());
    }

    fn replace(&mut self, snapshot: Snapshot, another_log: bool) {
        let confirmed = Board::new(snapshot);
        for task in self.confirmed.tasks().filter(|task| confirmed.task(task.id).is_none()) {
            self.removed.push(task.clone());
        }
        self.confirmed = confirmed;
        if another_log {
            self.pending.log_replaced();
        }
        self.pending.settle(self.cursor.seq());
        self.touched_tasks.clear();
        self.view = View::play(&self.confirmed, &self.pending, self.known());
        let seq = self.cursor.seq();
        self.on_thread(|thread| if another_log { thread.forget(seq) } else { thread.jumped_to(seq) });
        self.changes = Changes { all: true, thread: self.changes.thread, ..Changes::default() };
    }

    /// Handles a fetch without an answer. Without a socket it was a poll, which the connection schedules again.
    fn unanswered(&mut self, now: u64, random: u64) -> ConnectionStep {
        if self.synced {
            return self.fetch_failed(now, random);
        }
        self.catch_up.done();
        ConnectionStep::Rest
    }

    fn fetch_failed(&mut self, now: u64, random: u64) -> ConnectionStep {
        if !self.catch_up.failed(now, random) || !self.synced {
            return ConnectionStep::Rest;
        }
        // A socket that reports events which cannot be fetched is not live, whatever it looks like.
        self.connection.closed(ABNORMAL, None, now, random);
        ConnectionStep::Close
    }

    /// Records the outcome of a fetch. If it ended the session, the fetch is over, too.
    fn fetched(&mut self, error: Option<&ApiError>, now: u64, random: u64) -> Option<ConnectionStep> {
        let step = self.request_finished(error, now, random)?;
        self.catch_up.done();
        Some(step)
    }

    fn mark(&mut self, ops: &[PendingOp]) {
        for op in ops {
            self.view.mark(op.op.task_id());
        }
    }
}
