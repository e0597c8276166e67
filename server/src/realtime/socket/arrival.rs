//! From an open socket to a member of a room: who it is, and whether they may.

use std::{sync::Arc, time::Duration};

use engine::{
    ProjectId,
    room::{JoinRefusal, LogPlace, Resume},
    wire::{ClientFrame, close},
};
use tokio::time::timeout;

use super::{
    At, Closing, Ended, NO_ACCESS, SocketPlace, SocketPurpose, Stay,
    asker::{Asker, Who},
};
use crate::{
    realtime::{
        Counters, Realtime,
        connection::{OpenSocket, SocketInput},
        frame,
        hub::RoomSubscription,
        log::{Access, Listening},
        room::RoomMember,
        token::{self, TokenUser},
    },
    secret::Secret,
};

const SIGN_IN: Closing = Closing { code: close::SIGN_IN, reason: "not signed in" };
const OTHER_USER: Closing = Closing { code: close::OTHER_USER, reason: "signed in as another user" };
const OUTDATED: Closing = Closing { code: close::CLIENT_TOO_OLD, reason: "this page is of another version" };
const CROWDED_ADDRESS: Closing = Closing { code: close::TOO_MANY_SOCKETS, reason: "too many sockets of one address" };
const TOO_MANY: Closing = Closing { code: close::TOO_MANY_SOCKETS, reason: "too many sockets of one user" };

/// Finds out who it is and lets them in.
pub(super) async fn arrive(
    line: &mut OpenSocket,
    realtime: &Realtime,
    secret: &Secret,
    purpose: SocketPurpose,
    Asker { who, named, address }: Asker,
    slot: &mut SocketPlace,
) -> Result<Stay, Ended> {
    let counters = &realtime.shared().counters;
    if matches!(purpose, SocketPurpose::Outdated) {
        Counters::add(&counters.closed_outdated, 1);
        return Err(Ended::Close(OUTDATED));
    }
    let person = match who {
        Who::Known(person) => person,
        Who::Unsaid => {
            let person = introduce(line, realtime, secret, slot.patience(realtime.shared())).await?;
            let who = Who::Known(person.clone());
            *slot = SocketPlace::take(realtime.shared(), address, &who).ok_or(Ended::Close(CROWDED_ADDRESS))?;
            person
        }
        Who::Nobody => return Err(denied(realtime, SIGN_IN)),
        Who::Unclear => return Err(unavailable(line).await),
    };
    if named.is_some_and(|named| named != person.id) {
        return Err(denied(realtime, OTHER_USER));
    }
    let Some(place) = realtime.shared().users.take(person.id) else {
        Counters::add(&counters.closed_crowded, 1);
        return Err(Ended::Close(TOO_MANY));
    };
    let at = match purpose {
        SocketPurpose::Bell => {
            listen(line, realtime, Listening { user: person.id, session: person.session, project: None }).await?;
            let seat = realtime.hub().bells().seat(person.id, line.entry().id);
            if seat.admit(&line.entry().outbox).await.is_err() {
                return Err(unavailable(line).await);
            }
            At::Bell(seat)
        }
        SocketPurpose::Board { project, resume } => At::Board(sit(line, realtime, project, person, resume).await?),
        SocketPurpose::Nothing(closing) => return Err(denied(realtime, closing)),
        SocketPurpose::Outdated => return Err(Ended::Close(OUTDATED)),
    };
    Ok(Stay { at, _place: place })
}

/// Says whose socket it is, then asks for access: what ended before is seen here, and what ends from
/// now on closes it. Says where the log of a board ends.
async fn listen(line: &mut OpenSocket, realtime: &Realtime, listening: Listening) -> Result<Option<LogPlace>, Ended> {
    line.entry().belongs_to(listening);
    match realtime.shared().log.access(&[listening]).await.as_deref() {
        Ok([Access::Granted(place)]) => Ok(*place),
        Ok([Access::NoAccess]) => Err(denied(realtime, NO_ACCESS)),
        Ok([Access::SignedOut]) => Err(denied(realtime, SIGN_IN)),
        Ok(_) | Err(_) => Err(unavailable(line).await),
    }
}

/// Waits for the `auth` frame.
async fn introduce(
    line: &mut OpenSocket,
    realtime: &Realtime,
    secret: &Secret,
    patience: Duration,
) -> Result<TokenUser, Ended> {
    match timeout(patience, line.next()).await {
        Ok(SocketInput::Frame(ClientFrame::Auth { token })) => {
            token::verify(secret, &token).ok_or_else(|| denied(realtime, SIGN_IN))
        }
        Ok(SocketInput::Frame(_)) | Err(_) => Err(denied(realtime, SIGN_IN)),
        Ok(SocketInput::Close(closing)) => Err(Ended::Close(closing)),
        Ok(SocketInput::Gone) => Err(Ended::Gone),
    }
}

/// Takes a seat, then asks for access: the room knows what came between, or asks to check again.
async fn sit(
    line: &mut OpenSocket,
    realtime: &Realtime,
    project: ProjectId,
    person: TokenUser,
    resume: Option<Resume>,
) -> Result<RoomSubscription, Ended> {
    let listening = Listening { user: person.id, session: person.session, project: Some(project) };
    let seat = realtime.hub().seat(project, line.entry().id);
    let member = RoomMember { user: person.id, name: person.name, outbox: Arc::clone(&line.entry().outbox) };
    loop {
        let Some(checked) = listen(line, realtime, listening).await? else {
            return Err(denied(realtime, NO_ACCESS));
        };
        match seat.admit(member.clone(), checked, resume).await {
            Ok(()) => return Ok(seat),
            Err(JoinRefusal::Gone) => return Err(denied(realtime, NO_ACCESS)),
            Err(JoinRefusal::Unavailable) => return Err(unavailable(line).await),
            Err(JoinRefusal::AccessChanged) => {}
        }
    }
}

fn denied(realtime: &Realtime, closing: Closing) -> Ended {
    Counters::add(&realtime.shared().counters.closed_denied, 1);
    Ended::Close(closing)
}

/// The database does not answer: come back later, as after a stop of the server.
async fn unavailable(line: &mut OpenSocket) -> Ended {
    let reason = "the database does not answer";
    let outbox = &line.entry().outbox;
    outbox.push_lossy(frame::bye(close::GOING_AWAY, reason, rand::random_range(1000..5000)));
    outbox.close(close::GOING_AWAY, reason);
    loop {
        match line.next().await {
            SocketInput::Frame(_) => {}
            SocketInput::Close(closing) => return Ended::Close(closing),
            SocketInput::Gone => return Ended::Gone,
        }
    }
}
