//! Read marks that the socket has not confirmed yet.
//!
//! A mark is dropped once the socket confirms it. The answer alone is not enough: the count comes from the socket, and
//! would jump back until that frame arrives. A mark that the socket never confirms expires after [`ECHO_MS`]: by then
//! the server has compared what it sent with what it stores.

use std::collections::VecDeque;

use super::{ReadMarks, inbox::NotificationList};
use crate::{NotificationId, session::backoff::full_jitter, wire::NotificationRead};

/// How long an accepted mark waits for the socket's confirmation, in milliseconds.
const ECHO_MS: u64 = 35_000;
/// Notifications in one request.
pub(super) const TOGETHER: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waits to be sent, or sent again.
    Queued,
    /// Sent; not answered yet. The socket may have confirmed it already.
    Sent { echoed: bool },
    /// Accepted by the server.
    Done { until: u64 },
}

/// The marks, in the order in which they were made. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    entries: VecDeque<(ReadMarks, State)>,
    /// When a mark that failed may be sent again.
    again_at: Option<u64>,
    failures: u32,
}

impl Marks {
    /// The unread count with these marks applied.
    pub(super) fn unread(&self, inbox: &NotificationList) -> u64 {
        let up_to = self.live().filter_map(|mark| match mark {
            ReadMarks::UpTo(newest) => Some(*newest),
            ReadMarks::Ids(_) => None,
        });
        match up_to.max() {
            // Newer ones arrived by the socket, so they are loaded.
            Some(newest) => inbox.count_unread(|id| id > newest && !self.cover(id)),
            None => inbox.unread().saturating_sub(inbox.count_unread(|id| self.cover(id))),
        }
    }

    /// Whether a mark covers a notification.
    pub(super) fn cover(&self, id: NotificationId) -> bool {
        self.live().any(|mark| mark.covers(id))
    }

    /// When a mark expires or is sent again.
    pub(super) fn wake_at(&self) -> Option<u64> {
        let done = self.entries.iter().filter_map(|(_, state)| match state {
            State::Done { until } => Some(*until),
            _ => None,
        });
        done.chain(self.again_at).min()
    }

    /// Adds a mark.
    pub(super) fn add(&mut self, mark: ReadMarks) {
        if let (ReadMarks::Ids(more), Some((ReadMarks::Ids(ids), State::Queued))) = (&mark, self.entries.back_mut())
            && ids.len() + more.len() <= TOGETHER
        {
            ids.extend(more);
            return;
        }
        self.entries.push_back((mark, State::Queued));
    }

    /// Returns the next mark to send, if one is due.
    pub(super) fn send(&mut self, now: u64) -> Option<ReadMarks> {
        let under_way = self.entries.iter().any(|(_, state)| matches!(state, State::Sent { .. }));
        if under_way || self.again_at.is_some_and(|at| now < at) {
            return None;
        }
        let (mark, state) = self.entries.iter_mut().find(|(_, state)| *state == State::Queued)?;
        *state = State::Sent { echoed: false };
        self.again_at = None;
        Some(mark.clone())
    }

    /// Records that the server accepted the mark in flight.
    pub(super) fn done(&mut self, now: u64) {
        self.failures = 0;
        let Some(index) = self.sent() else { return };
        match self.entries[index].1 {
            State::Sent { echoed: true } => drop(self.entries.remove(index)),
            _ => self.entries[index].1 = State::Done { until: now + ECHO_MS },
        }
    }

    /// Records that the mark in flight failed temporarily.
    pub(super) fn later(&mut self, now: u64, random: u64) {
        if let Some(index) = self.sent() {
            if self.entries[index].1 == (State::Sent { echoed: true }) {
                self.entries.remove(index);
                return;
            }
            self.entries[index].1 = State::Queued;
            self.again_at = Some(now + full_jitter(self.failures, random));
            self.failures = self.failures.saturating_add(1);
        }
    }

    /// Removes the mark in flight.
    pub(super) fn take_sent(&mut self) -> Option<ReadMarks> {
        self.failures = 0;
        self.sent().and_then(|index| self.entries.remove(index)).map(|(mark, _)| mark)
    }

    /// Drops the marks that the socket confirms: its count no longer includes them.
    pub(super) fn echoed(&mut self, read: &NotificationRead) {
        let covered = |id: NotificationId| read.ids.contains(&id) || read.up_to.is_some_and(|newest| id <= newest);
        for (mark, state) in &mut self.entries {
            let echoed = match mark {
                ReadMarks::Ids(ids) => ids.iter().all(|id| covered(*id)),
                ReadMarks::UpTo(newest) => read.up_to.is_some_and(|up_to| *newest <= up_to),
            };
            if echoed {
                *state = match *state {
                    State::Sent { .. } => State::Sent { echoed: true },
                    State::Queued | State::Done { .. } => State::Done { until: 0 },
                };
            }
        }
        self.entries.retain(|(_, state)| *state != State::Done { until: 0 });
    }

    /// Drops marks that the socket never confirmed. True if there were any.
    pub(super) fn expire(&mut self, now: u64) -> bool {
        let before = self.entries.len();
        self.entries.retain(|(_, state)| !matches!(state, State::Done { until } if *until <= now));
        self.entries.len() < before
    }

    fn live(&self) -> impl Iterator<Item = &ReadMarks> {
        self.entries.iter().filter(|(_, state)| *state != State::Sent { echoed: true }).map(|(mark, _)| mark)
    }

    fn sent(&self) -> Option<usize> {
        self.entries.iter().position(|(_, state)| matches!(state, State::Sent { .. }))
    }
}
