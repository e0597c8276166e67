//! One open board on this node: the shell around [`engine::room::Room`], which decides what happens in it.
//!
//! A lock, not a task: delivering is a queue push a member, which is shorter than a hop to a task.
//! Whoever holds the lock does not wait; reads of the log and timers are tasks of their own, one of each.

mod comments;
mod logged;
mod presence;
mod reading;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use engine::{
    Epoch, EventId, ProjectId, UserId,
    room::{self, Join, JoinRefusal, LogPlace, Resume, RoomEffect, RoomInput, SocketId, Welcome},
    wire::{ResyncReason, close},
};
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    Counters, Logged, RealtimeContext,
    alarm::{Alarm, Asleep},
    flusher::Flusher,
    frame,
    outbox::{Outbox, Push},
    packet::Packet,
    presence::Roster,
    presence_filter::PresenceFilter,
    scope::ThreadScopes,
};
use crate::frame_text::FrameText;

/// What the panics of all rooms are counted as.
const TASK: &str = "rooms";

/// A socket in a room.
#[derive(Clone)]
pub(super) struct RoomMember {
    /// Whose it is.
    pub(super) user: UserId,
    /// The name that others see.
    pub(super) name: String,
    /// Where its frames go.
    pub(super) outbox: Arc<Outbox>,
}

/// One open board on this node.
pub(super) struct LiveRoom {
    project: ProjectId,
    shared: Arc<RealtimeContext>,
    /// What the room's clock counts from.
    opened: Instant,
    state: Mutex<State>,
    /// Wakes the task that ticks.
    tick_alarm: Alarm,
    /// Wakes the task that tells of presence.
    tell_alarm: Alarm,
}

struct State {
    room: room::Room<Logged>,
    members: HashMap<SocketId, RoomMember>,
    /// Those who are not in yet.
    arriving: HashMap<SocketId, Arriving>,
    roster: Roster,
    filter: PresenceFilter,
    scopes: ThreadScopes,
    /// Until when the task sleeps that ticks the room.
    ticking: Asleep,
    /// Until when the task sleeps that tells of presence.
    telling: Asleep,
}

struct Arriving {
    member: RoomMember,
    resumed: bool,
    answer: oneshot::Sender<Result<(), JoinRefusal>>,
}

impl LiveRoom {
    /// A room whose place in the log is yet to be read.
    pub(super) fn new(project: ProjectId, shared: Arc<RealtimeContext>) -> Self {
        let timing = &shared.timing;
        let state = State {
            room: room::Room::new(millis(timing.reorder)),
            members: HashMap::new(),
            arriving: HashMap::new(),
            roster: Roster::new(timing.presence, timing.leave),
            filter: PresenceFilter::default(),
            scopes: ThreadScopes::default(),
            ticking: None,
            telling: None,
        };
        let (tick_alarm, tell_alarm) = Default::default();
        Self { project, shared, opened: Instant::now(), state: Mutex::new(state), tick_alarm, tell_alarm }
    }

    /// Events came, from a service here or from the bus.
    pub(super) fn offer(self: &Arc<Self>, epoch: Epoch, events: Vec<Logged>) {
        self.handle(&mut self.lock(), RoomInput::Offer { epoch, events });
    }

    /// The log ends here, somebody says; `None`: the project is gone.
    pub(super) fn compare(self: &Arc<Self>, top: Option<(Epoch, u64)>) {
        let top = top.map(|(epoch, seq)| LogPlace { epoch, seq });
        self.handle(&mut self.lock(), RoomInput::Top(top));
    }

    /// The log and its last event that was delivered here.
    pub(super) fn position(&self) -> Option<LogPlace> {
        self.lock().room.position()
    }

    /// The database says where the log ends, asked when the room was at `asked_at`.
    pub(super) fn compared(self: &Arc<Self>, asked_at: Option<LogPlace>, top: LogPlace, last: Option<EventId>) {
        self.handle(&mut self.lock(), RoomInput::Compared { asked_at, top, last });
    }

    /// Whether nothing was delivered since this was last asked.
    pub(super) fn take_quiet(&self) -> bool {
        self.lock().room.take_quiet()
    }

    /// Lets a socket in: its first frame is `sync` with what it missed, or `resync`. `checked` is where the
    /// log was when its user was found to have access.
    ///
    /// # Errors
    /// When the project is gone, access ended meanwhile, or the log cannot be read.
    pub(super) async fn admit(
        self: &Arc<Self>,
        socket: SocketId,
        member: RoomMember,
        checked: LogPlace,
        resume: Option<Resume>,
    ) -> Result<(), JoinRefusal> {
        let (answer, answered) = oneshot::channel();
        {
            let mut state = self.lock();
            let user = member.user;
            state.arriving.insert(socket, Arriving { member, resumed: resume.is_some(), answer });
            let may_rotate = self.shared.claims.may(user, self.project);
            self.handle(&mut state, RoomInput::Join(Join { socket, user, checked, resume, may_rotate }));
        }
        // Without an answer the runtime is going away.
        answered.await.unwrap_or(Err(JoinRefusal::Unavailable))
    }

