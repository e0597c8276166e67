//! One open board on this node: where its log stands, who listens, and how a gap is filled.
//!
//! A lock, not a task: delivering is a queue push a member, which is shorter than a hop to a task.
//! Whoever holds the lock does not wait; reads of the log happen outside it, one at a time.

mod admission;
mod repair;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use axum::extract::ws::Utf8Bytes;
use engine::{
    Change, Epoch, Event, ProjectId, UserId,
    wire::{ResyncReason, close},
};
use tokio::runtime::Handle;

pub(super) use admission::{Refused, Resume};

use super::{
    Counters, Logged, Shared, frame,
    hub::SocketId,
    outbox::{Outbox, Push},
    presence::{Doing, Roster},
    sequence::{Offer, Sequence, Sequenced},
};

impl Sequenced for Logged {
    fn seq(&self) -> u64 {
        self.seq
    }
}

/// A socket in a room.
#[derive(Clone)]
pub(super) struct Member {
    /// Whose it is.
    pub(super) user: UserId,
    /// The name that others see.
    pub(super) name: String,
    /// Where its frames go.
    pub(super) outbox: Arc<Outbox>,
}

/// One open board on this node.
pub(super) struct Room {
    project: ProjectId,
    shared: Arc<Shared>,
    state: Mutex<State>,
    /// Held over reads of the log: one at a time, whoever needs it.
    reading: tokio::sync::Mutex<()>,
}

struct State {
    sequence: Sequence<Logged>,
    members: HashMap<SocketId, Member>,
    roster: Roster,
    /// Who lost access while this room was open, and may be half way in.
    removed: HashSet<UserId>,
    /// A task fills a gap.
    repairing: bool,
    /// A task tells of presence when it is due.
    telling: bool,
    /// Something was delivered since the last comparison with the database.
    active: bool,
}

impl Room {
    /// A room whose place in the log is yet to be read.
    pub(super) fn new(project: ProjectId, shared: Arc<Shared>) -> Self {
        let state = State {
            sequence: Sequence::unknown(),
            members: HashMap::new(),
            roster: Roster::new(shared.timing.presence, shared.timing.leave),
            removed: HashSet::new(),
            repairing: false,
            telling: false,
            active: false,
        };
        Self { project, shared, state: Mutex::new(state), reading: tokio::sync::Mutex::new(()) }
    }

    /// Events came, from a service here or from the bus.
    pub(super) fn offer(self: &Arc<Self>, epoch: Epoch, events: Vec<Logged>) {
        let mut state = self.lock();
        let mut out = Vec::with_capacity(events.len());
        let mut duplicates = 0;
        for event in events {
            if state.sequence.offer(epoch, event, &mut out) == Offer::Duplicate {
                duplicates += 1;
            }
        }
        Counters::add(&self.shared.counters.duplicates_dropped, duplicates);
        self.deliver(&mut state, &out);
        self.mend(&mut state);
    }

    /// The log has grown to `seq`.
    pub(super) fn reaches(self: &Arc<Self>, epoch: Epoch, seq: u64) {
        let mut state = self.lock();
        state.sequence.reaches(epoch, seq);
        self.mend(&mut state);
    }

    /// Whether nothing was delivered since this was last asked. A quiet room also gives back what it
    /// keeps for sockets that come back.
    pub(super) fn take_quiet(&self) -> bool {
        const KEPT: usize = 64;
        let mut state = self.lock();
        let quiet = !std::mem::take(&mut state.active);
        if quiet {
            state.sequence.trim(KEPT);
        }
        quiet
    }

    /// A socket closed.
    pub(super) fn leave(self: &Arc<Self>, socket: SocketId) {
        let mut state = self.lock();
        if let Some(member) = state.members.remove(&socket) {
            state.roster.leave(member.user, socket, Instant::now());
            self.tell_when_due(&mut state);
        }
    }

