//! The two socket endpoints: who asks, what for, and what they say then.

use std::sync::Arc;

use axum::{
    Router,
    extract::{
        Path, Query, State,
        ws::{WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::Response,
    routing::get,
};
use engine::{
    Epoch, ProjectId,
    limit::FRAME_BYTES,
    room::{Refused, Resume},
    wire::{ClientFrame, close},
};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::{
    Counters, Realtime, frame,
    hub::Seat,
    line::{Line, Said},
    outbox::Closing,
    presence::Doing,
    room::Member,
    token::{self, Person},
};
use crate::{http::session, secret::Secret, security, state::AppState};

/// Bytes that a socket's read buffer begins with. The library's own 128 KiB would be most of a
/// socket's memory.
const READ_BUFFER: usize = 4096;
/// Bytes of queued frames that are joined into one write.
const WRITE_BUFFER: usize = 8 * 1024;
/// Bytes that may wait in the library: more than the largest event.
const MAX_WRITE_BUFFER: usize = 1024 * 1024;

/// The socket endpoints.
pub fn router() -> Router<AppState> {
    Router::new().route("/ws/projects/{project_id}", get(project)).route("/ws/notifications", get(notifications))
}

/// What may stand behind the `?`. Read as text, so that nonsense gets a close code that a browser can see.
#[derive(Default, Deserialize)]
struct Asked {
    epoch: Option<String>,
    since: Option<String>,
    token: Option<String>,
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
}

/// Who opened a socket.
enum Who {
    Known(Person),
    /// What they showed is not good (any more).
    Nobody,
    /// They have shown nothing yet.
    Unsaid,
    /// The database does not answer.
    Unclear,
}

async fn project(
    State(state): State<AppState>,
    Path(project): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let purpose = match (project.parse(), resume(&asked)) {
        (Ok(project), Ok(resume)) => Purpose::Board { project, resume },
        (Err(_), _) => Purpose::Nothing(NO_ACCESS),
        (_, Err(closing)) => Purpose::Nothing(closing),
    };
    open(state, purpose, asked.token, &headers, upgrade).await
}

async fn notifications(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    open(state, Purpose::Bell, asked.token, &headers, upgrade).await
}

async fn open(
    state: AppState,
    purpose: Purpose,
    token: Option<String>,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let who = who(&state, token, headers).await;
    let AppState { realtime, secret, config, .. } = state;
    let limit = config.frame_limit;
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(FRAME_BYTES)
        .max_frame_size(FRAME_BYTES)
        .on_upgrade(move |ws| {
            // A task of its own: the one that upgraded is larger than all that is needed from here on.
            tokio::spawn(run(ws, realtime, secret, limit, purpose, who));
            std::future::ready(())
        })
}

async fn run(ws: WebSocket, realtime: Realtime, secret: Secret, limit: u32, purpose: Purpose, who: Who) {
    let mut line = Line::new(ws, realtime.hub().open(), Arc::clone(realtime.shared()), limit);
    // Boxed, as the farewell is: a socket spends its life between the two.
    let ended = match Box::pin(arrive(&mut line, &realtime, &secret, purpose, who)).await {
        Ok(seat) => {
            drop((realtime, secret));
            stay(&mut line, seat).await
        }
        Err(ended) => ended,
    };
    if let Ended::Close(closing) = ended {
        Box::pin(line.close(closing)).await;
    }
}

/// How a socket ended.
enum Ended {
    Close(Closing),
    Gone,
}

/// Finds out who it is and lets them in. A bell has no seat.
async fn arrive(
    line: &mut Line,
    realtime: &Realtime,
    secret: &Secret,
    purpose: Purpose,
    who: Who,
) -> Result<Option<Seat>, Ended> {
    let person = match who {
        Who::Known(person) => person,
        Who::Unsaid => introduce(line, realtime, secret).await?,
        Who::Nobody => return Err(denied(realtime, SIGN_IN)),
        Who::Unclear => return Err(unavailable(line).await),
    };
    match purpose {
        Purpose::Bell => {
            line.entry().outbox.push_lossy(frame::NO_NOTIFICATIONS);
            Ok(None)
        }
        Purpose::Board { project, resume } => sit(line, realtime, project, person, resume).await.map(Some),
        Purpose::Nothing(closing) => Err(denied(realtime, closing)),
    }
}

/// Waits for the `auth` frame.
async fn introduce(line: &mut Line, realtime: &Realtime, secret: &Secret) -> Result<Person, Ended> {
    match timeout(realtime.shared().timing.auth, line.next()).await {
        Ok(Said::Frame(ClientFrame::Auth { token })) => {
            token::verify(secret, &token).ok_or_else(|| denied(realtime, SIGN_IN))
        }
        Ok(Said::Frame(_)) | Err(_) => Err(denied(realtime, SIGN_IN)),
        Ok(Said::Close(closing)) => Err(Ended::Close(closing)),
        Ok(Said::Gone) => Err(Ended::Gone),
    }
}

/// Takes a seat, then asks for access: the room knows what came between, or asks to check again.
async fn sit(
    line: &mut Line,
    realtime: &Realtime,
    project: ProjectId,
    person: Person,
    resume: Option<Resume>,
) -> Result<Seat, Ended> {
    let log = &realtime.shared().log;
    let seat = realtime.hub().seat(project, line.entry().id);
    let member = Member { user: person.id, name: person.name, outbox: Arc::clone(&line.entry().outbox) };
    loop {
        let checked = match log.access(project, person.id).await {
            Ok(Some(checked)) => checked,
            Ok(None) => return Err(denied(realtime, NO_ACCESS)),
            Err(_) => return Err(unavailable(line).await),
        };
        match seat.admit(member.clone(), checked, resume).await {
            Ok(()) => return Ok(seat),
            Err(Refused::Gone) => return Err(denied(realtime, NO_ACCESS)),
            Err(Refused::Unavailable) => return Err(unavailable(line).await),
            Err(Refused::AccessChanged) => {}
        }
    }
}

/// What a socket does for the rest of its life.
async fn stay(line: &mut Line, seat: Option<Seat>) -> Ended {
    loop {
        match line.next().await {
            Said::Frame(frame) => hear(line, seat.as_ref(), frame),
            Said::Close(closing) => return Ended::Close(closing),
            Said::Gone => return Ended::Gone,
        }
    }
}

fn hear(line: &Line, seat: Option<&Seat>, frame: ClientFrame) {
    match frame {
        ClientFrame::Presence { task_id, mode } => {
            if let Some(seat) = seat {
                seat.turn(Doing { task_id, mode });
            }
        }
        // There is nothing narrower than a project to hear of.
        ClientFrame::Subscribe { scope } => {
            line.entry().outbox.push_lossy(json!({ "type": "denied", "scope": scope }).to_string().into());
        }
        ClientFrame::Unsubscribe { .. }
        | ClientFrame::MarkRead { .. }
        | ClientFrame::Auth { .. }
        | ClientFrame::Ping
        | ClientFrame::Pong => {}
    }
}

const SIGN_IN: Closing = Closing { code: close::SIGN_IN, reason: "not signed in" };
const NO_ACCESS: Closing = Closing { code: close::NO_ACCESS, reason: "no access to this project" };

fn denied(realtime: &Realtime, closing: Closing) -> Ended {
    Counters::add(&realtime.shared().counters.closed_denied, 1);
    Ended::Close(closing)
}

/// The database does not answer: come back later, as after a stop of the server.
async fn unavailable(line: &mut Line) -> Ended {
    let reason = "the database does not answer";
    let outbox = &line.entry().outbox;
    outbox.push_lossy(frame::bye(close::GOING_AWAY, reason, rand::random_range(1000..5000)));
    outbox.close(close::GOING_AWAY, reason);
    loop {
        match line.next().await {
            Said::Frame(_) => {}
            Said::Close(closing) => return Ended::Close(closing),
            Said::Gone => return Ended::Gone,
        }
    }
}

/// The session cookie counts only from an allowed origin: a page of somebody else's could open a
/// socket with it, and unlike a fetch it could read what comes.
async fn who(state: &AppState, token: Option<String>, headers: &HeaderMap) -> Who {
    let mut shown = false;
    if security::origin_allowed(&state.config, headers) {
        match session::user_from_headers(state, headers).await {
            Ok(Some(user)) => return Who::Known(Person { id: user.id, name: user.name }),
            Ok(None) => shown = shows_session(headers),
            Err(error) => {
                tracing::warn!(%error, "a socket's session cannot be read");
                return Who::Unclear;
            }
        }
    }
    match token {
        Some(token) => token::verify(&state.secret, &token).map_or(Who::Nobody, Who::Known),
        // A browser whose session ended learns it at once.
        None if shown => Who::Nobody,
        None => Who::Unsaid,
    }
}

fn shows_session(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|cookies| cookies.contains("lockstep_session="))
}

fn resume(asked: &Asked) -> Result<Option<Resume>, Closing> {
    let bad = || Closing { code: close::BAD_FRAME, reason: "since is a number, and epoch an id" };
    let epoch: Option<Epoch> = asked.epoch.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    let since: Option<u64> = asked.since.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    Ok(since.map(|since| Resume { epoch, since }))
}