    /// A socket closed, or no longer waits to get in.
    pub(super) fn leave(self: &Arc<Self>, socket: SocketId) {
        let mut state = self.lock();
        state.arriving.remove(&socket);
        state.scopes.leave(socket);
        state.filter.leave(socket);
        if let Some(member) = state.members.remove(&socket) {
            state.roster.leave(member.user, socket, Instant::now());
            self.tell_when_due(&mut state);
        }
        self.handle(&mut state, RoomInput::Leave(socket));
    }

    fn handle(self: &Arc<Self>, state: &mut State, input: RoomInput<Logged>) {
        let now = millis(self.opened.elapsed());
        for effect in state.room.handle(input, now, rand::random()) {
            self.carry_out(state, effect);
        }
        self.tick_when_due(state);
    }

    fn carry_out(self: &Arc<Self>, state: &mut State, effect: RoomEffect<Logged>) {
        let counters = &self.shared.counters;
        match effect {
            RoomEffect::Deliver(events) => {
                let (Some(place), Some(last)) = (state.room.position(), events.last()) else { return };
                // The room may be further already: what follows is delivered next.
                let place = LogPlace { seq: last.seq, ..place };
                self.send(state, &frame::events(place.epoch, &events), place);
                counters.queued(&events, state.members.len());
                self.read_comments(state, &events);
                self.leave_deleted(state, &events);
            }
            RoomEffect::Resync(reason, place) => {
                Counters::add(&counters.rooms_anew, 1);
                state.filter.forget();
                Counters::add(&counters.resyncs, state.members.len() as u64);
                self.send(state, &[frame::resync(reason, place.epoch, place.seq)], place);
            }
            RoomEffect::Enter(socket, welcome) => self.enter(state, socket, welcome),
            RoomEffect::Refuse(socket, refused) => {
                if let Some(arriving) = state.arriving.remove(&socket) {
                    // Who no longer waits for it has left.
                    arriving.answer.send(Err(refused)).ok();
                }
            }
            RoomEffect::Expel(sockets) => {
                for member in sockets.iter().filter_map(|socket| state.members.get(socket)) {
                    Counters::add(&counters.closed_denied, 1);
                    member.outbox.close(close::NO_ACCESS, "no access to this project");
                }
            }
            RoomEffect::Duplicates(count) => Counters::add(&counters.duplicates_dropped, count),
            RoomEffect::Phantoms => {
                tracing::warn!(project = %self.project, "events were announced that are not in the log");
            }
            RoomEffect::Locate => self.locate(),
            RoomEffect::RotateEpoch { epoch, claimed_by } => {
                if let Some(user) = claimed_by {
                    self.shared.claims.made(user, self.project);
                }
                self.rotate_epoch(epoch);
            }
            RoomEffect::Read { since, gap } => self.read(since, gap),
        }
    }

    fn enter(self: &Arc<Self>, state: &mut State, socket: SocketId, welcome: Welcome<Logged>) {
        let Some(Arriving { member, resumed, answer }) = state.arriving.remove(&socket) else { return };
        let counters = &self.shared.counters;
        state.roster.enter(member.user, &member.name, socket, Instant::now());
        let people = state.roster.all();
        let (frames, top) = match welcome {
            Welcome::Sync { epoch, since, events } => {
                Counters::add(&counters.recoveries, u64::from(resumed));
                let top = LogPlace { epoch, seq: since + events.len() as u64 };
                (frame::sync(epoch, since, state.room.id_at(since), events.iter(), &people), top)
            }
            Welcome::Resync(reason, top) => {
                Counters::add(&counters.resyncs, 1);
                let mut frames = vec![frame::resync(reason, top.epoch, top.seq)];
                frames.extend(frame::presence(&people, &[], &[]));
                (frames, top)
            }
        };
        // Too many bytes for the queue: the whole board is less than what was missed.
        let resync = || frame::resync(ResyncReason::Slow, top.epoch, top.seq);
        if member.outbox.push(&frames, resync) == Push::Collapsed {
            Counters::add(&counters.resyncs, 1);
        }
        state.members.insert(socket, member);
        self.tell_when_due(state);
        answer.send(Ok(())).ok();
    }

    /// Queues frames for every member, and sends a courier to write them.
    fn send(&self, state: &State, frames: &[FrameText], LogPlace { epoch, seq }: LogPlace) {
        let counters = &self.shared.counters;
        let packets: Vec<Packet> = frames.iter().map(Packet::text).collect();
        let (mut collapsed, mut courier) = (0, Flusher::with_capacity(state.members.len()));
        for RoomMember { outbox, .. } in state.members.values() {
            let (pushed, free) = outbox.leave(&packets, || frame::resync(ResyncReason::Slow, epoch, seq));
            collapsed += u64::from(pushed == Push::Collapsed);
            if free {
                courier.entrust(outbox);
            }
        }
        courier.go(runtime());
        if collapsed > 0 {
            Counters::add(&counters.queue_drops, collapsed);
            Counters::add(&counters.resyncs, collapsed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while delivering may have left some members without a frame. They notice the gap
        // by its seq, as they would after any loss.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The runtime that is running, if one is: a socket's task that is dropped with its runtime leaves its room
/// outside of any.
fn runtime() -> Option<Handle> {
    Handle::try_current().ok()
}
