//! Admission of sockets to a room, without a missed or repeated event.
//!
//! A socket enters and gets what it missed in one step, at one position: later events are delivered to it like to all
//! others. Events before the ring are read from the log first and prepended to the ring, so that one read serves all
//! returning sockets.

use std::collections::BTreeSet;

use super::{
    Diverged, Join, JoinRefusal, Located, LogPlace, Page, Reading, Resume, Room, RoomEffect, Sequenced, Unavailable,
    Welcome, expel,
    log_cursor::{Fill, MAX_CATCH_UP},
};
use crate::{UserId, wire::ResyncReason};

/// Log reads for one socket before it has to fetch the whole board.
const TRIES: u32 = 3;

/// A socket that waits for admission.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) join: Join,
    /// Log reads made for it.
    tries: u32,
}

impl Waiting {
    pub(super) fn new(join: Join) -> Self {
        Self { join, tries: 0 }
    }
}

enum Plan {
    /// Enter, with the events after this seq.
    After(u64),
    /// Enter, and tell it to fetch the board.
    Resync(ResyncReason),
    /// Read the log after this seq first.
    Read(u64),
    /// Have its access checked again.
    Check,
    /// The client has an event that the log does not have.
    Diverged,
}

impl<E: Sequenced> Room<E> {
    /// Admits the waiting sockets that can enter.
    pub(super) fn admit(&mut self, effects: &mut Vec<RoomEffect<E>>) {
        let Some(place) = self.cursor.position() else { return };
        for waiting in std::mem::take(&mut self.joining) {
            if self.diverged.is_some() {
                self.joining.push_back(waiting);
                continue;
            }
            let Join { socket, user, checked, .. } = waiting.join;
            let welcome = match self.plan(place, waiting) {
                Plan::After(since) => self.cursor.after(since).map(|missed| {
                    let events = missed.cloned().collect();
                    Welcome::Sync { epoch: place.epoch, since, events }
                }),
                Plan::Resync(reason) => Some(Welcome::Resync(reason, place)),
                Plan::Read(_) => None,
                Plan::Diverged if waiting.join.may_rotate => {
                    // It waits with the others until the log has its new epoch.
                    self.joining.push_back(waiting);
                    self.diverge(Diverged { epoch: place.epoch, claimed_by: Some(user) });
                    continue;
                }
                Plan::Diverged => Some(Welcome::Resync(ResyncReason::Epoch, place)),
                Plan::Check => {
                    effects.push(RoomEffect::Refuse(socket, JoinRefusal::AccessChanged));
                    continue;
                }
            };
            match welcome {
                Some(welcome) => {
                    self.audience.enter(socket, user, checked.seq);
                    effects.push(RoomEffect::Enter(socket, welcome));
                }
                None => self.joining.push_back(waiting),
            }
        }
    }

    /// Starts the next read of the database, if one is due.
    pub(super) fn read(&mut self, now: u64, effects: &mut Vec<RoomEffect<E>>) {
        let gap = !self.audience.is_empty() && (self.restart.is_some() || self.cursor.has_gap());
        self.repair.watch(gap, now);
        if self.reading.is_some() {
            return;
        }
        let (reading, effect) = match (self.cursor.position(), self.joining.front().copied()) {
            (None, Some(_)) => (Reading::End, self.find_end()),
            (None, None) if self.repair.is_due(now) => (Reading::End, self.find_end()),
            (Some(place), Some(waiting)) => {
                // A socket that still waits needs a read.
                let Plan::Read(since) = self.plan(place, waiting) else { return };
                (Reading::For(waiting.join.socket), RoomEffect::Read { since, gap: false })
            }
            (Some(place), None) if self.repair.is_due(now) => {
                (Reading::Gap, RoomEffect::Read { since: place.seq, gap: true })
            }
            _ => return,
        };
        self.reading = Some(reading);
        self.asked_at = self.cursor.position();
        effects.push(effect);
    }

    /// Handles the answer to [`RoomEffect::Locate`].
    pub(super) fn located(
        &mut self,
        result: Result<Option<Located>, Unavailable>,
        now: u64,
        random: u64,
        effects: &mut Vec<RoomEffect<E>>,
    ) {
        self.reading = None;
        let Located { place, last, readers } = match result {
            Ok(Some(located)) => located,
            Ok(None) => return self.gone(effects),
            Err(Unavailable) => return self.unavailable(now, random, effects),
        };
        if self.diverged.take().is_some() {
            // One rotation per divergence, even if it failed.
            self.joining.iter_mut().for_each(|waiting| waiting.join.may_rotate = false);
        }
        let readers: BTreeSet<UserId> = readers.into_iter().collect();
        let mut out = Vec::new();
        self.cursor.start(place, last, &mut out);
        expel(self.audience.located(place, &readers), effects);
        self.joining.retain_mut(|waiting| {
            waiting.join.checked = place;
            let may = readers.contains(&waiting.join.user);
            if !may {
                effects.push(RoomEffect::Refuse(waiting.join.socket, JoinRefusal::AccessChanged));
            }
            may
        });
        if let Some(reason) = self.restart.take()
            && !self.audience.is_empty()
        {
            effects.push(RoomEffect::Resync(reason, place));
        }
        self.repair.done();
        self.deliver(out, effects);
    }

