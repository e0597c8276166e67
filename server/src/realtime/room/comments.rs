//! What those in a room are sent who have a task open.
//!
//! The log says that there is a comment; its text is read once for all of them, off the room's lock, whichever way
//! the event came. What gets lost on the way (a queue that is full, a database that does not answer), the client
//! misses by what the log has told it, and subscribes again with where it stands.

use std::sync::Arc;

use engine::{Comment, TaskId, UserId, room::SocketId};

use super::{LiveRoom, State, TASK, runtime};
use crate::{
    realtime::{
        LogUnavailable, Logged, frame,
        log::{ThreadAsk, ThreadChanges},
        packet::Packet,
        scope::{SubscribeOutcome, ThreadCursor},
    },
    supervisor::caught,
};

impl LiveRoom {
    /// A socket wants to be sent a task's comments. Before it is answered it is sent what changes from here on, so
    /// nothing falls between the two. The answer comes when the database has said what it missed, and that it may.
    pub(in crate::realtime) fn subscribe(self: &Arc<Self>, socket: SocketId, task: TaskId, ask: ThreadCursor) {
        let mut state = self.lock();
        let Some(user) = state.members.get(&socket).map(|member| member.user) else { return };
        match state.scopes.subscribe(socket, task, ask) {
            SubscribeOutcome::Answer => self.answer(socket, user, task, ask),
            SubscribeOutcome::Later => {}
            SubscribeOutcome::TooMany => deny(&state, socket, task),
        }
    }

    /// A socket no longer wants them.
    pub(in crate::realtime) fn unsubscribe(&self, socket: SocketId, task: TaskId) {
        self.lock().scopes.unsubscribe(socket, task);
    }

    /// Has the comments read that these events tell of and somebody has subscribed to.
    pub(super) fn read_comments(self: &Arc<Self>, state: &mut State, events: &[Logged]) {
        if state.scopes.is_empty() {
            return;
        }
        for told in events.iter().filter_map(Logged::comment) {
            state.scopes.want(told.task_id, told.comment_id);
        }
        let Some(runtime) = runtime() else { return };
        if state.scopes.begin_to_read() {
            let room = Arc::clone(self);
            runtime.spawn(async move {
                loop {
                    let wanted = room.lock().scopes.take_wanted();
                    if wanted.is_empty() {
                        break;
                    }
                    let told = caught(async {
                        if let Ok(comments) = room.shared.log.comments(&wanted).await {
                            comments.into_iter().for_each(|comment| room.tell_of(comment));
                        }
                    });
                    // The next ones are read all the same.
                    if let Err(panic) = told.await {
                        room.shared.supervisor.lost(TASK, &panic);
                    }
                }
            });
        }
    }

    fn answer(self: &Arc<Self>, socket: SocketId, user: UserId, task: TaskId, ask: ThreadCursor) {
        let Some(runtime) = runtime() else { return };
        let room = Arc::clone(self);
        runtime.spawn(async move {
            let mut next = Some(ask);
            while let Some(ask) = next {
                let asked = ThreadAsk { project: room.project, user, task, epoch: ask.epoch, since: ask.since };
                let changes = caught(room.shared.log.thread(asked)).await.unwrap_or_else(|panic| {
                    room.shared.supervisor.lost(TASK, &panic);
                    Err(LogUnavailable)
                });
                next = room.answered(socket, task, ask, changes);
            }
        });
    }

    /// Passes an answer on, and says what the socket has asked meanwhile.
    fn answered(
        &self,
        socket: SocketId,
        task: TaskId,
        ask: ThreadCursor,
        changes: Result<Option<ThreadChanges>, LogUnavailable>,
    ) -> Option<ThreadCursor> {
        let mut state = self.lock();
        if state.scopes.has(socket, task) {
            match changes {
                Ok(Some(changes)) => {
                    if let Some(member) = state.members.get(&socket) {
                        member.outbox.push_lossy(frame::subscribed(task, ask.since, changes));
                    }
                }
                Ok(None) => {
                    state.scopes.unsubscribe(socket, task);
                    deny(&state, socket, task);
                }
                // Without an answer the client asks again.
                Err(LogUnavailable) => {}
            }
        }
        state.scopes.next(socket, task)
    }

    fn tell_of(&self, comment: Comment) {
        let state = self.lock();
        let task = comment.task_id;
        let packet = Packet::text(&frame::comment(comment));
        for member in state.scopes.readers(task).filter_map(|socket| state.members.get(&socket)) {
            member.outbox.push_packet(packet.clone());
        }
    }
}

fn deny(state: &State, socket: SocketId, task: TaskId) {
    if let Some(member) = state.members.get(&socket) {
        member.outbox.push_lossy(frame::denied(crate::realtime::scope::name(task)));
    }
}
