//! From a request for a socket to its end: what it is for, who opens it, and what they say then.

mod arrival;
mod asker;
mod place;
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
use arrival::arrive;
pub(crate) use asker::{Asker, Who};
use place::SocketPlace;
use upgrade::Opened;
pub(crate) use upgrade::Upgrade;

/// What may stand behind the `?`. Read as text, so that nonsense gets a close code that a browser can see.
#[derive(Default, Deserialize)]
pub(crate) struct SocketQuery {
    epoch: Option<String>,
    since: Option<String>,
    last: Option<String>,
    /// What shows who opens it, without a cookie.
    pub(crate) token: Option<String>,
    /// The build of the client's page. Scripts do not name one.
    pub(crate) build: Option<String>,
    /// Whom the client's page shows.
    pub(crate) user: Option<String>,
}

/// What a socket is for.
pub(crate) enum SocketPurpose {
    Board {
        project: ProjectId,
        resume: Option<Resume>,
    },
    Bell,
    /// Nothing that there is: closed with this.
    Nothing(Closing),
    /// Whatever it is for: its page is of another build.
    Outdated,
}

impl SocketPurpose {
    /// The board that a path names, from where the query says.
    pub(crate) fn board(project: &str, query: &SocketQuery) -> Self {
        match (project.parse(), resume(query)) {
            (Ok(project), Ok(resume)) => Self::Board { project, resume },
            (Err(_), _) => Self::Nothing(NO_ACCESS),
            (_, Err(closing)) => Self::Nothing(closing),
        }
    }

    /// Nothing: the query names a user, and that is no id.
    pub(crate) fn of_nobody() -> Self {
        Self::Nothing(BAD_USER)
    }
}

impl Realtime {
    /// Whether a page of another build asks, which may not understand what is said here.
    pub(crate) fn outdates(&self, build: Option<&str>) -> bool {
        build.is_some() && self.shared().build.as_deref().is_some_and(|own| Some(own) != build)
    }

    /// The answer that opens a socket; `None` where there are too many.
    pub(crate) fn open(
        &self,
        upgrade: Upgrade,
        secret: Secret,
        purpose: SocketPurpose,
        asker: Asker,
    ) -> Option<Response> {
        let slot = SocketPlace::take(self.shared(), asker.address, &asker.who)?;
        let realtime = self.clone();
        Some(upgrade.then(move |opened| run(opened, realtime, secret, slot, purpose, asker)))
    }
}

async fn run(
    opened: Opened,
    realtime: Realtime,
    secret: Secret,
    mut slot: SocketPlace,
    purpose: SocketPurpose,
    asker: Asker,
) {
    let shared = Arc::clone(realtime.shared());
    let Opened { ws, read, wire } = opened;
    let mut line = OpenSocket::new(ws, &read, realtime.hub().open(wire), Arc::clone(&shared));
    drop(read);
    // Boxed, as the farewell is: a socket spends its life between the two.
    let ended = match Box::pin(arrive(&mut line, &realtime, &secret, purpose, asker, &mut slot)).await {
        Ok(stay) => {
            drop((realtime, secret));
            stay.until_the_end(&mut line).await
        }
        Err(ended) => ended,
    };
    if let Ended::Close(closing) = ended {
        shared.counters.close(closing.code);
        Box::pin(line.close(closing)).await;
    }
    drop(slot);
}

/// How a socket ended.
enum Ended {
    Close(Closing),
    Gone,
}

/// What a socket has while it is open.
struct Stay {
    at: At,
    _place: Ticket<UserId>,
}

/// Where a socket listens.
enum At {
    Board(RoomSubscription),
    Bell(ChannelSubscription),
}

const NO_ACCESS: Closing = Closing { code: close::NO_ACCESS, reason: "no access to this project" };
const BAD_USER: Closing = Closing { code: close::BAD_FRAME, reason: "user is a user id" };

impl Stay {
    /// What a socket does for the rest of its life.
    async fn until_the_end(&self, line: &mut OpenSocket) -> Ended {
        loop {
            match line.next().await {
                SocketInput::Frame(frame) => hear(line.entry(), &self.at, frame).await,
                SocketInput::Close(closing) => return Ended::Close(closing),
                SocketInput::Gone => return Ended::Gone,
            }
        }
    }
}

async fn hear(entry: &SocketEntry, at: &At, frame: ClientFrame) {
    match (frame, at) {
        (ClientFrame::Presence { task_id, mode }, At::Board(seat)) => seat.turn(PresenceState { task_id, mode }),
        // Within this socket's own task: whoever reads much waits for it, and nobody else.
        (ClientFrame::MarkRead { notification_id }, At::Bell(seat)) => {
            if let Ok(id) = notification_id.parse() {
                Box::pin(seat.mark_read(id)).await;
            }
        }
        (ClientFrame::Subscribe { scope, epoch, since }, at) => match (at, scope::task(&scope)) {
            (At::Board(seat), Some(task)) => seat.subscribe(task, ThreadCursor { epoch, since }),
            (At::Bell(seat), None) if scope == OVERSIGHT => seat.oversee(true, &entry.outbox),
            _ => entry.outbox.push_lossy(frame::denied(scope)),
        },
        (ClientFrame::Unsubscribe { scope }, At::Board(seat)) => {
            if let Some(task) = scope::task(&scope) {
                seat.unsubscribe(task);
            }
        }
        (ClientFrame::Unsubscribe { scope }, At::Bell(seat)) if scope == OVERSIGHT => {
            seat.oversee(false, &entry.outbox);
        }
        // What means nothing here, and what the line has answered.
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
