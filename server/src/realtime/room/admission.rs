//! How a socket gets into a room without missing an event and without getting one twice.
//!
//! Registering and saying what was missed happen under one lock, at one position: what comes later
//! is delivered to the member like to all others. What the ring does not reach is read from the log
//! first, and put in front of the ring, so that one read serves all who come back.

use std::{sync::Arc, time::Instant};

use engine::{Epoch, UserId, wire::ResyncReason};

use super::{Member, Room, State};
use crate::realtime::{Counters, frame, hub::SocketId, log::LogUnavailable, outbox::Push, sequence::REACH};

/// Reads for one socket before it is sent to fetch the whole board.
const TRIES: u32 = 3;

/// What a client says that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::realtime) struct Resume {
    /// Of which log. Without it the cursor is believed.
    pub(in crate::realtime) epoch: Option<Epoch>,
    /// The last event that it has.
    pub(in crate::realtime) since: u64,
}

/// Why a socket does not get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::realtime) enum Refused {
    /// There is no such project.
    Gone,
    /// This user lost access after it was checked: check again.
    AccessChanged,
    /// The log cannot be read now.
    LogUnavailable,
}

enum Plan {
    /// Enter, with the events after this seq.
    After(u64),
    /// Enter, and fetch the board.
    Resync(ResyncReason),
    /// The room's place in the log is unknown.
    Locate,
    /// Read the log after this seq first.
    Read(u64),
}

impl Room {
    /// Lets a socket in: its first frame is `sync` with what it missed, or `resync`.
    ///
    /// # Errors
    /// When the project is gone, access ended meanwhile, or the log cannot be read.
    pub(in crate::realtime) async fn admit(
        self: &Arc<Self>,
        socket: SocketId,
        member: Member,
        resume: Option<Resume>,
    ) -> Result<(), Refused> {
        let mut tries = 0;
        let mut reading = None;
        loop {
            let plan = {
                let mut state = self.lock();
                let plan = state.plan(resume, tries);
                match plan {
                    Plan::After(_) | Plan::Resync(_) if state.removed.contains(&member.user) => {
                        return Err(Refused::AccessChanged);
                    }
                    Plan::After(_) | Plan::Resync(_) => {
                        self.enter(&mut state, socket, member, resume.is_some(), &plan);
                        return Ok(());
                    }
                    Plan::Locate | Plan::Read(_) => plan,
                }
            };
            if reading.is_none() {
                // Whoever read before may have read what is missing here.
                reading = Some(self.reading.lock().await);
                continue;
            }
            tries += 1;
            self.read(&plan).await?;
        }
    }

    /// A member that was checked again after [`Refused::AccessChanged`] has access after all.
    pub(in crate::realtime) fn readmit(&self, user: UserId) {
        self.lock().removed.remove(&user);
    }

    fn enter(self: &Arc<Self>, state: &mut State, socket: SocketId, member: Member, resumed: bool, plan: &Plan) {
        let Some((epoch, seq)) = state.sequence.position() else { return };
        let counters = &self.shared.counters;
        let now = Instant::now();
        state.roster.enter(member.user, &member.name, socket, now);
        let people = state.roster.all();
        let frames = match plan {
            Plan::After(since) => state.sequence.after(*since).map(|missed| {
                if resumed {
                    Counters::add(&counters.recoveries, 1);
                }
                frame::sync(epoch, *since, missed, &people)
            }),
            _ => None,
        };
        let frames = frames.unwrap_or_else(|| {
            let reason = if let Plan::Resync(reason) = plan { *reason } else { ResyncReason::Slow };
            Counters::add(&counters.resyncs, 1);
            vec![frame::resync(reason, epoch, seq), frame::presence(people.clone(), vec![], vec![])]
        });
        // Too many bytes for the queue: the whole board is less than what was missed.
        if member.outbox.push(&frames, || frame::resync(ResyncReason::Slow, epoch, seq)) == Push::Collapsed {
            Counters::add(&counters.resyncs, 1);
        }
        state.members.insert(socket, member);
        self.tell_when_due(state);
        // What was held while the room was being located may have left a gap.
        self.mend(state);
    }

    async fn read(self: &Arc<Self>, plan: &Plan) -> Result<(), Refused> {
        let log = &self.shared.log;
        if let Plan::Read(since) = plan {
            let page = log.since(self.project, *since, REACH as usize).await?.ok_or(Refused::Gone)?;
            let mut state = self.lock();
            let (epoch, older) = (page.epoch, page.events.clone());
            // The log may be ahead of the room: it catches up, and drops what it has.
            self.fill(&mut state, page);
            state.sequence.prepend(epoch, older);
            return Ok(());
        }
        let tops = log.tops(&[self.project]).await?;
        let &[(_, epoch, seq)] = tops.as_slice() else { return Err(Refused::Gone) };
        let mut state = self.lock();
        let mut out = Vec::new();
        state.sequence.start(epoch, seq, &mut out);
        self.deliver(&mut state, &out);
        Ok(())
    }
}

impl State {
    fn plan(&self, resume: Option<Resume>, tries: u32) -> Plan {
        let Some((epoch, last)) = self.sequence.position() else { return Plan::Locate };
        let Some(Resume { epoch: of, since }) = resume else { return Plan::After(last) };
        if of.is_some_and(|of| of != epoch) {
            return Plan::Resync(ResyncReason::Epoch);
        }
        if self.sequence.after(since).is_some() {
            return Plan::After(since);
        }
        if last > since.saturating_add(REACH) {
            return Plan::Resync(ResyncReason::Slow);
        }
        match (tries < TRIES, since > last) {
            // The client has seen more than this room: so will the room, when it reads the log.
            (true, true) => Plan::Read(last),
            (true, false) => Plan::Read(since),
            // More than the log itself has: the cursor is of a database that is no more.
            (false, true) => Plan::Resync(ResyncReason::Epoch),
            (false, false) => Plan::Resync(ResyncReason::LogPruned),
        }
    }
}

impl From<LogUnavailable> for Refused {
    fn from(LogUnavailable: LogUnavailable) -> Self {
        Self::LogUnavailable
    }
}
