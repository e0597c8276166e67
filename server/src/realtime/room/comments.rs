//! Sends changed comments to the sockets subscribed to their task.
//!
//! The log only says that a comment changed; its text is read once for all subscribers, outside the room's lock. If
//! that gets lost (a full queue, a failed query), the client notices by the log, and subscribes again with its cursor.

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
    /// Subscribes a socket to a task's comments. Changes are sent from now on, even before the answer, so that none is
    /// missed in between. The answer follows once the database has returned the missed changes and confirmed access.
    pub(in crate::realtime) fn subscribe(self: &Arc<Self>, socket: SocketId, task: TaskId, ask: ThreadCursor) {
        let mut state = self.lock();
        let Some(user) = state.members.get(&socket).map(|member| member.user) else { return };
        match state.scopes.subscribe(socket, task, ask) {
            SubscribeOutcome::Answer => self.answer(socket, user, task, ask),
            SubscribeOutcome::Later => {}
            SubscribeOutcome::TooMany => deny(&state, socket, task),
        }
    }

    /// Ends a subscription.
    pub(in crate::realtime) fn unsubscribe(&self, socket: SocketId, task: TaskId) {
        self.lock().scopes.unsubscribe(socket, task);
    }

    /// Reads the changed comments in these events that have subscribers.
    pub(super) fn read_comments(self: &Arc<Self>, state: &mut State, events: &[Logged]) {
        if state.scopes.is_empty() {
            return;
        }
        for commented in events.iter().filter_map(Logged::comment) {
            state.scopes.want(commented.task_id, commented.comment_id);
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
                    let sent = caught(async {
                        if let Ok(comments) = room.shared.log.comments(&wanted).await {
                            comments.into_iter().for_each(|comment| room.send_comment(comment));
                        }
                    });
                    // Continue with the next ones.
                    if let Err(panic) = sent.await {
                        room.shared.supervisor.record_panic(TASK, &panic);
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
                    room.shared.supervisor.record_panic(TASK, &panic);
                    Err(LogUnavailable)
                });
                next = room.answered(socket, task, ask, changes);
            }
        });
    }

    /// Sends the answer, and returns the next request if the socket sent one meanwhile.
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

    fn send_comment(&self, comment: Comment) {
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
