//! Inputs and effects of a room: all of its contact with the outside, as values.

use super::{Page, Sequenced};
use crate::{Epoch, EventId, UserId, wire::ResyncReason};

/// A socket of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(u64);

impl SocketId {
    /// The `number`th socket.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The place in a log at which the database was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// Its last event then.
    pub seq: u64,
}

/// The cursor that a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The epoch of the log. Without it the cursor is trusted.
    pub epoch: Option<Epoch>,
    /// The last event that the client has.
    pub since: u64,
    /// The id of that event, where the client knows it.
    pub last: Option<EventId>,
}

/// A request of a socket to enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// The socket.
    pub socket: SocketId,
    /// Its user.
    pub user: UserId,
    /// The log's place when the user's access was checked.
    pub checked: LogPlace,
    /// The client's cursor; `None` to start at the end of the log.
    pub resume: Option<Resume>,
    /// Whether a cursor that is not in the log may rotate the epoch. A client can forge a cursor, and a new epoch makes
    /// every client fetch the board, so the caller limits how often each user may.
    pub may_rotate: bool,
}

/// Why a socket may not enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinRefusal {
    /// This project doesn't exist.
    Gone,
    /// This user may have lost access after it was checked: check again.
    AccessChanged,
    /// The log cannot be read now.
    Unavailable,
}

/// The log could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log cannot be read")]
pub struct Unavailable;

/// The end of a log and its readers, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The log's end.
    pub place: LogPlace,
    /// The id of the log's last event, where the log has it.
    pub last: Option<EventId>,
    /// The users who may read it.
    pub readers: Vec<UserId>,
}

/// Inputs of a room.
#[derive(Clone, Debug)]
pub enum RoomInput<E> {
    /// Time has passed: [`wake_at`](super::Room::wake_at) may have been reached.
    Tick,
    /// Events arrived, from a writer of this process or from the bus.
    Offer {
        /// The epoch of the log.
        epoch: Epoch,
        /// In order, without a gap.
        events: Vec<E>,
    },
    /// The reported end of the log; `None`: the project is gone.
    LogEnd(Option<LogPlace>),
    /// The database was asked for the end of the log.
    Compared {
        /// The room's position when it was asked.
        asked_at: Option<LogPlace>,
        /// The answer.
        top: LogPlace,
        /// The id of the log's last event, where the log has it.
        last: Option<EventId>,
    },
    /// A socket asks to enter. It is answered by [`RoomEffect::Enter`] or [`RoomEffect::Refuse`].
    Join(Join),
    /// A socket is gone.
    Leave(SocketId),
    /// An [`RoomEffect::Locate`] was answered; `None`: the project is gone.
    Located(Result<Option<Located>, Unavailable>),
    /// An [`RoomEffect::Read`] was answered; `None`: the project is gone.
    Page(Result<Option<Page<E>>, Unavailable>),
}

/// Effects of a room, to be carried out in order before the next input. Each `Locate`, `RotateEpoch` and `Read` is
/// answered by exactly one input, even if it fails; one is under way at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum RoomEffect<E: Sequenced> {
    /// Queue these for every member.
    Deliver(Vec<E>),
    /// Tell every member to fetch the board.
    Resync(ResyncReason, LogPlace),
    /// This socket is a member from now on. The welcome is its first frame.
    Enter(SocketId, Welcome<E>),
    /// This socket may not enter.
    Refuse(SocketId, JoinRefusal),
    /// The users of these sockets lost access: close them after the frames already queued.
    Expel(Vec<SocketId>),
    /// Number of events that arrived a second time, for the metrics.
    Duplicates(u64),
    /// Announced events are not in the log. The room stops waiting for them.
    Phantoms,
    /// Read the end of the log and who may read it.
    Locate,
    /// The log went back in time: change its epoch, unless that is another by now, then answer as for
    /// [`RoomEffect::Locate`]. Until then two logs share a name.
    RotateEpoch {
        /// The epoch that both have.
        epoch: Epoch,
        /// The user whose cursor shows it, if it is not the room's own position.
        claimed_by: Option<UserId>,
    },
    /// Read the first events after `since`.
    Read {
        /// The last seq that is known.
        since: u64,
        /// Whether the room has a gap, rather than a returning socket.
        gap: bool,
    },
}

/// The first frame of a member.
#[derive(Clone, Debug, PartialEq)]
pub enum Welcome<E> {
    /// `sync`, with the missed events.
    Sync {
        /// The epoch of the log.
        epoch: Epoch,
        /// The seq that the client had.
        since: u64,
        /// The events after it.
        events: Vec<E>,
    },
    /// `resync`: the client has to fetch the board.
    Resync(ResyncReason, LogPlace),
}
