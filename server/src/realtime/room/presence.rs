//! Presence in a room, passed on only for tasks of this board.

use std::{sync::Arc, time::Instant};

use engine::{Change, Event, TaskId, room::SocketId};

use super::{LiveRoom, State, TASK, runtime};
use crate::{
    realtime::{LogUnavailable, Logged, presence::PresenceState, presence_filter::TaskLookup},
    supervisor::caught,
};

impl LiveRoom {
    /// Takes a socket's new presence. An unknown task is looked up first.
    pub(in crate::realtime) fn turn(self: &Arc<Self>, socket: SocketId, doing: PresenceState) {
        let mut state = self.lock();
        if !state.members.contains_key(&socket) {
            return;
        }
        if state.filter.turn(socket, doing) {
            self.does(&mut state, socket, doing);
            return;
        }
        let Some(runtime) = runtime() else { return };
        if state.filter.begin_to_read() {
            let room = Arc::clone(self);
            runtime.spawn(async move {
                while let Some(look_up) = room.next_look_up() {
                    let tasks = look_up.tasks();
                    let found = caught(room.shared.log.on_board(room.project, &tasks)).await;
                    let found = found.unwrap_or_else(|panic| {
                        room.shared.supervisor.lost(TASK, &panic);
                        Err(LogUnavailable)
                    });
                    room.looked_up(look_up, found);
                    // Presence is told no more often than this, so it need not be read more often.
                    tokio::time::sleep(room.shared.timing.presence).await;
                }
            });
        }
    }

    fn next_look_up(&self) -> Option<TaskLookup> {
        self.lock().filter.next_batch()
    }

    fn looked_up(self: &Arc<Self>, look_up: TaskLookup, found: Result<Vec<TaskId>, LogUnavailable>) {
        let mut state = self.lock();
        match found {
            Ok(on_board) => {
                for (socket, doing) in state.filter.found(look_up, &on_board) {
                    self.does(&mut state, socket, doing);
                }
            }
            Err(LogUnavailable) => state.filter.lost(&look_up),
        }
    }

    fn does(self: &Arc<Self>, state: &mut State, socket: SocketId, doing: PresenceState) {
        if let Some(user) = state.members.get(&socket).map(|member| member.user) {
            state.roster.turn(user, socket, doing, Instant::now());
            self.tell_when_due(state);
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
            self.tell_when_due(state);
        }
    }
}

impl Logged {
    /// The task that this event deletes, if it does. Looked for as [rights](engine::room::Sequenced::rights) are.
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