    /// Somebody does something else.
    pub(super) fn turn(self: &Arc<Self>, socket: SocketId, doing: Doing) {
        let mut state = self.lock();
        if let Some(user) = state.members.get(&socket).map(|member| member.user) {
            state.roster.turn(user, socket, doing, Instant::now());
            self.tell_when_due(&mut state);
        }
    }

    /// Queues events that are next, for every member, and does what they say about the members.
    fn deliver(&self, state: &mut State, events: &[Logged]) {
        if events.is_empty() {
            return;
        }
        state.active = true;
        let frames: Vec<Utf8Bytes> = events.iter().map(|event| event.frame.clone()).collect();
        self.send(state, &frames);
        for event in events {
            self.obey(state, event);
        }
    }

    fn send(&self, state: &State, frames: &[Utf8Bytes]) {
        let Some((epoch, seq)) = state.sequence.position() else { return };
        let counters = &self.shared.counters;
        let mut collapsed = 0;
        for member in state.members.values() {
            if member.outbox.push(frames, || frame::resync(ResyncReason::Slow, epoch, seq)) == Push::Collapsed {
                collapsed += 1;
            }
        }
        Counters::add(&counters.events_out, (frames.len() * state.members.len()) as u64);
        if collapsed > 0 {
            Counters::add(&counters.queue_drops, collapsed);
            Counters::add(&counters.resyncs, collapsed);
        }
    }

    /// Takes access away when an event says so. Looking for a few bytes is all that the others cost;
    /// a quotation mark inside a text is escaped, so no title can look like one of these.
    fn obey(&self, state: &mut State, event: &Logged) {
        let text = event.frame.as_str();
        if !text.contains(r#""type":"member_"#) && !text.contains(r#""type":"project_deleted""#) {
            return;
        }
        match serde_json::from_str::<Event>(text).map(|event| event.change) {
            Ok(Change::MemberRemoved(member)) => {
                state.removed.insert(member.user_id);
                self.expel(state, Some(member.user_id));
            }
            Ok(Change::MemberAdded(member)) => {
                state.removed.remove(&member.user_id);
            }
            Ok(Change::ProjectDeleted(_)) => self.expel(state, None),
            _ => {}
        }
    }

    /// Closes the sockets of a user, or of everybody.
    fn expel(&self, state: &State, user: Option<UserId>) {
        for member in state.members.values().filter(|member| user.is_none_or(|user| member.user == user)) {
            Counters::add(&self.shared.counters.closed_denied, 1);
            member.outbox.close(close::NO_ACCESS, "no access to this project");
        }
    }

    /// Everybody starts anew at the room's position.
    fn resync_all(&self, state: &State, reason: ResyncReason) {
        if let Some((epoch, seq)) = state.sequence.position() {
            Counters::add(&self.shared.counters.rooms_anew, 1);
            Counters::add(&self.shared.counters.resyncs, state.members.len() as u64);
            self.send(state, &[frame::resync(reason, epoch, seq)]);
        }
    }

    /// Sees to it that a task tells of presence when there is something to tell.
    fn tell_when_due(self: &Arc<Self>, state: &mut State) {
        if state.telling || state.roster.due().is_none() {
            return;
        }
        // A socket's task that is dropped with the runtime leaves its room outside of any.
        let Ok(runtime) = Handle::try_current() else { return };
        state.telling = true;
        let room = Arc::clone(self);
        runtime.spawn(async move {
            while let Some(due) = room.tell() {
                tokio::time::sleep_until(due.into()).await;
            }
        });
    }

    /// Tells what is due, and when more is.
    fn tell(&self) -> Option<Instant> {
        let mut state = self.lock();
        if let Some(changes) = state.roster.changes(Instant::now()) {
            let frame = frame::presence(changes.join, changes.leave, changes.editing);
            for member in state.members.values() {
                member.outbox.push_lossy(frame.clone());
            }
        }
        let due = state.roster.due().filter(|_| !state.members.is_empty());
        state.telling = due.is_some();
        due
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while delivering may have left some members without a frame. They notice the gap
        // by its seq, as they would after any loss.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
