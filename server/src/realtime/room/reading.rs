//! What a room waits for: answers of the database, its next tick, and the moment to tell of presence.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Epoch,
    room::{Input, Located, Place, sequence::REACH},
};

use super::{Room, State, runtime};
use crate::realtime::{Counters, LogUnavailable, Logged, bus::Note, frame, packet::Packet};

impl Room {
    /// Reads where the log ends and who may read it.
    pub(super) fn locate(self: &Arc<Self>) {
        let room = Arc::clone(self);
        self.later(async move { Input::Located(room.shared.log.locate(room.project).await) });
    }

    /// Gives the log another epoch than this one, says so, and reads where it ends.
    pub(super) fn rotate_epoch(self: &Arc<Self>, epoch: Epoch) {
        tracing::warn!(project = %self.project, "the database went back in time: every board is fetched anew");
        let room = Arc::clone(self);
        self.later(async move {
            let (project_id, log) = (room.project, &room.shared.log);
            if log.rotate_epoch(project_id, epoch).await.is_err() {
                return Input::Located(Err(LogUnavailable));
            }
            let located = log.locate(project_id).await;
            if let Ok(Some(Located { place: Place { epoch, seq }, .. })) = &located {
                room.shared.bus.publish(Note::Grown { project_id, epoch: *epoch, from: *seq, to: *seq });
            }
            Input::Located(located)
        });
    }

    /// Reads the first events after `since`.
    pub(super) fn read(self: &Arc<Self>, since: u64, gap: bool) {
        let room = Arc::clone(self);
        self.later(async move {
            let page = room.shared.log.since(room.project, since, REACH as usize).await;
            if gap && matches!(page, Ok(Some(_))) {
                Counters::add(&room.shared.counters.gap_repairs, 1);
                tracing::debug!(project = %room.project, since, "filled a gap from the log");
            }
            Input::Page(page)
        });
    }

    /// Sees to it that the room is ticked when it wants to be.
    pub(super) fn tick_when_due(self: &Arc<Self>, state: &mut State) {
        let Some(due) = state.room.wake_at() else { return };
        let Some(runtime) = runtime() else { return };
        if !self.tick_alarm.set(&mut state.ticking, self.moment(due)) {
            return;
        }
        let room = Arc::clone(self);
        runtime.spawn(async move {
            while let Some(due) = room.due() {
                room.tick_alarm.wait(due).await;
                room.handle(&mut room.lock(), Input::Tick);
            }
        });
    }

    fn due(&self) -> Option<Instant> {
        let mut state = self.lock();
        state.ticking = state.room.wake_at().map(|due| self.moment(due));
        state.ticking
    }

    /// A moment of the room's clock.
    fn moment(&self, millis: u64) -> Instant {
        self.opened + Duration::from_millis(millis)
    }

    /// Sees to it that a task tells of presence when there is something to tell.
    pub(super) fn tell_when_due(self: &Arc<Self>, state: &mut State) {
        let Some(due) = state.roster.due() else { return };
        let Some(runtime) = runtime() else { return };
        if !self.tell_alarm.set(&mut state.telling, due) {
            return;
        }
        let room = Arc::clone(self);
        runtime.spawn(async move {
            while let Some(due) = room.tell() {
                room.tell_alarm.wait(due).await;
            }
        });
    }

    /// Tells what is due, and when more is.
    fn tell(&self) -> Option<Instant> {
        let mut state = self.lock();
        if let Some(changes) = state.roster.changes(Instant::now()) {
            for frame in frame::presence(&changes.join, &changes.leave, &changes.editing) {
                let packet = Packet::text(&frame);
                for member in state.members.values() {
                    member.outbox.push_packet(packet.clone());
                }
            }
        }
        state.telling = state.roster.due().filter(|_| !state.members.is_empty());
        state.telling
    }

    fn later(self: &Arc<Self>, input: impl Future<Output = Input<Logged>> + Send + 'static) {
        let Some(runtime) = runtime() else { return };
        let room = Arc::clone(self);
        runtime.spawn(async move {
            let input = input.await;
            room.handle(&mut room.lock(), input);
        });
    }
}
