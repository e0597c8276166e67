//! Places that a socket has on this node, given back when it is dropped.

use std::{fmt, sync::Arc};

use engine::{
    ProjectId, TaskId,
    room::{JoinRefusal, LogPlace, Resume, SocketId},
};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{Hub, locked};
use crate::realtime::{
    bus::Topic,
    outbox::Outbox,
    presence::PresenceState,
    room::{LiveRoom, RoomMember},
    scope::ThreadCursor,
};

/// An open socket's place among all of this process. Dropped when it closes.
pub(in crate::realtime) struct SocketEntry {
    pub(super) hub: Arc<Hub>,
    /// Which.
    pub(in crate::realtime) id: SocketId,
    /// Where its frames go.
    pub(in crate::realtime) outbox: Arc<Outbox>,
    pub(super) _running: TaskTrackerToken,
}

impl Drop for SocketEntry {
    fn drop(&mut self) {
        locked(&self.hub.sockets).open.remove(&self.id);
    }
}

/// A socket's seat in a room. The room goes with its last one.
pub(in crate::realtime) struct RoomSubscription {
    pub(super) hub: Arc<Hub>,
    pub(super) room: Arc<LiveRoom>,
    pub(super) project: ProjectId,
    pub(super) socket: SocketId,
}

impl RoomSubscription {
    /// Lets the socket in: see [`LiveRoom::admit`].
    ///
    /// # Errors
    /// When the project is gone, access ended meanwhile, or the log cannot be read.
    pub(in crate::realtime) async fn admit(
        &self,
        member: RoomMember,
        checked: LogPlace,
        resume: Option<Resume>,
    ) -> Result<(), JoinRefusal> {
        self.room.admit(self.socket, member, checked, resume).await
    }

    /// What this user does now.
    pub(in crate::realtime) fn turn(&self, doing: PresenceState) {
        self.room.turn(self.socket, doing);
    }

    /// This user has a task open: see [`LiveRoom::subscribe`].
    pub(in crate::realtime) fn subscribe(&self, task: TaskId, ask: ThreadCursor) {
        self.room.subscribe(self.socket, task, ask);
    }

    /// They have not, any more.
    pub(in crate::realtime) fn unsubscribe(&self, task: TaskId) {
        self.room.unsubscribe(self.socket, task);
    }
}

impl Drop for RoomSubscription {
    fn drop(&mut self) {
        self.room.leave(self.socket);
        let mut rooms = locked(&self.hub.rooms);
        if let Some(pinned) = rooms.get_mut(&self.project) {
            pinned.seats -= 1;
            if pinned.seats == 0 {
                rooms.remove(&self.project);
                self.hub.shared.bus.unwatch(Topic::Board(self.project));
            }
        }
    }
}

impl fmt::Debug for RoomSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("project", &self.project).field("socket", &self.socket).finish_non_exhaustive()
    }
}
