//! An open board of this process: gives [`engine::room::Room`], which makes the decisions, its I/O.
//!
//! Guarded by a lock rather than owned by a task: delivery is one queue push per member, which is shorter than a hop
//! to a task. Nothing waits while holding the lock; reads of the log and timers run in tasks, one of each.

mod comments;
mod io;
mod logged;
mod presence;

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
    alarm::{Alarm, WakeAt},
    flusher::Flusher,
    frame,
    outbox::{Outbox, Push},
    packet::Packet,
    presence::Roster,
    presence_filter::PresenceFilter,
    scope::ThreadScopes,
};
use crate::frame_text::FrameText;

/// Name under which panics of all rooms are counted.
const TASK: &str = "rooms";

/// A socket in a room.
#[derive(Clone)]
pub(super) struct RoomMember {
    /// The user.
    pub(super) user: UserId,
    /// The name shown to others.
    pub(super) name: String,
    /// Receives its frames.
    pub(super) outbox: Arc<Outbox>,
}

/// An open board of this process.
pub(super) struct LiveRoom {
    project: ProjectId,
    shared: Arc<RealtimeContext>,
    /// Origin of the room's clock.
    opened: Instant,
    state: Mutex<State>,
    /// Wakes the task that ticks the room.
    tick_alarm: Alarm,
    /// Wakes the task that sends presence.
    presence_alarm: Alarm,
}

struct State {
    room: room::Room<Logged>,
    members: HashMap<SocketId, RoomMember>,
    /// Sockets that wait for their first frame.
    arriving: HashMap<SocketId, Arriving>,
    roster: Roster,
    filter: PresenceFilter,
    scopes: ThreadScopes,
    /// When the ticking task wakes.
    tick_wake: WakeAt,
    /// When the presence task wakes.
    presence_wake: WakeAt,
}

struct Arriving {
    member: RoomMember,
    resumed: bool,
    answer: oneshot::Sender<Result<(), JoinRefusal>>,
}

impl LiveRoom {
    /// Creates a room that has not read its log yet.
    pub(super) fn new(project: ProjectId, shared: Arc<RealtimeContext>) -> Self {
        let timing = &shared.timing;
        let state = State {
            room: room::Room::new(millis(timing.reorder)),
            members: HashMap::new(),
            arriving: HashMap::new(),
            roster: Roster::new(timing.presence, timing.leave),
            filter: PresenceFilter::default(),
            scopes: ThreadScopes::default(),
            tick_wake: None,
            presence_wake: None,
        };
        let (tick_alarm, presence_alarm) = Default::default();
        Self { project, shared, opened: Instant::now(), state: Mutex::new(state), tick_alarm, presence_alarm }
    }

    /// Takes events from a local service or the bus.
    pub(super) fn offer(self: &Arc<Self>, epoch: Epoch, events: Vec<Logged>) {
        self.handle(&mut self.lock(), RoomInput::Offer { epoch, events });
    }

    /// Takes an announced end of the log; `None` if the project is deleted.
    pub(super) fn compare(self: &Arc<Self>, top: Option<(Epoch, u64)>) {
        let top = top.map(|(epoch, seq)| LogPlace { epoch, seq });
        self.handle(&mut self.lock(), RoomInput::LogEnd(top));
    }

    /// The position of the last delivered event.
    pub(super) fn position(&self) -> Option<LogPlace> {
        self.lock().room.position()
    }

    /// Takes the end of the log from the database, queried when the room was at `asked_at`.
    pub(super) fn compared(self: &Arc<Self>, asked_at: Option<LogPlace>, top: LogPlace, last: Option<EventId>) {
        self.handle(&mut self.lock(), RoomInput::Compared { asked_at, top, last });
    }

    /// Whether nothing was delivered since the last call.
    pub(super) fn take_quiet(&self) -> bool {
        self.lock().room.take_quiet()
    }

    /// Admits a socket: its first frame is `sync` with the events it missed, or `resync`. `checked` is the position of
    /// the log when its user's access was checked.
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
            let may_rotate = self.shared.claims.may_claim(user, self.project);
            self.handle(&mut state, RoomInput::Join(Join { socket, user, checked, resume, may_rotate }));
        }
        // No answer: the runtime is shutting down.
        answered.await.unwrap_or(Err(JoinRefusal::Unavailable))
    }

    /// Removes a socket that closed, or gave up waiting for admission.
    pub(super) fn leave(self: &Arc<Self>, socket: SocketId) {
        let mut state = self.lock();
        state.arriving.remove(&socket);
        state.scopes.leave(socket);
        state.filter.leave(socket);
        if let Some(member) = state.members.remove(&socket) {
            state.roster.leave(member.user, socket, Instant::now());
            self.schedule_presence(&mut state);
        }
        self.handle(&mut state, RoomInput::Leave(socket));
    }

    fn handle(self: &Arc<Self>, state: &mut State, input: RoomInput<Logged>) {
        let now = millis(self.opened.elapsed());
        for effect in state.room.handle(input, now, rand::random()) {
            self.apply_effect(state, effect);
        }
        self.schedule_tick(state);
    }

    fn apply_effect(self: &Arc<Self>, state: &mut State, effect: RoomEffect<Logged>) {
        let counters = &self.shared.counters;
        match effect {
            RoomEffect::Deliver(events) => {
                let (Some(place), Some(last)) = (state.room.position(), events.last()) else { return };
                // The room may be further already: the rest is delivered next.
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
                    // The socket may have closed meanwhile.
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
                    self.shared.claims.record(user, self.project);
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
        // The queue is full: fetching the board is cheaper than the missed events.
        let resync = || frame::resync(ResyncReason::Slow, top.epoch, top.seq);
        if member.outbox.push(&frames, resync) == Push::Collapsed {
            Counters::add(&counters.resyncs, 1);
        }
        state.members.insert(socket, member);
        self.schedule_presence(state);
        answer.send(Ok(())).ok();
    }

    /// Queues frames for all members, and spawns a flusher that writes them.
    fn send(&self, state: &State, frames: &[FrameText], LogPlace { epoch, seq }: LogPlace) {
        let counters = &self.shared.counters;
        let packets: Vec<Packet> = frames.iter().map(Packet::text).collect();
        let (mut collapsed, mut flusher) = (0, Flusher::with_capacity(state.members.len()));
        for RoomMember { outbox, .. } in state.members.values() {
            let (pushed, free) = outbox.push_broadcast(&packets, || frame::resync(ResyncReason::Slow, epoch, seq));
            collapsed += u64::from(pushed == Push::Collapsed);
            if free {
                flusher.add(outbox);
            }
        }
        flusher.spawn(runtime());
        if collapsed > 0 {
            Counters::add(&counters.queue_drops, collapsed);
            Counters::add(&counters.resyncs, collapsed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // After a panic during delivery some members may lack a frame. They notice the gap in the seqs, as after any
        // loss.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The current runtime, if any: a socket's task that is dropped together with its runtime leaves its room outside of
/// one.
fn runtime() -> Option<Handle> {
    Handle::try_current().ok()
}
