//! The life of a socket, from the HTTP request to its end.

mod join;
mod opener;
mod slot;
mod upgrade;

use std::sync::Arc;

use axum::response::Response;
use engine::{
    Epoch, EventId, ProjectId, UserId,
    room::Resume,
    wire::{ClientFrame, OVERSIGHT, close},
};
use serde::Deserialize;

use super::{
    Realtime,
    bell::ChannelSubscription,
    connection::{OpenSocket, SocketInput},
    frame,
    hub::{RoomSubscription, SocketEntry},
    outbox::Closing,
    presence::PresenceState,
    scope::{self, ThreadCursor},
};
use crate::{quota::Ticket, secret::Secret};
use join::join;
pub(crate) use opener::{OpenerIdentity, SocketOpener};
use slot::SocketSlot;
use upgrade::Opened;
pub(crate) use upgrade::Upgrade;

/// The query string of a socket request. Fields are texts, so that an invalid one gets a close code that browsers can
/// see.
#[derive(Default, Deserialize)]
pub(crate) struct SocketQuery {
    epoch: Option<String>,
    since: Option<String>,
    last: Option<String>,
    /// A token, for clients without a cookie.
    pub(crate) token: Option<String>,
    /// The build of the client's page. Scripts omit it.
    pub(crate) build: Option<String>,
    /// The user whom the client's page shows.
    pub(crate) user: Option<String>,
}

/// The purpose of a socket.
pub(crate) enum SocketPurpose {
    Board {
        project: ProjectId,
        resume: Option<Resume>,
    },
    Bell,
    /// An unknown purpose: closed with this.
    Nothing(Closing),
    /// Any purpose, but the page belongs to another build.
    Outdated,
}

impl SocketPurpose {
    /// The board named by a path, resumed from the query's cursor.
    pub(crate) fn board(project: &str, query: &SocketQuery) -> Self {
        match (project.parse(), resume(query)) {
            (Ok(project), Ok(resume)) => Self::Board { project, resume },
            (Err(_), _) => Self::Nothing(NO_ACCESS),
            (_, Err(closing)) => Self::Nothing(closing),
        }
    }

    /// The query names a user with an invalid id.
    pub(crate) fn with_invalid_user() -> Self {
        Self::Nothing(BAD_USER)
    }
}

impl Realtime {
    /// Whether a page belongs to another build, which may not understand this server's frames.
    pub(crate) fn is_outdated(&self, build: Option<&str>) -> bool {
        build.is_some() && self.shared().build.as_deref().is_some_and(|own| Some(own) != build)
    }

    /// The response that opens a socket; `None` when there are too many.
    pub(crate) fn open(
        &self,
        upgrade: Upgrade,
        secret: Secret,
        purpose: SocketPurpose,
        opener: SocketOpener,
    ) -> Option<Response> {
        let slot = SocketSlot::take(self.shared(), opener.address, &opener.identity)?;
        let realtime = self.clone();
        Some(upgrade.then(move |opened| run(opened, realtime, secret, slot, purpose, opener)))
    }
}

async fn run(
    opened: Opened,
    realtime: Realtime,
    secret: Secret,
    mut slot: SocketSlot,
    purpose: SocketPurpose,
    opener: SocketOpener,
) {
    let shared = Arc::clone(realtime.shared());
    let Opened { ws, read, wire } = opened;
    let mut socket = OpenSocket::new(ws, &read, realtime.hub().open(wire), Arc::clone(&shared));
    drop(read);
    // Boxed, like the close: a socket spends most of its life between the two.
    let ended = match Box::pin(join(&mut socket, &realtime, &secret, purpose, opener, &mut slot)).await {
        Ok(joined) => {
            drop((realtime, secret));
            joined.run(&mut socket).await
        }
        Err(ended) => ended,
    };
    if let Ended::Close(closing) = ended {
        shared.counters.close(closing.code);
        Box::pin(socket.close(closing)).await;
    }
    drop(slot);
}

/// How a socket ended.
enum Ended {
    Close(Closing),
    Gone,
}

/// A joined socket.
struct JoinedSocket {
    target: SocketTarget,
    _user_slot: Ticket<UserId>,
}

/// The subscription of a socket.
enum SocketTarget {
    Board(RoomSubscription),
    Bell(ChannelSubscription),
}

const NO_ACCESS: Closing = Closing { code: close::NO_ACCESS, reason: "no access to this project" };
const BAD_USER: Closing = Closing { code: close::BAD_FRAME, reason: "user is a user id" };

impl JoinedSocket {
    /// Handles frames until the socket ends.
    async fn run(&self, socket: &mut OpenSocket) -> Ended {
        loop {
            match socket.next().await {
                SocketInput::Frame(frame) => handle_frame(socket.entry(), &self.target, frame).await,
                SocketInput::Close(closing) => return Ended::Close(closing),
                SocketInput::Gone => return Ended::Gone,
            }
        }
    }
}

async fn handle_frame(entry: &SocketEntry, target: &SocketTarget, frame: ClientFrame) {
    match (frame, target) {
        (ClientFrame::Presence { task_id, mode }, SocketTarget::Board(subscription)) => {
            subscription.update_presence(PresenceState { task_id, mode })
        }
        // In this socket's task, so that marking many as read delays only this socket.
        (ClientFrame::MarkRead { notification_id }, SocketTarget::Bell(subscription)) => {
            if let Ok(id) = notification_id.parse() {
                Box::pin(subscription.mark_read(id)).await;
            }
        }
        (ClientFrame::Subscribe { scope, epoch, since }, target) => match (target, scope::task(&scope)) {
            (SocketTarget::Board(subscription), Some(task)) => {
                subscription.subscribe(task, ThreadCursor { epoch, since })
            }
            (SocketTarget::Bell(subscription), None) if scope == OVERSIGHT => subscription.oversee(true, &entry.outbox),
            _ => entry.outbox.push_lossy(frame::denied(scope)),
        },
        (ClientFrame::Unsubscribe { scope }, SocketTarget::Board(subscription)) => {
            if let Some(task) = scope::task(&scope) {
                subscription.unsubscribe(task);
            }
        }
        (ClientFrame::Unsubscribe { scope }, SocketTarget::Bell(subscription)) if scope == OVERSIGHT => {
            subscription.oversee(false, &entry.outbox);
        }
        // Frames without meaning here, or answered by the connection.
        (
            ClientFrame::Presence { .. }
            | ClientFrame::Unsubscribe { .. }
            | ClientFrame::MarkRead { .. }
            | ClientFrame::Auth { .. }
            | ClientFrame::Ping
            | ClientFrame::Pong,
            _,
        ) => {}
    }
}

fn resume(asked: &SocketQuery) -> Result<Option<Resume>, Closing> {
    let bad = || Closing { code: close::BAD_FRAME, reason: "since is a number, epoch and last are ids" };
    let epoch: Option<Epoch> = asked.epoch.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    let since: Option<u64> = asked.since.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    let last: Option<EventId> = asked.last.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    Ok(since.map(|since| Resume { epoch, since, last }))
}
