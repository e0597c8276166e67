//! Presence in a room, passed on only for tasks of its board.

use std::{sync::Arc, time::Instant};

use engine::{Change, Event, TaskId, room::SocketId};

use super::{LiveRoom, State, TASK, runtime};
use crate::{
    realtime::{LogUnavailable, Logged, presence::PresenceState, presence_filter::TaskLookup},
    supervisor::caught,
};

impl LiveRoom {
    /// Takes a socket's presence. Looks an unknown task up first.
    pub(in crate::realtime) fn update_presence(self: &Arc<Self>, socket: SocketId, presence: PresenceState) {
        let mut state = self.lock();
        if !state.members.contains_key(&socket) {
            return;
        }
        if state.filter.update(socket, presence) {
            self.update_roster(&mut state, socket, presence);
            return;
        }
        let Some(runtime) = runtime() else { return };
        if state.filter.begin_to_read() {
            let room = Arc::clone(self);
            runtime.spawn(async move {
                while let Some(lookup) = room.next_lookup() {
                    let tasks = lookup.tasks();
                    let found = caught(room.shared.log.on_board(room.project, &tasks)).await;
                    let found = found.unwrap_or_else(|panic| {
                        room.shared.supervisor.record_panic(TASK, &panic);
                        Err(LogUnavailable)
                    });
                    room.looked_up(lookup, found);
                    // Presence is not sent more often than this, so it need not be read more often.
                    tokio::time::sleep(room.shared.timing.presence).await;
                }
            });
        }
    }

    fn next_lookup(&self) -> Option<TaskLookup> {
        self.lock().filter.next_batch()
    }

    fn looked_up(self: &Arc<Self>, lookup: TaskLookup, found: Result<Vec<TaskId>, LogUnavailable>) {
        let mut state = self.lock();
        match found {
            Ok(on_board) => {
                for (socket, presence) in state.filter.found(lookup, &on_board) {
                    self.update_roster(&mut state, socket, presence);
                }
            }
            Err(LogUnavailable) => state.filter.drop_failed(&lookup),
        }
    }

    fn update_roster(self: &Arc<Self>, state: &mut State, socket: SocketId, presence: PresenceState) {
        if let Some(user) = state.members.get(&socket).map(|member| member.user) {
            state.roster.update(user, socket, presence, Instant::now());
            self.schedule_presence(state);
        }
    }

    /// Ends presence at the tasks that these events delete.
    pub(super) fn leave_deleted(self: &Arc<Self>, state: &mut State, events: &[Logged]) {
        if state.filter.is_unused() {
            return;
        }
        for task in events.iter().filter_map(Logged::deleted_task) {
            state.filter.remove(task);
            state.roster.leave_task(task, Instant::now());
            self.schedule_presence(state);
        }
    }
}

impl Logged {
    /// The task that this event deletes, if any. Searched for like the [rights](engine::room::Sequenced::rights).
    fn deleted_task(&self) -> Option<TaskId> {
        let text = self.frame.as_str();
        if !text.contains(r#""type":"task_deleted""#) {
            return None;
        }
        match serde_json::from_str::<Event>(text).ok()?.change {
            Change::TaskDeleted(task) => Some(task.id),
            _ => None,
        }
    }
}
