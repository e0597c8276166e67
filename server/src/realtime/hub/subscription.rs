//! Registrations of a socket in this process, released when dropped.

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

/// The registration of an open socket. Dropped when the socket closes.
pub(in crate::realtime) struct SocketEntry {
    pub(super) hub: Arc<Hub>,
    /// Its id.
    pub(in crate::realtime) id: SocketId,
    /// Receives its frames.
    pub(in crate::realtime) outbox: Arc<Outbox>,
    pub(super) _running: TaskTrackerToken,
}

impl Drop for SocketEntry {
    fn drop(&mut self) {
        locked(&self.hub.sockets).open.remove(&self.id);
    }
}

/// A socket's subscription to a room. The room ends with the last one.
pub(in crate::realtime) struct RoomSubscription {
    pub(super) hub: Arc<Hub>,
    pub(super) room: Arc<LiveRoom>,
    pub(super) project: ProjectId,
    pub(super) socket: SocketId,
}

impl RoomSubscription {
    /// Admits the socket: see [`LiveRoom::admit`].
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

    /// Updates this user's presence.
    pub(in crate::realtime) fn update_presence(&self, presence: PresenceState) {
        self.room.update_presence(self.socket, presence);
    }

    /// Subscribes to a task's comments: see [`LiveRoom::subscribe`].
    pub(in crate::realtime) fn subscribe(&self, task: TaskId, ask: ThreadCursor) {
        self.room.subscribe(self.socket, task, ask);
    }

    /// Ends a subscription to a task's comments.
    pub(in crate::realtime) fn unsubscribe(&self, task: TaskId) {
        self.room.unsubscribe(self.socket, task);
    }
}

impl Drop for RoomSubscription {
    fn drop(&mut self) {
        self.room.leave(self.socket);
        let mut rooms = locked(&self.hub.rooms);
        if let Some(entry) = rooms.get_mut(&self.project) {
            entry.subscriptions -= 1;
            if entry.subscriptions == 0 {
                rooms.remove(&self.project);
                self.hub.shared.bus.unwatch(Topic::Board(self.project));
            }
        }
    }
}

impl fmt::Debug for RoomSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomSubscription")
            .field("project", &self.project)
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}
