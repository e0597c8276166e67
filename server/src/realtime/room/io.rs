//! The asynchronous parts of a room: database reads, ticks, and the presence timer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Epoch,
    room::{Located, LogPlace, RoomInput, log_cursor::MAX_CATCH_UP},
};
use tokio::time::sleep;

use super::{LiveRoom, State, TASK, runtime};
use crate::{
    realtime::{Counters, LogUnavailable, Logged, bus::BusMessage, frame, packet::Packet},
    supervisor::caught,
};

/// Pause after a panic in a room's task.
const AFTER_PANIC: Duration = Duration::from_secs(1);

impl LiveRoom {
    /// Reads the end of the log and its readers.
    pub(super) fn locate(self: &Arc<Self>) {
        let room = Arc::clone(self);
        let located = async move { RoomInput::Located(room.shared.log.locate(room.project).await) };
        self.spawn_read(located, RoomInput::Located(Err(LogUnavailable)));
    }

    /// Gives the log a new epoch, announces it, and reads its end.
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
                room.shared.bus.publish(BusMessage::Grown { project_id, epoch: *epoch, from: *seq, to: *seq });
            }
            RoomInput::Located(located)
        };
        self.spawn_read(rotated, RoomInput::Located(Err(LogUnavailable)));
    }

    /// Reads the first events after `since`.
    pub(super) fn read(self: &Arc<Self>, since: u64, gap: bool) {
        let room = Arc::clone(self);
        let read = async move {
            let page = room.shared.log.since(room.project, since, MAX_CATCH_UP as usize).await;
            if gap && matches!(page, Ok(Some(_))) {
                Counters::add(&room.shared.counters.gap_repairs, 1);
                tracing::debug!(project = %room.project, since, "filled a gap from the log");
            }
            RoomInput::Page(page)
        };
        self.spawn_read(read, RoomInput::Page(Err(LogUnavailable)));
    }

    /// Schedules the room's next tick.
    pub(super) fn schedule_tick(self: &Arc<Self>, state: &mut State) {
        let Some(due) = state.room.wake_at() else { return };
        let Some(runtime) = runtime() else { return };
        if !self.tick_alarm.set(&mut state.tick_wake, self.instant_at(due)) {
            return;
        }
        let room = Arc::clone(self);
        runtime.spawn(async move {
            while let Some(due) = room.next_tick() {
                room.tick_alarm.wait(due).await;
                // The room expects this task to run: after a panic it continues later.
                let ticked = caught(async { room.handle(&mut room.lock(), RoomInput::Tick) }).await;
                if let Err(panic) = ticked {
                    room.shared.supervisor.record_panic(TASK, &panic);
                    sleep(AFTER_PANIC).await;
                }
            }
        });
    }

    fn next_tick(&self) -> Option<Instant> {
        let mut state = self.lock();
        state.tick_wake = state.room.wake_at().map(|due| self.instant_at(due));
        state.tick_wake
    }

    /// The instant of a time on the room's clock.
    fn instant_at(&self, millis: u64) -> Instant {
        self.opened + Duration::from_millis(millis)
    }

    /// Schedules the next presence report.
    pub(super) fn schedule_presence(self: &Arc<Self>, state: &mut State) {
        let Some(due) = state.roster.due() else { return };
        let Some(runtime) = runtime() else { return };
        if !self.presence_alarm.set(&mut state.presence_wake, due) {
            return;
        }
        let room = Arc::clone(self);
        runtime.spawn(async move {
            loop {
                match caught(async { room.send_presence() }).await {
                    Ok(Some(due)) => room.presence_alarm.wait(due).await,
                    Ok(None) => break,
                    Err(panic) => {
                        room.shared.supervisor.record_panic(TASK, &panic);
                        sleep(AFTER_PANIC).await;
                    }
                }
            }
        });
    }

    /// Sends due presence. Returns when more is due.
    fn send_presence(&self) -> Option<Instant> {
        let mut state = self.lock();
        if let Some(changes) = state.roster.changes(Instant::now()) {
            for frame in frame::presence(&changes.join, &changes.leave, &changes.editing) {
                let packet = Packet::text(&frame);
                for member in state.members.values() {
                    member.outbox.push_packet(packet.clone());
                }
            }
        }
        state.presence_wake = state.roster.due().filter(|_| !state.members.is_empty());
        state.presence_wake
    }

    /// Spawns a read whose result is the room's input. The room waits for it: after a panic it gets `after_panic`.
    fn spawn_read(
        self: &Arc<Self>,
        input: impl Future<Output = RoomInput<Logged>> + Send + 'static,
        after_panic: RoomInput<Logged>,
    ) {
        let Some(runtime) = runtime() else { return };
        let room = Arc::clone(self);
        runtime.spawn(async move {
            let input = caught(input).await.unwrap_or_else(|panic| {
                room.shared.supervisor.record_panic(TASK, &panic);
                after_panic
            });
            room.handle(&mut room.lock(), input);
        });
    }
}
