//! What a room waits for: answers of the database, its next tick, and the moment to tell of presence.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Epoch,
    room::{Located, LogPlace, RoomInput, log_cursor::REACH},
};
use tokio::time::sleep;

use super::{LiveRoom, State, TASK, runtime};
use crate::{
    realtime::{Counters, LogUnavailable, Logged, bus::Note, frame, packet::Packet},
    supervisor::caught,
};

/// How long a task of a room rests that has panicked.
const AFTER_PANIC: Duration = Duration::from_secs(1);

impl LiveRoom {
    /// Reads where the log ends and who may read it.
    pub(super) fn locate(self: &Arc<Self>) {
        let room = Arc::clone(self);
        let located = async move { RoomInput::Located(room.shared.log.locate(room.project).await) };
        self.later(located, RoomInput::Located(Err(LogUnavailable)));
    }

    /// Gives the log another epoch than this one, says so, and reads where it ends.
    pub(super) fn rotate_epoch(self: &Arc<Self>, epoch: Epoch) {
        tracing::warn!(project = %self.project, "the database went back in time: every board is fetched anew");
        let room = Arc::clone(self);
        let rotated = async move {
            let (project_id, log) = (room.project, &room.shared.log);
            if log.rotate_epoch(project_id, epoch).await.is_err() {
                return RoomInput::Located(Err(LogUnavailable));
            }
            let located = log.locate(project_id).await;
            if let Ok(Some(Located { place: LogPlace { epoch, seq }, .. })) = &located {
                room.shared.bus.publish(Note::Grown { project_id, epoch: *epoch, from: *seq, to: *seq });
            }
            RoomInput::Located(located)
        };
        self.later(rotated, RoomInput::Located(Err(LogUnavailable)));
    }

    /// Reads the first events after `since`.
    pub(super) fn read(self: &Arc<Self>, since: u64, gap: bool) {
        let room = Arc::clone(self);
        let read = async move {
            let page = room.shared.log.since(room.project, since, REACH as usize).await;
            if gap && matches!(page, Ok(Some(_))) {
                Counters::add(&room.shared.counters.gap_repairs, 1);
                tracing::debug!(project = %room.project, since, "filled a gap from the log");
            }
            RoomInput::Page(page)
        };
        self.later(read, RoomInput::Page(Err(LogUnavailable)));
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
                // The room takes this task for alive: when it panics it goes on, later.
                let ticked = caught(async { room.handle(&mut room.lock(), RoomInput::Tick) }).await;
                if let Err(panic) = ticked {
                    room.shared.supervisor.lost(TASK, &panic);
                    sleep(AFTER_PANIC).await;
                }
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
            loop {
                match caught(async { room.tell() }).await {
                    Ok(Some(due)) => room.tell_alarm.wait(due).await,
                    Ok(None) => break,
                    Err(panic) => {
                        room.shared.supervisor.lost(TASK, &panic);
                        sleep(AFTER_PANIC).await;
                    }
                }
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

    /// Lets a read of the log answer the room. A room waits for its answer: where the read panics, it is this one.
    fn later(
        self: &Arc<Self>,
        input: impl Future<Output = RoomInput<Logged>> + Send + 'static,
        after_panic: RoomInput<Logged>,
    ) {
        let Some(runtime) = runtime() else { return };
        let room = Arc::clone(self);
        runtime.spawn(async move {
            let input = caught(input).await.unwrap_or_else(|panic| {
                room.shared.supervisor.lost(TASK, &panic);
                after_panic
            });
            room.handle(&mut room.lock(), input);
        });
    }
}
