//! The two socket endpoints: who asks, what for, and what they say then.

mod arrival;
mod caller;
mod place;
mod upgrade;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use engine::{
    Epoch, EventId, ProjectId, UserId,
    room::Resume,
    wire::{ClientFrame, OVERSIGHT, close},
};
use serde::Deserialize;

use super::{
    Realtime,
    bell::BellSeat,
    frame,
    hub::{Entry, Seat},
    line::{Line, Said},
    outbox::Closing,
    presence::Doing,
    scope::{self, Ask},
};
use crate::{
    quota::{self, Ticket},
    secret::Secret,
    service::Stop,
    state::AppState,
};
use arrival::arrive;
use caller::{Asker, Caller, Who, who};
use place::SocketPlace;
use upgrade::{Opened, Upgrade};

/// The socket endpoints.
pub fn router() -> Router<AppState> {
    Router::new().route("/ws/projects/{project_id}", get(project)).route("/ws/notifications", get(notifications))
}

/// What may stand behind the `?`. Read as text, so that nonsense gets a close code that a browser can see.
#[derive(Default, Deserialize)]
struct Asked {
    epoch: Option<String>,
    since: Option<String>,
    last: Option<String>,
    token: Option<String>,
    build: Option<String>,
    /// Whom the client's page shows.
    user: Option<String>,
}

/// What a socket is for.
enum Purpose {
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

async fn project(
    State(state): State<AppState>,
    Path(project): Path<String>,
    Query(asked): Query<Asked>,
    caller: Caller,
    upgrade: Upgrade,
) -> Response {
    let purpose = match (project.parse(), resume(&asked)) {
        (Ok(project), Ok(resume)) => Purpose::Board { project, resume },
        (Err(_), _) => Purpose::Nothing(NO_ACCESS),
        (_, Err(closing)) => Purpose::Nothing(closing),
    };
    open(state, purpose, asked, caller, upgrade).await
}

async fn notifications(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
    caller: Caller,
    upgrade: Upgrade,
) -> Response {
    open(state, Purpose::Bell, asked, caller, upgrade).await
}

async fn open(
    state: AppState,
    purpose: Purpose,
    asked: Asked,
    Caller { address, headers }: Caller,
    upgrade: Upgrade,
) -> Response {
    let Asked { token, build, user, .. } = asked;
    let (purpose, named) = match user.as_deref().map(str::parse::<UserId>).transpose() {
        Ok(named) => (purpose, named),
        Err(_) => (Purpose::Nothing(BAD_USER), None),
    };
    // A page of another build may not understand what is said here. Scripts do not name one.
    let page = build.is_some();
    let outdated =
        build.is_some() && state.realtime.shared().build.as_ref().is_some_and(|own| Some(own) != build.as_ref());
    let purpose = if outdated { Purpose::Outdated } else { purpose };
    let who = if outdated { Who::Unsaid } else { who(&state, token, &headers, page).await };
    let address = quota::household(address);
    let Some(slot) = SocketPlace::take(state.realtime.shared(), address, &who) else {
        return Stop::TooMany(CROWDED).into_response();
    };
    let asker = Asker { who, named, address };
    let AppState { realtime, secret, .. } = state;
    upgrade.then(move |opened| run(opened, realtime, secret, slot, purpose, asker))
}

async fn run(
    opened: Opened,
    realtime: Realtime,
    secret: Secret,
    mut slot: SocketPlace,
    purpose: Purpose,
    asker: Asker,
) {
    let shared = Arc::clone(realtime.shared());
    let Opened { ws, read, wire } = opened;
    let mut line = Line::new(ws, &read, realtime.hub().open(wire), Arc::clone(&shared));
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
    Board(Seat),
    Bell(BellSeat),
}

const NO_ACCESS: Closing = Closing { code: close::NO_ACCESS, reason: "no access to this project" };
const BAD_USER: Closing = Closing { code: close::BAD_FRAME, reason: "user is a user id" };
/// When an address that has too many sockets may try again.
const CROWDED: Duration = Duration::from_secs(10);

impl Stay {
    /// What a socket does for the rest of its life.
    async fn until_the_end(&self, line: &mut Line) -> Ended {
        loop {
            match line.next().await {
                Said::Frame(frame) => hear(line.entry(), &self.at, frame).await,
                Said::Close(closing) => return Ended::Close(closing),
                Said::Gone => return Ended::Gone,
            }
        }
    }
}

async fn hear(entry: &Entry, at: &At, frame: ClientFrame) {
    match (frame, at) {
        (ClientFrame::Presence { task_id, mode }, At::Board(seat)) => seat.turn(Doing { task_id, mode }),
        // Within this socket's own task: whoever reads much waits for it, and nobody else.
        (ClientFrame::MarkRead { notification_id }, At::Bell(seat)) => {
            if let Ok(id) = notification_id.parse() {
                Box::pin(seat.mark_read(id)).await;
            }
        }
        (ClientFrame::Subscribe { scope, epoch, since }, at) => match (at, scope::task(&scope)) {
            (At::Board(seat), Some(task)) => seat.subscribe(task, Ask { epoch, since }),
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

fn resume(asked: &Asked) -> Result<Option<Resume>, Closing> {
    let bad = || Closing { code: close::BAD_FRAME, reason: "since is a number, epoch and last are ids" };
    let epoch: Option<Epoch> = asked.epoch.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    let since: Option<u64> = asked.since.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    let last: Option<EventId> = asked.last.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    Ok(since.map(|since| Resume { epoch, since, last }))
}