    /// Handles the answer to [`RoomEffect::Read`].
    pub(super) fn page(
        &mut self,
        result: Result<Option<Page<E>>, Unavailable>,
        now: u64,
        random: u64,
        effects: &mut Vec<RoomEffect<E>>,
    ) {
        let reading = self.reading.take();
        let page = match result {
            Ok(Some(page)) => page,
            Ok(None) => return self.gone(effects),
            Err(Unavailable) => return self.unavailable(now, random, effects),
        };
        if let Some(Reading::For(socket)) = reading
            && let Some(waiting) = self.joining.iter_mut().find(|waiting| waiting.join.socket == socket)
        {
            waiting.tries += 1;
        }
        let before = self.cursor.position();
        let (epoch, older) = (page.epoch, page.events.clone());
        let mut out = Vec::with_capacity(page.events.len());
        let filled = self.cursor.fill(page, self.asked_at.take(), &mut out);
        if filled == Fill::Diverged {
            self.diverge(Diverged { epoch, claimed_by: None });
            return self.repair.progressed(now);
        }
        if let Fill::Anew(reason) = filled {
            // Loss of access in the gap is unknown, too: the log's end is read together with who may read it.
            self.cursor.lose();
            self.restart = Some(reason);
            return self.repair.progressed(now);
        }
        // The room may have caught up meanwhile and dropped its ring.
        self.cursor.prepend(epoch, older);
        self.deliver(out, effects);
        if filled == Fill::Whole || self.cursor.position() != before {
            self.repair.progressed(now);
        } else if reading == Some(Reading::Gap) && self.repair.fruitless(now, random) {
            effects.push(RoomEffect::Phantoms);
            self.cursor.forget();
        }
    }

    fn plan(&self, place: LogPlace, Waiting { join, tries }: Waiting) -> Plan {
        let LogPlace { epoch, seq: last } = place;
        if join.checked.epoch != epoch {
            // The room or the check is of a replaced log: the log tells which.
            return if tries == 0 { Plan::Read(last) } else { Plan::Check };
        }
        if self.audience.doubts(join.user, join.checked.seq) {
            return Plan::Check;
        }
        let Some(Resume { epoch: of, since, last: had }) = join.resume else { return Plan::After(last) };
        if of.is_some_and(|of| of != epoch) {
            return Plan::Resync(ResyncReason::Epoch);
        }
        let has = self.cursor.id_at(since);
        if had.zip(has).is_some_and(|(had, has)| had != has) {
            return Plan::Diverged;
        }
        if had.is_some() && has.is_none() && tries == 0 && since <= last && last <= since.saturating_add(MAX_CATCH_UP) {
            // The log tells whether it has that event.
            return Plan::Read(since);
        }
        if self.cursor.after(since).is_some() {
            return Plan::After(since);
        }
        if last > since.saturating_add(MAX_CATCH_UP) {
            return Plan::Resync(ResyncReason::Slow);
        }
        match (tries < TRIES, since > last) {
            // The client is ahead of this room; reading the log brings the room there.
            (true, true) => Plan::Read(last),
            (true, false) => Plan::Read(since),
            // The client is ahead of the log: its cursor is of a database that was replaced.
            (false, true) if had.is_some() => Plan::Diverged,
            (false, true) => Plan::Resync(ResyncReason::Epoch),
            (false, false) => Plan::Resync(ResyncReason::LogPruned),
        }
    }

    /// Handles a log that went back in time: nothing known of it counts until it has another epoch.
    fn diverge(&mut self, diverged: Diverged) {
        self.cursor.lose();
        self.restart = Some(ResyncReason::Epoch);
        self.diverged = Some(diverged);
    }

    /// The effect that reads the end of the log.
    fn find_end(&self) -> RoomEffect<E> {
        self.diverged
            .map_or(RoomEffect::Locate, |Diverged { epoch, claimed_by }| RoomEffect::RotateEpoch { epoch, claimed_by })
    }

    /// Handles a deleted project: refuses and expels everybody.
    fn gone(&mut self, effects: &mut Vec<RoomEffect<E>>) {
        self.refuse_all(JoinRefusal::Gone, effects);
        expel(self.audience.clear(), effects);
    }

    /// Handles a failed read: refuses the waiting sockets, and retries later for the members.
    fn unavailable(&mut self, now: u64, random: u64, effects: &mut Vec<RoomEffect<E>>) {
        self.refuse_all(JoinRefusal::Unavailable, effects);
        self.repair.failed(now, random);
    }

    fn refuse_all(&mut self, refused: JoinRefusal, effects: &mut Vec<RoomEffect<E>>) {
        let sockets = self.joining.drain(..).map(|waiting| waiting.join.socket);
        effects.extend(sockets.map(|socket| RoomEffect::Refuse(socket, refused)));
    }
}
