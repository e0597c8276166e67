//! Authenticates an open socket, and joins it to its room or channel.

use std::{sync::Arc, time::Duration};

use engine::{
    ProjectId,
    room::{JoinRefusal, LogPlace, Resume},
    wire::{ClientFrame, close},
};
use tokio::time::timeout;

use super::{
    Closing, Ended, JoinedSocket, NO_ACCESS, SocketPurpose, SocketSlot, SocketTarget,
    opener::{OpenerIdentity, SocketOpener},
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
const ADDRESS_LIMIT: Closing = Closing { code: close::TOO_MANY_SOCKETS, reason: "too many sockets of one address" };
const USER_LIMIT: Closing = Closing { code: close::TOO_MANY_SOCKETS, reason: "too many sockets of one user" };

/// Authenticates the user, and joins the socket to its board or notification channel.
pub(super) async fn join(
    socket: &mut OpenSocket,
    realtime: &Realtime,
    secret: &Secret,
    purpose: SocketPurpose,
    SocketOpener { identity, page_user, address }: SocketOpener,
    slot: &mut SocketSlot,
) -> Result<JoinedSocket, Ended> {
    let counters = &realtime.shared().counters;
    if matches!(purpose, SocketPurpose::Outdated) {
        Counters::add(&counters.closed_outdated, 1);
        return Err(Ended::Close(OUTDATED));
    }
    let person = match identity {
        OpenerIdentity::Known(person) => person,
        OpenerIdentity::Pending => {
            let person = authenticate(socket, realtime, secret, slot.auth_timeout(realtime.shared())).await?;
            let identity = OpenerIdentity::Known(person.clone());
            *slot = SocketSlot::take(realtime.shared(), address, &identity).ok_or(Ended::Close(ADDRESS_LIMIT))?;
            person
        }
        OpenerIdentity::Invalid => return Err(denied(realtime, SIGN_IN)),
        OpenerIdentity::Unavailable => return Err(unavailable(socket).await),
    };
    if page_user.is_some_and(|page_user| page_user != person.id) {
        return Err(denied(realtime, OTHER_USER));
    }
    let Some(user_slot) = realtime.shared().users.take(person.id) else {
        Counters::add(&counters.closed_crowded, 1);
        return Err(Ended::Close(USER_LIMIT));
    };
    let target = match purpose {
        SocketPurpose::Bell => {
            check_access(socket, realtime, Listening { user: person.id, session: person.session, project: None })
                .await?;
            let subscription = realtime.hub().bells().subscribe(person.id, socket.entry().id);
            if subscription.admit(&socket.entry().outbox).await.is_err() {
                return Err(unavailable(socket).await);
            }
            SocketTarget::Bell(subscription)
        }
        SocketPurpose::Board { project, resume } => {
            SocketTarget::Board(join_room(socket, realtime, project, person, resume).await?)
        }
        SocketPurpose::Nothing(closing) => return Err(denied(realtime, closing)),
        SocketPurpose::Outdated => return Err(Ended::Close(OUTDATED)),
    };
    Ok(JoinedSocket { target, _user_slot: user_slot })
}

/// Registers the subscription, then checks access: the check sees what ended before, and revocations from now on close
/// the socket. Returns the end of a board's log.
async fn check_access(
    socket: &mut OpenSocket,
    realtime: &Realtime,
    listening: Listening,
) -> Result<Option<LogPlace>, Ended> {
    socket.entry().belongs_to(listening);
    match realtime.shared().log.access(&[listening]).await.as_deref() {
        Ok([Access::Granted(place)]) => Ok(*place),
        Ok([Access::NoAccess]) => Err(denied(realtime, NO_ACCESS)),
        Ok([Access::SignedOut]) => Err(denied(realtime, SIGN_IN)),
        Ok(_) | Err(_) => Err(unavailable(socket).await),
    }
}

/// Waits for the `auth` frame.
async fn authenticate(
    socket: &mut OpenSocket,
    realtime: &Realtime,
    secret: &Secret,
    auth_timeout: Duration,
) -> Result<TokenUser, Ended> {
    match timeout(auth_timeout, socket.next()).await {
        Ok(SocketInput::Frame(ClientFrame::Auth { token })) => {
            token::verify(secret, &token).ok_or_else(|| denied(realtime, SIGN_IN))
        }
        Ok(SocketInput::Frame(_)) | Err(_) => Err(denied(realtime, SIGN_IN)),
        Ok(SocketInput::Close(closing)) => Err(Ended::Close(closing)),
        Ok(SocketInput::Gone) => Err(Ended::Gone),
    }
}

/// Subscribes to the room, then checks access: the room knows what changed in between, or asks for another check.
async fn join_room(
    socket: &mut OpenSocket,
    realtime: &Realtime,
    project: ProjectId,
    person: TokenUser,
    resume: Option<Resume>,
) -> Result<RoomSubscription, Ended> {
    let listening = Listening { user: person.id, session: person.session, project: Some(project) };
    let subscription = realtime.hub().subscribe(project, socket.entry().id);
    let member = RoomMember { user: person.id, name: person.name, outbox: Arc::clone(&socket.entry().outbox) };
    loop {
        let Some(checked) = check_access(socket, realtime, listening).await? else {
            return Err(denied(realtime, NO_ACCESS));
        };
        match subscription.admit(member.clone(), checked, resume).await {
            Ok(()) => return Ok(subscription),
            Err(JoinRefusal::Gone) => return Err(denied(realtime, NO_ACCESS)),
            Err(JoinRefusal::Unavailable) => return Err(unavailable(socket).await),
            Err(JoinRefusal::AccessChanged) => {}
        }
    }
}

fn denied(realtime: &Realtime, closing: Closing) -> Ended {
    Counters::add(&realtime.shared().counters.closed_denied, 1);
    Ended::Close(closing)
}

/// Tells a client to reconnect later because the database does not answer, as after a server stop.
async fn unavailable(socket: &mut OpenSocket) -> Ended {
    let reason = "the database does not answer";
    let outbox = &socket.entry().outbox;
    outbox.push_lossy(frame::bye(close::GOING_AWAY, reason, rand::random_range(1000..5000)));
    outbox.close(close::GOING_AWAY, reason);
    loop {
        match socket.next().await {
            SocketInput::Frame(_) => {}
            SocketInput::Close(closing) => return Ended::Close(closing),
            SocketInput::Gone => return Ended::Gone,
        }
    }
}
